package org.reft4j.model;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/**
 * Decoder with an optional value head on its last hidden states (ReFT, section 3.2): one linear layer from the hidden state to a
 * number per position (TRL's {@code AutoModelForCausalLMWithValueHead}). Scores completions where they are, without padding: all
 * figures are flat over the {@code N} sampled tokens of a {@link Rows}.
 */
public final class PolicyModel implements AutoCloseable {
    private final Decoder decoder;
    private final @Nullable Parameter valueWeight;
    private final @Nullable Parameter valueBias;
    private GradientPlan plan = GradientPlan.FAST;
    private double temperature = 1;

    private PolicyModel(Decoder decoder, @Nullable Parameter valueWeight, @Nullable Parameter valueBias) {
        this.decoder = decoder;
        this.valueWeight = valueWeight;
        this.valueBias = valueBias;
    }

    /** A policy without a critic: supervised training, references, evaluation. Owns the decoder. */
    public static PolicyModel of(Decoder decoder) {
        return new PolicyModel(decoder, null, null);
    }

    /**
     * A policy with a critic. Owns the decoder.
     *
     * @param weight float32 [1, E], at any place
     * @param bias float32 [1]
     */
    public static PolicyModel withValueHead(Decoder decoder, Tensor weight, Tensor bias) {
        try (var _ = NativeScope.open()) {
            return new PolicyModel(
                    decoder,
                    new Parameter("v_head.weight", Tensors.at(decoder.place(), weight), DType.F32),
                    new Parameter("v_head.bias", Tensors.at(decoder.place(), bias), DType.F32));
        }
    }

    /**
     * Log-probabilities and values of sampled tokens.
     *
     * @param logprobs float32 [N], natural log-probability of each completion token given all before it, at the model's temperature
     *     and among its support
     * @param values float32 [N], expected return before each token; {@code null} without a value head
     */
    public record Scores(Tensor logprobs, @Nullable Tensor values) {}

    public Decoder decoder() {
        return decoder;
    }

    /** Sets the memory plan of {@link #backward}; {@link GradientPlan#FAST} at first. */
    public void plan(GradientPlan plan) {
        this.plan = plan;
    }

    /**
     * Logits are divided by it before log-probabilities are taken of them; 1 at first. A policy that learns from its own samples is
     * the one that sampled, its temperature included.
     */
    public void temperature(double divisor) {
        if (!(divisor > 0)) {
            throw new IllegalArgumentException("temperature is " + divisor + "; expected a number above 0");
        }
        this.temperature = divisor;
    }

    /** Weights of the decoder that training changes: those of its adapter, or all without one. */
    public List<Parameter> trained() {
        return decoder.trained();
    }

    /** The decoder's weights, then the value head's. */
    public List<Parameter> parameters() {
        return Stream.concat(decoder.parameters().stream(), valueHead().stream())
                .toList();
    }

    /** Weight and bias of the value head, or nothing. */
    public List<Parameter> valueHead() {
        return valueWeight == null || valueBias == null ? List.of() : List.of(valueWeight, valueBias);
    }

    /**
     * Scores every completion token of the rows. Records gradients if the thread does, and then holds the logits of all of them; else
     * of some at a time.
     *
     * @return tensors of the innermost scope
     */
    public Scores score(Rows rows) {
        return score(rows, null);
    }

    /** The same, which tells of the tokens that are the likeliest. */
    public Scores score(Rows rows, @Nullable TokenHits hits) {
        Tensor hidden = BackbonePass.completionHidden(decoder, rows); // [N, E]
        return new Scores(output(hits).logprobs(hidden, rows), values(hidden)); // [N], [N]
    }

    /**
     * Adds the gradients of a loss to those of all that is trained. What the plan does not keep is computed again.
     *
     * @param loss of the rows' scores, [] float32; called once, while gradients are recorded
     */
    public void backward(Rows rows, Function<Scores, Tensor> loss) {
        backward(rows, null, loss);
    }

