package org.reft4j.model;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Torch;

/** Forward and backward pass of some rows through a decoder without its output layer. Made and used while gradients are recorded. */
interface BackbonePass extends AutoCloseable {
    /** Hidden states that predict completion tokens, detached: float32 [N, E] of the innermost scope. */
    Tensor hidden();

    /** Adds to the gradients of all weights but the output layer's, given the gradient of the loss by {@link #hidden}. Called once. */
    void backward(Tensor gradient);

    @Override
    void close();

    static BackbonePass forward(Decoder decoder, Rows rows, boolean checkpointing) {
        return checkpointing ? new Checkpointed(decoder, rows) : new Stored(decoder, rows);
    }

    /** Hidden states that predict completion tokens, part of the graph where gradients are recorded. */
    static Tensor completionHidden(Decoder decoder, Rows rows) {
        Tensor hidden = decoder.hidden(rows); // [B, T, E]
        return hidden.reshape(-1, decoder.width()).index_select(0, rows.positions());
    }

    /** Keeps all activations. */
    final class Stored implements BackbonePass {
        private final Tensor hidden;

        private Stored(Decoder decoder, Rows rows) {
            try (var _ = NativeScope.open()) {
                hidden = NativeScope.own(completionHidden(decoder, rows));
            }
        }

        @Override
        public Tensor hidden() {
            return hidden.detach();
        }

        @Override
        public void backward(Tensor gradient) {
            if (hidden.requires_grad()) {
                Gradients.backward(hidden, gradient);
            }
        }

        @Override
        public void close() {
            hidden.close();
        }
    }

    /** Activation checkpointing: keeps the input of each layer alone, and computes a layer again when its gradient is due. */
    final class Checkpointed implements BackbonePass {
        private final Decoder.Stages stages;
        private final Tensor positions;
        private final Tensor[] inputs;
        private final Tensor hidden;
        private int held;

        private Checkpointed(Decoder decoder, Rows rows) {
            positions = rows.positions();
            stages = decoder.stages(rows);
            inputs = new Tensor[stages.layers() + 1];
            try (var _ = NativeScope.open();
                    var _ = Torch.pauseGradients()) {
                Tensor stream = stages.embed();
                for (int i = 0; i < stages.layers(); i++) {
                    // A layer may write over what it is given.
                    inputs[held++] = NativeScope.own(stream.clone());
                    try (var scope = NativeScope.open()) {
                        stream = scope.keep(stages.layer(i, stream));
                    }
                }
                inputs[held++] = NativeScope.own(stream);
                hidden = NativeScope.own(stages.finish(stream).index_select(0, positions));
            }
        }

        @Override
        public Tensor hidden() {
            return hidden.detach();
        }

        @Override
        public void backward(Tensor gradient) {
            Tensor after = inputGradient(stream -> stages.finish(stream).index_select(0, positions), gradient);
            while (held > 0) {
                int number = held - 1;
                Tensor before = inputGradient(stream -> stages.layer(number, stream), after);
                after.close();
                after = before;
            }
            try (var _ = NativeScope.open();
                    Tensor last = after) {
                Tensor stream = stages.embed();
                if (stream.requires_grad()) {
                    Gradients.backward(stream, last);
                }
            }
        }

        /** Backward pass of the stage whose input is the last one held; closes that input. The caller closes the gradient by the input. */
        private Tensor inputGradient(UnaryOperator<Tensor> stage, Tensor gradient) {
            try (var _ = NativeScope.open();
                    Tensor input = inputs[--held]) {
                Tensor leaf = input.detach().requires_grad_(true);
                Gradients.backward(stage.apply(leaf), gradient);
                return NativeScope.own(Gradients.gradient(leaf));
            }
        }

        @Override
        public void close() {
            while (held > 0) {
                inputs[--held].close();
            }
            hidden.close();
        }
    }
}
