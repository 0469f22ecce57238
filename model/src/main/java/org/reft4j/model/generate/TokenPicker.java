package org.reft4j.model.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.SplitMix;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
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
     */
    static Picked pick(Tensor logits, SamplingConfig config, float... uniforms) {
        Tensor drawn = Tensors.floats(Place.of(logits), uniforms, uniforms.length, 1);
        return pick(logits, logits, config, List.of(), drawn);
    }

    /**
     * The same from logits that penalties or biases have changed, and from some tokens alone.
     *
     * @param changed float32 [B, V]; {@code logits} itself where nothing is changed
     * @param allowed the tokens that each row may take; none where all rows may take all
     * @param uniforms float32 [B, 1]
     */
    static Picked pick(Tensor logits, Tensor changed, SamplingConfig config, List<TokenSet> allowed, Tensor uniforms) {
        Tensor plain = logits.log_softmax(-1);
        Tensor others = allowed.isEmpty() ? null : TokenSet.others(Place.of(logits), allowed, logits.size(1));
        Tensor adjusted = others == null ? changed : changed.masked_fill(others, new Scalar(Double.NEGATIVE_INFINITY));
        Tensor tempered = plain;
        if (config.isTempered()) {
            tempered = adjusted.div(new Scalar(config.temperature())).log_softmax(-1);
        } else if (!adjusted.equals(logits)) {
            tempered = adjusted.log_softmax(-1);
        }
        if (config.truncates()) {
            return pickAmongLikeliest(plain, tempered, others, config, uniforms);
        }
        Tensor tokens = config.isGreedy()
                ? torch.argmax(adjusted, new LongOptional(1), true)
                : search(tempered.exp(), uniforms); // [B, 1]
        List<TokenSet> supports = config.supported() ? allowed : List.of();
        return new Picked(tokens, plain.gather(1, tokens), tempered.gather(1, tokens), supports);
    }

    /**
     * The likeliest tokens of each row, the likeliest first.
     *
     * @param plain log-probabilities, float32 [B, V]
     */
    static List<List<Follower.Scored>> likeliest(Tensor plain, int count) {
        int each = (int) Math.min(count, plain.size(1));
        T_TensorTensor_T top = plain.topk(each, -1, true, true);
        float[] logprobs = Tensors.toFloats(top.get0().contiguous().view(-1));
        long[] ids = Tensors.toLongs(top.get1().contiguous().view(-1));
        List<List<Follower.Scored>> rows = new ArrayList<>();
        for (int from = 0; from < ids.length; from += each) {
            List<Follower.Scored> row = new ArrayList<>();
            for (int i = from; i < from + each; i++) {
                row.add(new Follower.Scored((int) ids[i], logprobs[i], List.of()));
            }
            rows.add(row);
        }
        return rows;
    }

    /** @param others true for tokens that are not allowed, {@code null} where all are */
    private static Picked pickAmongLikeliest(
            Tensor plain, Tensor tempered, @Nullable Tensor others, SamplingConfig config, Tensor uniforms) {
        Tensor weights = tempered.exp();
        int vocabulary = Math.toIntExact(weights.size(1));
        long count = config.topK() > 0 ? Math.min(config.topK(), vocabulary) : vocabulary;
        T_TensorTensor_T likeliest = weights.topk(count, -1, true, true);
        Tensor ids = likeliest.get1();
        Tensor values = likeliest.get0();
        // [B, count]; of what is allowed nothing yet
        Tensor cut = others == null ? values.lt(new Scalar(0)) : others.gather(1, ids);
        if (config.topP() < 1) {
            Tensor sums = values.cumsum(-1);
            // Above zero however small P is, so that the likeliest token stays.
            Tensor bound =
                    sums.narrow(1, count - 1, 1).mul(new Scalar(config.topP())).clamp_min(new Scalar(Float.MIN_NORMAL));
            cut = cut.logical_or(sums.sub(values).ge(bound));
            values = values.masked_fill(cut, new Scalar(0.0));
        }
        Tensor tokens = ids.gather(1, search(values, uniforms));
        Tensor drawn = tempered.gather(1, tokens)
                .sub(values.sum(new long[] {1}, true, new ScalarTypeOptional()).log());
        List<TokenSet> supports = config.supported() ? supports(ids, cut.logical_not(), vocabulary) : List.of();
        return new Picked(tokens, plain.gather(1, tokens), drawn, supports);
    }

    /**
     * The supports of all rows.
     *
     * @param ids int64 [B, count]
     * @param left true for those that could have been drawn, [B, count]
     */
    private static List<TokenSet> supports(Tensor ids, Tensor left, int vocabulary) {
        long[] sizes = Tensors.toLongs(left.sum(1));
        long[] flat = Tensors.toLongs(ids.masked_select(left));
        List<TokenSet> supports = new ArrayList<>();
        int from = 0;
        for (long size : sizes) {
            int to = from + (int) size;
            supports.add(TokenSet.of(
                    vocabulary,
                    Arrays.stream(flat, from, to).mapToInt(id -> (int) id).toArray()));
            from = to;
        }
        return supports;
    }

    /**
     * The first entry at which the running sum exceeds the uniform's share of the total. The sum grows there, so that its weight is
     * above zero; and there is one, since {@link #uniform} leaves at least one unit in the last place between the target and the total.
     */
    private static Tensor search(Tensor weights, Tensor uniforms) {
        Tensor sums = weights.cumsum(-1);
        Tensor totals = sums.narrow(1, sums.size(1) - 1, 1);
        Tensor targets = uniforms.mul(totals);
        Tensor found = torch.searchsorted(
                sums, targets, /* out_int32 */ false, /* right */ true, new StringViewOptional(), new TensorOptional());
        // NaN logits lead past the last entry; the caller sees the NaN of the log-probability.
        return found.clamp_max(new Scalar(weights.size(1) - 1));
    }

    /** Tokens that were picked, one for each row, with their figures. */
    static final class Picked {
        private final float[] figures;
        private final int rows;
        private final List<TokenSet> supports;

        private Picked(Tensor tokens, Tensor plain, Tensor drawn, List<TokenSet> supports) {
            // Tokens as numbers are exact: vocabularies are far below 2^24.
            this.figures = Tensors.toFloats(Tensors.cat(0, tokens.to(DType.F32.scalarType()), plain, drawn)
                    .view(-1));
            this.rows = figures.length / 3;
            this.supports = supports;
        }

        int token(int row) {
            return (int) figures[row];
        }

        /** The token's log-probability by the model's plain distribution. */
        float logprob(int row) {
            return figures[rows + row];
        }

        /** The same by the distribution that it was drawn from. */
        float drawnLogprob(int row) {
            return figures[2 * rows + row];
        }

        /** The tokens that it was drawn from, where they are asked for and not the whole vocabulary. */
        Optional<TokenSet> support(int row) {
            return supports.isEmpty() || supports.get(row).equals(TokenSet.ALL)
                    ? Optional.empty()
                    : Optional.of(supports.get(row));
        }
    }

    /** A number in [0, 1 - 2^-23], in steps of 2^-23. */
    static float uniform(long key, int position) {
        return (SplitMix.mix(SplitMix.mix(key) + (position + 1) * SplitMix.GOLDEN_GAMMA) >>> 41) * 0x1.0p-23f;
    }
}
