package org.reft4j.model;

import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.TinyLlama;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * A policy whose next token after one prompt has given odds: the rows of its output layer are so many times the hidden state there,
 * divided by its square, so that the logits are the numbers.
 */
final class OddsPolicy implements AutoCloseable {
    static final Tokens PROMPT = Tokens.of(1);

    private final PolicyModel policy;
    private final float[] hidden;
    private final int vocabulary;

    OddsPolicy(double... odds) {
        vocabulary = odds.length;
        Decoder decoder = TinyLlama.create(
                json -> json.put("vocab_size", vocabulary).put("tie_word_embeddings", false), DType.F32);
        policy = PolicyModel.of(decoder);
        try (var _ = NativeScope.open()) {
            hidden = Tensors.toFloats(decoder.hidden(Tensors.longs(Place.HOST, new long[] {1}, 1, 1), (Tensor) null));
            float[] weights = new float[vocabulary * hidden.length];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) (Math.log(odds[i / hidden.length]) * hidden[i % hidden.length] / square());
            }
            head().value().copy_(Tensors.floats(Place.HOST, weights, vocabulary, hidden.length));
            head().value().requires_grad_(true);
        }
    }

    PolicyModel model() {
        return policy;
    }

    /** The gradient of the output layer's weights, by each logit. */
    float[] gradientByLogit() {
        try (var _ = NativeScope.open()) {
            float[] byWeight = Tensors.toFloats(head().value().grad());
            float[] byLogit = new float[vocabulary];
            for (int i = 0; i < byWeight.length; i++) {
                byLogit[i / hidden.length] += (float) (byWeight[i] * hidden[i % hidden.length] / square());
            }
            return byLogit;
        }
    }

    private Parameter head() {
        return policy.decoder().parameters().stream()
                .filter(parameter -> parameter.name().equals("lm_head.weight"))
                .findFirst()
                .orElseThrow();
    }

    private double square() {
        double sum = 0;
        for (float value : hidden) {
            sum += value * value;
        }
        return sum;
    }

    @Override
    public void close() {
        policy.close();
    }
}
