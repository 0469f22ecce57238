package org.reft4j.model.decoder;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.weights.ModelConfig;

/**
 * A decoder-only language model: {@code B} rows of {@code T} tokens, width {@code E}, vocabulary {@code V}. Holds its parameters and
 * nothing else: the key/value cache is an argument. One thread at a time.
 */
public interface Decoder extends AutoCloseable {
    ModelConfig config();

    /** Every weight, in a fixed order, by checkpoint name. Owned by the decoder. */
    List<Parameter> parameters();

    /** Every linear layer, the output layer last; adapters attach to them by name. Owned by the decoder. */
    List<Projection> projections();

    int vocabularySize();

    int width();

    /** The longest row that the model's positions allow. */
    int contextLength();

    /**
     * Whole rows, each from its first token. Without {@code attention}, rows are right padded or full and the causal rule alone holds:
     * what stands under padding is meaningless but harms nothing.
     *
     * @param tokens int64 [B, T]
     * @param attention int64 [B, T], 1 where a token counts (left padding); positions follow from it. {@code null}: all count
     * @return float32 [B, T, E], the last hidden states after the final norm
     */
    Tensor hidden(Tensor tokens, @Nullable Tensor attention);

    /** The last hidden states of rows that were laid out for scoring: float32 [B, T, E]. */
    Tensor hidden(Rows rows);

    /**
     * The steps of {@link #hidden(Rows)} one by one, for whoever computes gradients layer by layer.
     *
     * @return to be used within the scope that it was made in
     */
    Stages stages(Rows rows);

    /**
     * Continues rows whose past is in {@code cache}, and appends to it.
     *
     * @param tokens int64 [B, T], the tokens behind the cached ones
     * @return float32 [B, T, E]
     */
    Tensor hidden(Tensor tokens, KvCache cache);

    /**
     * The scores of the next token.
     *
     * @param hidden float32 [..., E]
     * @return float32 [..., V]
     */
    Tensor logits(Tensor hidden);

    /** An empty cache for {@code rows} rows that can hold {@code capacity} tokens each. */
    KvCache cache(int rows, int capacity);

    /** The adapter that its layers wear, if any. */
    default Optional<Adapter> adapter() {
        return Optional.empty();
    }

    /**
     * One pass through a decoder, cut between its layers. The stream is float32 [B*T, E]. While no gradient is recorded, a layer may
     * write over the stream that it is given.
     */
    interface Stages {
        int layers();

        /** The stream before the first layer. */
        Tensor embed();

        /** The stream behind a layer, counted from 0. */
        Tensor layer(int number, Tensor stream);

        /** The last hidden states, [B*T, E]: behind the final norm. */
        Tensor finish(Tensor stream);
    }

    @Override
    void close();
}
