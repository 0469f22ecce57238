package org.reft4j.model.decoder.layers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.Place;

/**
 * Input of a layer besides the hidden states: positions, attention masks, rotary angles and cache. All layers of one forward pass share
 * it. Belongs to the scope that it was made in.
 *
 * @param place of the model
 * @param batch rows
 * @param attention mask and angles of each attention type that layers have
 * @param cache keys and values of earlier tokens, or {@code null} where the rows begin here
 * @param recording whether gradients are recorded: nothing may be written over then
 */
public record LayerInput(
        Place place,
        long batch,
        Positions positions,
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
     * Input for rows without a past, right padded or full.
     *
     * @param tokens int64 [B, T]
     * @param types attention types of the layers
     */
    public static LayerInput whole(Place place, Tensor tokens, List<AttentionType> types) {
        int length = length(tokens);
        return beginning(
                place,
                tokens,
                Positions.range(0, length),
                types,
                window -> AttentionMask.causal(place, length, window));
    }

    /**
     * Input for rows without a past, left padded.
     *
     * @param attention int64 [B, T], 1 where a token counts
     */
    public static LayerInput padded(Place place, Tensor tokens, Tensor attention, List<AttentionType> types) {
        return beginning(
                place,
                tokens,
                Positions.padded(attention),
                types,
                window -> AttentionMask.padded(place, attention, window));
    }

    /** Input for lines that hold several completions of one prompt. */
    public static LayerInput shared(Place place, Tensor tokens, SharedPrompt sharing, List<AttentionType> types) {
        return beginning(
                place,
                tokens,
                Positions.shared(sharing),
                types,
                window -> AttentionMask.shared(place, sharing, window));
    }

    /**
     * Input for rows whose past is in the cache. Records no gradients.
     *
     * @param limit positions are below this
     */
    public static LayerInput cached(Place place, Tensor tokens, KvCache cache, int limit, List<AttentionType> types) {
        int length = length(tokens);
        Positions positions =
                cache.padded() ? Positions.cached(cache, length, limit) : Positions.range(cache.length(), length);
        return of(
                place,
                tokens,
                positions,
                types,
                window -> AttentionMask.cached(place, cache, length, window),
                cache,
                false);
    }

    private static LayerInput beginning(
            Place place,
            Tensor tokens,
            Positions positions,
            List<AttentionType> types,
            IntFunction<AttentionMask> masks) {
        return of(place, tokens, positions, types, masks, null, GradMode.is_enabled());
    }

    /** @param masks the mask for each window */
    private static LayerInput of(
            Place place,
            Tensor tokens,
            Positions positions,
            List<AttentionType> types,
            IntFunction<AttentionMask> masks,
            @Nullable KvCache cache,
            boolean recording) {
        Map<AttentionType, AttentionInput> attention = new HashMap<>();
        for (AttentionType type : types) {
            attention.computeIfAbsent(type, _ -> input(type.rope(), positions, masks.apply(type.window())));
        }
        return new LayerInput(place, tokens.size(0), positions, attention, cache, recording);
    }

    private static AttentionInput input(@Nullable Rope rope, Positions positions, AttentionMask mask) {
        return new AttentionInput(rope == null ? null : rope.at(positions), mask);
    }

    private static int length(Tensor tokens) {
        return Math.toIntExact(tokens.size(1));
    }

    /** Columns. */
    public int tokens() {
        return positions.tokens();
    }

    AttentionInput attention(AttentionType type) {
        return Objects.requireNonNull(attention.get(type), "a layer's attention type is not among the decoder's");
    }

    /** The same input, with or without a record of gradients. */
    public LayerInput recorded(boolean now) {
        return new LayerInput(place, batch, positions, attention, cache, now);
    }

    /** Adds to the residual stream; in place unless gradients are recorded. */
    public Tensor add(Tensor stream, Tensor addend) {
        return recording ? stream.add(addend) : stream.add_(addend);
    }
}
