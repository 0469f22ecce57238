package org.reft4j.model.decoder;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Torch;

/** A decoder without its output layer, on its way forward and back through some rows. Made and used while gradients are recorded. */
interface Trunk extends AutoCloseable {
    /** The hidden states that predict completion tokens, float32 [N, E], of the innermost scope; gradients do not pass through it. */
    Tensor hidden();

    /** Adds to the gradients of all weights of the trunk, given the gradient of the loss by {@link #hidden}. Once. */
    void backward(Tensor gradient);

    @Override
    void close();

    static Trunk of(Decoder decoder, Rows rows, boolean checkpointing) {
        return checkpointing ? new LayerByLayer(decoder, rows) : new Whole(decoder, rows);
    }

    /** The hidden states that predict completion tokens, as a part of the graph where gradients are recorded. */
    static Tensor completionHidden(Decoder decoder, Rows rows) {
        Tensor hidden = decoder.hidden(rows); // [B, T, E]
        return hidden.reshape(-1, decoder.width()).index_select(0, rows.positions());
    }

    /** All that the gradient needs is kept. */
    final class Whole implements Trunk {
        private final Tensor hidden;

        private Whole(Decoder decoder, Rows rows) {
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

    /** Only what enters each layer is kept; on the way back a layer is computed again, now with its graph, and forgotten at once. */
    final class LayerByLayer implements Trunk {
        private final Decoder.Stages stages;
        private final Tensor positions;
        private final Tensor[] inputs;
        private final Tensor hidden;
        private int held;

        private LayerByLayer(Decoder decoder, Rows rows) {
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
            Tensor behind = pulled(stream -> stages.finish(stream).index_select(0, positions), gradient);
            while (held > 0) {
                int number = held - 1;
                Tensor before = pulled(stream -> stages.layer(number, stream), behind);
                behind.close();
                behind = before;
            }
            try (var _ = NativeScope.open();
                    Tensor last = behind) {
                Tensor stream = stages.embed();
                if (stream.requires_grad()) {
                    Gradients.backward(stream, last);
                }
            }
        }

        /** Goes back through a step whose input is the last one held, and lets go of it. The caller closes the gradient by the input. */
        private Tensor pulled(UnaryOperator<Tensor> step, Tensor gradient) {
            try (var _ = NativeScope.open();
                    Tensor input = inputs[--held]) {
                Tensor leaf = input.detach().requires_grad_(true);
                Gradients.backward(step.apply(leaf), gradient);
                return NativeScope.own(Gradients.of(leaf));
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
