package org.reft4j.model;

import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/**
 * Output layer of a decoder: log-probabilities of given tokens, each among its support, and their gradients, without ever
 * holding the logits of all of them, [N, V]: they are made for a chunk of tokens at a time, and for the backward pass made again.
 *
 * @param chunk tokens at a time
 * @param temperature logits are divided by it
 * @param hits told of each token that is scored; {@code null} where nobody asks
 */
record OutputLayer(
        Decoder decoder,
        int chunk,
        double temperature,
        @Nullable TokenHits hits) {
    private static final long NO_LABEL_IS_IGNORED = -100;

    /** The same, which tells nobody: for what is computed again. */
    private OutputLayer silent() {
        return hits == null ? this : new OutputLayer(decoder, chunk, temperature, null);
    }

    boolean inOnePiece(Rows rows) {
        return rows.targets().size(0) <= chunk;
    }

    /**
     * @param hidden float32 [N, E]
     * @return float32 [N]; where gradients are recorded, in one piece
     */
    Tensor logprobs(Tensor hidden, Rows rows) {
        if (GradMode.is_enabled() || inOnePiece(rows)) {
            return piece(hidden, rows.targets(), rows.supports());
        }
        Tensor[] pieces = new Tensor[pieces(rows)];
        for (int i = 0; i < pieces.length; i++) {
            try (var scope = NativeScope.open()) {
                pieces[i] = scope.keep(piece(part(hidden, i), rows, i));
            }
        }
        return Tensors.cat(0, pieces);
    }

    /**
     * Adds to the gradients of the output layer's weights. The tokens were scored before, and are not told of again.
     *
     * @param gradient of the loss by each log-probability, float32 [N]
     * @return the gradient of the loss by the hidden states, float32 [N, E]
     */
    Tensor backward(Tensor hidden, Rows rows, Tensor gradient) {
        return silent().pulled(
                        hidden, rows, (logprobs, number) -> Gradients.backward(logprobs, part(gradient, number)));
    }

    /**
     * The same for the sum of all log-probabilities times a factor, whose gradient is known beforehand: one pass is enough.
     *
     * @param total the sum's value is put there
     */
    Tensor backwardSum(Tensor hidden, Rows rows, double factor, double[] total) {
        return pulled(hidden, rows, (logprobs, _) -> {
            Tensor sum = logprobs.sum().mul(Tensors.scalar(factor));
            sum.backward();
            total[0] += Tensors.toDouble(sum);
        });
    }

    private Tensor pulled(Tensor hidden, Rows rows, Back back) {
        Tensor[] gradients = new Tensor[pieces(rows)];
        for (int i = 0; i < gradients.length; i++) {
            try (var scope = NativeScope.open()) {
                Tensor leaf = part(hidden.detach(), i).requires_grad_(true);
                back.from(piece(leaf, rows, i), i);
                gradients[i] = scope.keep(Gradients.gradient(leaf));
            }
        }
        return Tensors.cat(0, gradients);
    }

    private int pieces(Rows rows) {
        return Math.toIntExact(Math.ceilDiv(rows.targets().size(0), chunk));
    }

    private Tensor part(Tensor tensor, int number) {
        long from = (long) number * chunk;
        return tensor.narrow(0, from, Math.min(chunk, tensor.size(0) - from));
    }

    /** @param hidden of the piece with this number alone */
    private Tensor piece(Tensor hidden, Rows rows, int number) {
        List<TokenSet> supports = rows.supports();
        int from = Math.multiplyExact(number, chunk);
        int to = (int) Math.min(supports.size(), (long) from + chunk);
        return piece(hidden, part(rows.targets(), number), supports.isEmpty() ? supports : supports.subList(from, to));
    }

    private Tensor piece(Tensor hidden, Tensor targets, List<TokenSet> supports) {
        Tensor logits = decoder.logits(hidden); // [n, V]
        if (temperature != 1) {
            logits = logits.div_(Tensors.scalar(temperature));
        }
        if (!supports.isEmpty()) {
            // The softmax of the others is 0 exactly, and so is their gradient; a target is never among them.
            logits = logits.masked_fill_(
                    TokenSet.others(decoder.place(), supports, logits.size(1)),
                    Tensors.scalar(Double.NEGATIVE_INFINITY));
        }
        if (hits != null) {
            hits.add(logits, targets);
        }
        Tensor losses = torch.cross_entropy_loss(
                logits, targets, new TensorOptional(), /* reduction: none */ 0, NO_LABEL_IS_IGNORED, 0.0);
        return losses.neg();
    }

    /** Goes back from the log-probabilities of a piece, given its number. */
    private interface Back {
        void from(Tensor logprobs, int number);
    }
}
