package org.reft4j.model.decoder;

import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/**
 * Log-probabilities of given tokens from the hidden states before them, and their gradients, without ever holding the logits of all of
 * them, [N, V]: they are made for a chunk of tokens at a time, and for the backward pass made again.
 *
 * @param chunk tokens at a time
 */
record OutputLayer(Decoder decoder, int chunk) {
    private static final long NO_LABEL_IS_IGNORED = -100;

    boolean inOnePiece(Tensor targets) {
        return targets.size(0) <= chunk;
    }

    /**
     * @param hidden float32 [N, E]
     * @param targets int64 [N]
     * @return float32 [N]; where gradients are recorded, in one piece
     */
    Tensor logprobs(Tensor hidden, Tensor targets) {
        if (GradMode.is_enabled() || inOnePiece(targets)) {
            return piece(hidden, targets);
        }
        Tensor[] pieces = new Tensor[pieces(targets)];
        for (int i = 0; i < pieces.length; i++) {
            try (var scope = NativeScope.open()) {
                pieces[i] = scope.keep(piece(part(hidden, i), part(targets, i)));
            }
        }
        return Tensors.cat(0, pieces);
    }

    /**
     * Adds to the gradients of the output layer's weights.
     *
     * @param gradient of the loss by each log-probability, float32 [N]
     * @return the gradient of the loss by the hidden states, float32 [N, E]
     */
    Tensor backward(Tensor hidden, Tensor targets, Tensor gradient) {
        Tensor[] gradients = new Tensor[pieces(targets)];
        for (int i = 0; i < gradients.length; i++) {
            try (var scope = NativeScope.open()) {
                Tensor leaf = part(hidden.detach(), i).requires_grad_(true);
                Gradients.backward(piece(leaf, part(targets, i)), part(gradient, i));
                gradients[i] = scope.keep(Gradients.of(leaf));
            }
        }
        return Tensors.cat(0, gradients);
    }

    /**
     * The same for the sum of all log-probabilities times a factor, whose gradient is known beforehand: one pass is enough.
     *
     * @param total the sum's value is put there
     */
    Tensor backwardSum(Tensor hidden, Tensor targets, double factor, double[] total) {
        Tensor[] gradients = new Tensor[pieces(targets)];
        for (int i = 0; i < gradients.length; i++) {
            try (var scope = NativeScope.open()) {
                Tensor leaf = part(hidden.detach(), i).requires_grad_(true);
                Tensor sum = piece(leaf, part(targets, i)).sum().mul(Tensors.scalar(factor));
                sum.backward();
                total[0] += Tensors.toDouble(sum);
                gradients[i] = scope.keep(Gradients.of(leaf));
            }
        }
        return Tensors.cat(0, gradients);
    }

    private int pieces(Tensor targets) {
        return Math.toIntExact(Math.ceilDiv(targets.size(0), chunk));
    }

    private Tensor part(Tensor tensor, int number) {
        long from = (long) number * chunk;
        return tensor.narrow(0, from, Math.min(chunk, tensor.size(0) - from));
    }

    private Tensor piece(Tensor hidden, Tensor targets) {
        Tensor logits = decoder.logits(hidden); // [n, V]
        Tensor losses = torch.cross_entropy_loss(
                logits, targets, new TensorOptional(), /* reduction: none */ 0, NO_LABEL_IS_IGNORED, 0.0);
        return losses.neg();
    }
}
