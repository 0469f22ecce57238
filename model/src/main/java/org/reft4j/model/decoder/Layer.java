package org.reft4j.model.decoder;

import org.bytedeco.pytorch.Tensor;

/** One block of a decoder. */
interface Layer {
    /**
     * The stream after this layer.
     *
     * @param x float32 [B*T, E]; may be written over unless the pass records gradients
     */
    Tensor of(Tensor x, Pass pass);
}
