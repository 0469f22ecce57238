package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Tensor;

/** Transformer block of a decoder. */
public interface Layer {
    /**
     * Forward pass: the residual stream after this layer.
     *
     * @param x float32 [B*T, E]; may be written over unless gradients are recorded
     */
    Tensor forward(Tensor x, LayerInput input);
}
