package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.Tensors;

/** Normalisation of vectors over their last dimension. */
public sealed interface Norm {

    /** Forward pass: float32 of any shape to the same. */
    Tensor forward(Tensor x);

    /** Root mean square to 1, then scaled by the weight (Zhang and Sennrich 2019, arXiv:1910.07467). */
    record Rms(Parameter weight, int width, double epsilon) implements Norm {
        @Override
        public Tensor forward(Tensor x) {
            return torch.rms_norm(
                    x, new long[] {width}, Tensors.optional(weight.compute()), new DoubleOptional(epsilon));
        }
    }

    /** As {@link Rms}, scaled by one plus the weight. */
    record RmsAroundOne(Parameter weight, int width, double epsilon) implements Norm {
        @Override
        public Tensor forward(Tensor x) {
            Tensor scale = weight.compute().add(new Scalar(1));
            return torch.rms_norm(x, new long[] {width}, Tensors.optional(scale), new DoubleOptional(epsilon));
        }
    }

    /** Leaves everything as it is. */
    record None() implements Norm {
        @Override
        public Tensor forward(Tensor x) {
            return x;
        }
    }

    /** Mean to 0 and variance to 1, then scaled and shifted (Ba et al. 2016, arXiv:1607.06450); without parameters left so. */
    record Layer(@Nullable Parameter weight, @Nullable Parameter bias, int width, double epsilon) implements Norm {
        @Override
        public Tensor forward(Tensor x) {
            return torch.layer_norm(x, new long[] {width}, optional(weight), optional(bias), epsilon, false);
        }

        private static TensorOptional optional(@Nullable Parameter parameter) {
            return parameter == null ? new TensorOptional() : Tensors.optional(parameter.compute());
        }
    }
}
