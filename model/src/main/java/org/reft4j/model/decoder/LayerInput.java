package org.reft4j.model.decoder;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Input of a layer besides the hidden states: shape, attention masks, rotary angles and cache. All layers of one forward pass share it.
 * Belongs to the scope that it was made in.
 *
 * @param batch rows
 * @param tokens columns
 * @param attention mask and angles of each attention type that layers have
 * @param cache keys and values of earlier tokens, or {@code null} where the rows begin here
 * @param recording whether gradients are recorded: nothing may be written over then
 */
record LayerInput(
        long batch,
        int tokens,
        Map<AttentionType, AttentionInput> attention,
        @Nullable KvCache cache,
        boolean recording) {

    /**
     * Mask and rotary angles of an attention type.
     *
     * @param angles of the tokens, or {@code null} without a rotary embedding
     */
    record AttentionInput(Rope.@Nullable Angles angles, AttentionMask mask) {}

    /**
     * Input of the layers of a forward pass.
     *
     * @param masks the mask for each window
     */
    static LayerInput of(
            long batch,
            Positions positions,
            List<AttentionType> types,
            IntFunction<AttentionMask> masks,
            @Nullable KvCache cache,
            boolean recording) {
        Map<AttentionType, AttentionInput> attention = new HashMap<>();
        for (AttentionType type : types) {
            attention.computeIfAbsent(
                    type,
                    _ -> new AttentionInput(
                            type.rope() == null ? null : type.rope().at(positions), masks.apply(type.window())));
        }
        return new LayerInput(batch, positions.tokens(), attention, cache, recording);
    }

    AttentionInput attention(AttentionType type) {
        return Objects.requireNonNull(attention.get(type), "a layer's attention type is not among the decoder's");
    }

    /** The same input, with or without a record of gradients. */
    LayerInput recorded(boolean now) {
        return new LayerInput(batch, tokens, attention, cache, now);
    }

    /** Adds to the residual stream; in place unless gradients are recorded. */
    Tensor add(Tensor stream, Tensor addend) {
        return recording ? stream.add(addend) : stream.add_(addend);
    }
}