    /** The same, which tells of the tokens that are the likeliest before it asks for the loss. */
    public void backward(Rows rows, @Nullable TokenHits hits, Function<Scores, Tensor> loss) {
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            OutputLayer output = output(hits);
            if (!plan.checkpointing() && output.inOnePiece(rows)) {
                loss.apply(score(rows, hits)).backward();
                return;
            }
            try (BackbonePass backbone = BackbonePass.forward(decoder, rows, plan.checkpointing())) {
                Tensor hidden = backbone.hidden().requires_grad_(true); // [N, E]
                Tensor logprobs = withoutGradients(output, hidden, rows).requires_grad_(true); // [N]
                loss.apply(new Scores(logprobs, values(hidden))).backward();
                Tensor gradient = output.backward(hidden, rows, logprobs.grad());
                backbone.backward(hidden.grad().defined() ? gradient.add_(hidden.grad()) : gradient);
            }
        }
    }

    /**
     * Adds the gradients of {@code factor} times the sum of all log-probabilities, as supervised training has it: its gradient is known
     * before the log-probabilities are, which spares a pass through the output layer.
     *
     * @return the sum times the factor
     */
    public double backwardLikelihood(Rows rows, double factor) {
        return backwardLikelihood(rows, factor, null);
    }

    /** The same, which tells of the tokens that are the likeliest. */
    public double backwardLikelihood(Rows rows, double factor, @Nullable TokenHits hits) {
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            OutputLayer output = output(hits);
            if (!plan.checkpointing() && output.inOnePiece(rows)) {
                Tensor sum = score(rows, hits).logprobs().sum().mul(Tensors.scalar(factor));
                sum.backward();
                return Tensors.toDouble(sum);
            }
            try (BackbonePass backbone = BackbonePass.forward(decoder, rows, plan.checkpointing())) {
                double[] sum = new double[1];
                backbone.backward(output.backwardSum(backbone.hidden(), rows, factor, sum));
                return sum[0];
            }
        }
    }

    private static Tensor withoutGradients(OutputLayer output, Tensor hidden, Rows rows) {
        try (var _ = Torch.pauseGradients()) {
            return output.logprobs(hidden, rows);
        }
    }

    private OutputLayer output(@Nullable TokenHits hits) {
        return new OutputLayer(decoder, plan.chunk(decoder.vocabularySize()), temperature, hits);
    }

    /**
     * Adds the gradients of a loss of the values to those of the critic alone, for the steps in which only it is trained.
     *
     * @param loss of float32 [N] values, [] float32
     */
    public void backwardValues(Rows rows, UnaryOperator<Tensor> loss) {
        try (var _ = NativeScope.open()) {
            Tensor hidden = BackbonePass.completionHidden(decoder, rows);
            try (var _ = Torch.recordGradients()) {
                loss.apply(valuesOrThrow(hidden)).backward();
            }
        }
    }

    /**
     * The value before every completion token, without a pass through the output layer.
     *
     * @return float32 [N], of the innermost scope
     */
    public Tensor values(Rows rows) {
        return valuesOrThrow(BackbonePass.completionHidden(decoder, rows));
    }

    /**
     * Adds the gradients of a loss of the values to those of the value head and of the layers below it: for a critic that shares its layers
     * with nobody.
     *
     * @param loss of float32 [N] values, [] float32
     */
    public void backwardCritic(Rows rows, UnaryOperator<Tensor> loss) {
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients();
                BackbonePass backbone = BackbonePass.forward(decoder, rows, plan.checkpointing())) {
            Tensor hidden = backbone.hidden().requires_grad_(true); // [N, E]
            loss.apply(valuesOrThrow(hidden)).backward();
            backbone.backward(hidden.grad());
        }
    }

    private Tensor valuesOrThrow(Tensor hidden) {
        Tensor values = values(hidden);
        if (values == null) {
            throw new IllegalStateException("this policy has no value head");
        }
        return values;
    }

    private @Nullable Tensor values(Tensor hidden) {
        if (valueWeight == null || valueBias == null) {
            return null;
        }
        return torch.linear(hidden, valueWeight.value(), Tensors.optional(valueBias.value()))
                .squeeze(-1);
    }

    @Override
    public void close() {
        try (var _ = NativeScope.open()) {
            valueHead().forEach(Parameter::close);
            decoder.close();
        }
    }
}
