package org.reft4j.model.decoder;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.Projection;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.tensor.Place;

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

    /** Place of its tensors; what goes into the model is made there. */
    Place place();

    int vocabularySize();

    int width();

    /** The longest row that the model's positions allow. */
    int contextLength();

    /**
     * Last hidden states of rows that begin here. Without {@code attention}, rows are right padded or full and the causal rule alone holds:
     * the hidden states of padding are meaningless and harmless.
     *
     * @param tokens int64 [B, T]
     * @param attention int64 [B, T], 1 where a token counts (left padding); positions follow from it. {@code null}: all count
     * @return float32 [B, T, E], the last hidden states after the final norm
     */
    Tensor hidden(Tensor tokens, @Nullable Tensor attention);

    /** Last hidden states of rows laid out for scoring: float32 [B, T, E]. */
    Tensor hidden(Rows rows);

    /**
     * Forward pass of {@link #hidden(Rows)} in stages, for gradients that are computed layer by layer.
     *
     * @return to be used within the scope that it was made in
     */
    Stages stages(Rows rows);

    /**
     * Last hidden states of rows whose past is in {@code cache}; appends their keys and values to it.
     *
     * @param tokens int64 [B, T], the tokens after the cached ones
     * @return float32 [B, T, E]
     */
    Tensor hidden(Tensor tokens, KvCache cache);

    /**
     * Logits of the next token.
     *
     * @param hidden float32 [..., E]
     * @return float32 [..., V]
     */
    Tensor logits(Tensor hidden);

    /** An empty cache for {@code rows} rows that can hold {@code capacity} tokens each. */
    KvCache cache(int rows, int capacity);

    /** Weights that training changes: those of the active adapter, or all without one. Owned by the decoder. */
    default List<Parameter> trained() {
        return parameters();
    }

    /**
     * Forward pass of a decoder in stages, one for each layer. The residual stream is float32 [B*T, E]. While no gradient is recorded, a layer may
     * write over the stream that it is given.
     */
    interface Stages {
        int layers();

        /** Residual stream before the first layer. */
        Tensor embed();

        /** Residual stream after a layer, counted from 0. */
        Tensor layer(int number, Tensor stream);

        /** Last hidden states, after the final norm: [B*T, E]. */
        Tensor finish(Tensor stream);
    }

    @Override
    void close();
}
