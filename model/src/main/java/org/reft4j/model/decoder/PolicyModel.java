package org.reft4j.model.decoder;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/**
 * A decoder with an optional value head on the shared trunk (ReFT, section 3.2): one linear layer from the last hidden state to a
 * number per position (TRL's {@code AutoModelForCausalLMWithValueHead}). Scores completions where they are, without padding: all
 * figures are flat over the {@code N} sampled tokens of a {@link Rows}.
 */
public final class PolicyModel implements AutoCloseable {
    private static final long NO_LABEL_IS_IGNORED = -100;

    private final Decoder decoder;
    private final @Nullable Parameter valueWeight;
    private final @Nullable Parameter valueBias;

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
     * @param weight float32 [1, E]
     * @param bias float32 [1]
     */
    public static PolicyModel withValueHead(Decoder decoder, Tensor weight, Tensor bias) {
        return new PolicyModel(
                decoder,
                new Parameter("v_head.weight", weight, DType.F32),
                new Parameter("v_head.bias", bias, DType.F32));
    }

    /**
     * What the model thinks of sampled tokens.
     *
     * @param logprobs float32 [N], natural log-probability of each completion token given all before it
     * @param values float32 [N], expected return before each token; {@code null} without a value head
     */
    public record Scores(Tensor logprobs, @Nullable Tensor values) {}

    public Decoder decoder() {
        return decoder;
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
     * Scores every completion token of the rows. Records gradients if the thread does.
     *
     * @return tensors of the innermost scope
     */
    public Scores score(Rows rows) {
        Tensor hidden = completionHidden(rows); // [N, E]
        Tensor logits = decoder.logits(hidden); // [N, V]
        Tensor losses = torch.cross_entropy_loss(
                logits, rows.targets(), new TensorOptional(), /* reduction: none */ 0, NO_LABEL_IS_IGNORED, 0.0);
        return new Scores(losses.neg(), values(hidden));
    }

    /** The critic alone, for the steps in which only it is trained: float32 [N]. The trunk gets no gradient. */
    public Tensor scoreValues(Rows rows) {
        Tensor values = values(completionHidden(rows).detach());
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

    private Tensor completionHidden(Rows rows) {
        Tensor hidden = decoder.hidden(rows.tokens(), (Tensor) null); // [B, T, E]
        return hidden.reshape(-1, decoder.width()).index_select(0, rows.positions());
    }

    @Override
    public void close() {
        try (var _ = NativeScope.open()) {
            valueHead().forEach(Parameter::close);
            decoder.close();
        }
    }
}
