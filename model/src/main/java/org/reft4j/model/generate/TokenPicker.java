package org.reft4j.model.generate;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.ground.random.SplitMix;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Tensors;

/**
 * Draws one token per row from logits. Randomness is counter based: the uniform number of a token is a function of the row's key and
 * the token's position alone, so neither the order of rows nor who shares the batch matters.
 */
final class TokenPicker {
    private TokenPicker() {}

    /**
     * Picks a token per row.
     *
     * @param logits float32 [B, V]
     * @param uniforms one per row, from {@link #uniform}
     * @return the tokens as numbers (exact: vocabularies are far below 2^24), then their log-probabilities by the model's plain
     *     distribution, then those at the temperature: 3 * B
     */
    static float[] pick(Tensor logits, SamplingConfig config, float... uniforms) {
        Tensor plain = logits.log_softmax(-1);
        Tensor tempered = config.isTempered()
                ? logits.div(new Scalar(config.temperature())).log_softmax(-1)
                : plain;
        Tensor tokens = tokens(logits, tempered, config, uniforms); // [B, 1]
        // NaN logits lead behind the last token; the caller sees the NaN of the log-probability.
        Tensor safe = tokens.clamp_max(new Scalar(logits.size(1) - 1));
        return Tensors.toFloats(
                Tensors.cat(0, safe.to(DType.F32.scalarType()), plain.gather(1, safe), tempered.gather(1, safe))
                        .view(-1));
    }

    private static Tensor tokens(Tensor logits, Tensor tempered, SamplingConfig config, float... uniforms) {
        if (config.isGreedy()) {
            return torch.argmax(logits, new LongOptional(1), true);
        }
        Tensor weights = tempered.exp();
        if (!config.truncates()) {
            return search(weights, uniforms);
        }
        long count = config.topK() > 0 ? Math.min(config.topK(), weights.size(1)) : weights.size(1);
        T_TensorTensor_T likeliest = weights.topk(count, -1, true, true);
        Tensor values = likeliest.get0();
        if (config.topP() < 1) {
            Tensor sums = values.cumsum(-1);
            // Above zero however small P is, so that the likeliest token stays.
            Tensor bound =
                    sums.narrow(1, count - 1, 1).mul(new Scalar(config.topP())).clamp_min(new Scalar(Float.MIN_NORMAL));
            values = values.masked_fill(sums.sub(values).ge(bound), new Scalar(0.0));
        }
        return likeliest.get1().gather(1, search(values, uniforms));
    }

    /**
     * The first entry at which the running sum exceeds the uniform's share of the total. The sum grows there, so that its weight is
     * above zero; and there is one, since {@link #uniform} leaves at least one unit in the last place between the target and the total.
     */
    private static Tensor search(Tensor weights, float... uniforms) {
        Tensor sums = weights.cumsum(-1);
        Tensor totals = sums.narrow(1, sums.size(1) - 1, 1);
        Tensor targets = Tensors.floats(uniforms, uniforms.length, 1).mul(totals);
        return torch.searchsorted(
                sums, targets, /* out_int32 */ false, /* right */ true, new StringViewOptional(), new TensorOptional());
    }

    /** A number in [0, 1 - 2^-23], in steps of 2^-23. */
    static float uniform(long key, int position) {
        return (SplitMix.mix(SplitMix.mix(key) + (position + 1) * SplitMix.GOLDEN_GAMMA) >>> 41) * 0x1.0p-23f;
    }
}
