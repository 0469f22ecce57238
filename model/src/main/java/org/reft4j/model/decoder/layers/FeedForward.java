package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** Feed-forward part of a layer (MLP). */
public sealed interface FeedForward {

    /** Forward pass: float32 [N, E] to the same. */
    Tensor forward(Tensor x, LayerInput input);

    /** {@code down(activation(gate(x)) * up(x))} (Shazeer 2020, arXiv:2002.05202); gate and up are one product. */
    record Gated(Projection gateUp, Projection down, Activation activation, int inner) implements FeedForward {
        @Override
        public Tensor forward(Tensor x, LayerInput input) {
            Tensor both = gateUp.forward(x); // [N, 2F]
            TensorVector halves = both.split(inner, 1);
            Tensor gate = activation.forward(halves.get(0));
            Tensor up = halves.get(1);
            return down.forward(input.recording() ? gate.mul(up) : gate.mul_(up));
        }
    }

    /** {@code down(activation(up(x)))}. */
    record Plain(Projection up, Projection down, Activation activation) implements FeedForward {
        @Override
        public Tensor forward(Tensor x, LayerInput input) {
            return down.forward(activation.forward(up.forward(x)));
        }
    }
}
