package org.reft4j.model;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/** Chain rule by hand, between parts of a model that are not one autograd graph. */
final class Gradients {
    private Gradients() {}

    /**
     * The gradient of a leaf, as a handle of its own in the innermost scope: what {@code grad()} returns is a place inside the leaf, and
     * gone with it.
     */
    static Tensor gradient(Tensor leaf) {
        return leaf.grad().detach();
    }

    /** Adds to the gradients of everything that {@code output} depends on, given the gradient of the loss by it. */
    static void backward(Tensor output, Tensor gradient) {
        output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
    }
}
