package org.reft4j.train.loss;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * The losses of a training loop that brings its own advantages: sums over tokens, each times its weight. Averaging is the caller's
 * business, by the weights and advantages that it gives.
 */
public enum TokenLoss {
    /** {@code -log p}. */
    CROSS_ENTROPY(Set.of(), Set.of()),
    /** {@code -ratio x advantage}, with the ratio of the new probability to the one that sampled. */
    IMPORTANCE_SAMPLING(Set.of(Figure.ADVANTAGES, Figure.LOGPROBS), Set.of()),
    /** {@code -min(ratio x advantage, clipped ratio x advantage)} ({@link Surrogate#CLIPPED}). */
    PPO(Set.of(Figure.ADVANTAGES, Figure.LOGPROBS), Set.of(Figure.CLIP_LOW_THRESHOLD, Figure.CLIP_HIGH_THRESHOLD)),
    /** {@code -clipped ratio x advantage x log p}, the ratio taken for a constant ({@link Surrogate#CISPO}). */
    CISPO(Set.of(Figure.ADVANTAGES, Figure.LOGPROBS), Set.of(Figure.CLIP_LOW_THRESHOLD, Figure.CLIP_HIGH_THRESHOLD)),
    /** {@code -(log p x advantage - beta / 2 x (log p - sampled log p)^2)}: direct reward optimisation (Richemond et al. 2024, arXiv:2405.19107). */
    DRO(Set.of(Figure.ADVANTAGES, Figure.LOGPROBS), Set.of()),
    /**
     * {@link #PPO} with one ratio for a whole sequence: the geometric mean over the tokens that {@link Figure#SEQUENCE_RATIO_MASK} marks.
     * Every token has that value and the gradient of its own log-probability (Zheng et al. 2025, arXiv:2507.18071, GSPO-token).
     */
    GSPO(
            Set.of(Figure.ADVANTAGES, Figure.LOGPROBS),
            Set.of(Figure.CLIP_LOW_THRESHOLD, Figure.CLIP_HIGH_THRESHOLD, Figure.SEQUENCE_RATIO_MASK)),
    /** Half the squared error of a critic's value, clipped around the old one ({@link PpoLoss#value}). */
    PPO_CRITIC(Set.of(Figure.VALUES, Figure.RETURNS), Set.of());

    /** Figures that a caller gives for each token. */
    public enum Figure {
        /** Advantage: the gain of the token over what was expected. */
        ADVANTAGES,
        /** Log-probabilities under the policy that sampled. */
        LOGPROBS,
        /** Values of the critic that was asked before. */
        VALUES,
        /** Return: the value that was right. */
        RETURNS,
        /** Lowest ratio of the token, in the place of {@link Numbers#low}. */
        CLIP_LOW_THRESHOLD,
        /** Highest ratio of the token, in the place of {@link Numbers#high}. */
        CLIP_HIGH_THRESHOLD,
        /** Not 0 for tokens that belong to the ratio of their sequence. */
        SEQUENCE_RATIO_MASK
    }

    @SuppressWarnings("ImmutableEnumChecker") // a copy that nobody can change
    private final Set<Figure> needed;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Figure> known;

    TokenLoss(Set<Figure> needed, Set<Figure> further) {
        this.needed = Set.copyOf(needed);
        EnumSet<Figure> all = EnumSet.noneOf(Figure.class);
        all.addAll(needed);
        all.addAll(further);
        this.known = Set.copyOf(all);
    }

    /** The figures that the loss cannot do without. */
    public Set<Figure> needed() {
        return needed;
    }

    /** The figures that it looks at. */
    public Set<Figure> known() {
        return known;
    }

    /** True if the loss is one of a critic's values and not of log-probabilities. */
    public boolean ofValues() {
        return this == PPO_CRITIC;
    }

    /** True if ratios are clipped. */
    public boolean clips() {
        return known.contains(Figure.CLIP_LOW_THRESHOLD);
    }

    /**
     * Numbers of a loss.
     *
     * @param low the ratio is clipped to at least this
     * @param high the ratio is clipped to at most this
     * @param beta weight of the squared distance in {@link #DRO}
     * @param valueClip the new value is clipped to the old one ± this in {@link #PPO_CRITIC}
     */
    public record Numbers(double low, double high, double beta, double valueClip) {
        /** A fifth to either side, as Schulman et al. 2017 (arXiv:1707.06347) have it. */
        public static final Numbers DEFAULTS = new Numbers(0.8, 1.2, 0.05, 0.2);
    }

    /**
     * Figures of {@code N} tokens of {@code B} sequences.
     *
     * @param weights float32 [N]
     * @param figures float32 [N] each; those that the loss needs, and what else was given
     * @param rows number of the sequence that each token belongs to, int64 [N], from 0
     * @param lengths tokens of each sequence, float32 [B]
     */
    public record Given(Tensor weights, Map<Figure, Tensor> figures, Tensor rows, Tensor lengths) {
        Tensor of(Figure figure) {
            Tensor value = figures.get(figure);
            if (value == null) {
                throw new IllegalArgumentException("the loss needs " + figure);
            }
            return value;
        }

        @Nullable
        Tensor perhaps(Figure figure) {
            return figures.get(figure);
        }
    }

    /**
     * A sum over some tokens.
     *
     * @param total [] float32
     * @param ratio new over old probability of each token, [N]; ones where the loss has none
     * @param cut 1 where the ratio or the value was clipped, else 0; [N]
     */
    public record Sum(Tensor total, Tensor ratio, Tensor cut) {}

    /**
     * The loss of some rows.
     *
     * @param scores log-probabilities of the tokens under the weights as they are, or values where the loss is {@linkplain #ofValues of
     *     values}; float32 [N]
     */
    public Sum of(Tensor scores, Given given, Numbers numbers) {
        return switch (this) {
            case CROSS_ENTROPY -> whole(scores.mul(given.weights()).sum().neg(), scores);
            case IMPORTANCE_SAMPLING -> {
                Tensor ratio = ClippedSurrogate.bounded(scores.sub(given.of(Figure.LOGPROBS)));
                Tensor gain = ClippedSurrogate.weighted(ratio.mul(given.of(Figure.ADVANTAGES)), given.weights());
                yield new Sum(gain.sum().neg(), ratio, ratio.detach().mul(Tensors.scalar(0)));
            }
            case DRO -> {
                Tensor moved = scores.sub(given.of(Figure.LOGPROBS));
                Tensor gain = scores.mul(given.of(Figure.ADVANTAGES))
                        .sub(moved.mul(moved).mul(Tensors.scalar(numbers.beta() / 2)));
                yield whole(
                        ClippedSurrogate.weighted(gain, given.weights()).sum().neg(), scores);
            }
            case PPO, CISPO -> {
                Tensor low = given.perhaps(Figure.CLIP_LOW_THRESHOLD);
                Tensor high = given.perhaps(Figure.CLIP_HIGH_THRESHOLD);
                Surrogate surrogate = this == PPO ? Surrogate.CLIPPED : Surrogate.CISPO;
                yield low == null && high == null
                        ? clipped(scores, given, numbers, surrogate)
                        : clipped(
                                ClippedSurrogate.bounded(scores.sub(given.of(Figure.LOGPROBS))),
                                scores,
                                given,
                                numbers);
            }
            case GSPO -> clipped(ofSequences(scores, given), scores, given, numbers);
            case PPO_CRITIC -> critic(scores, given, numbers.valueClip());
        };
    }

    private static Sum whole(Tensor total, Tensor logprobs) {
        Tensor zeros = logprobs.detach().mul(Tensors.scalar(0));
        return new Sum(total, zeros.exp(), zeros);
    }

    /** The same two bounds for all tokens. */
    private static Sum clipped(Tensor logprobs, Given given, Numbers numbers, Surrogate surrogate) {
        GrpoLossConfig config = new GrpoLossConfig(
                1,
                0,
                ImportanceRatio.TOKEN,
                surrogate,
                1 - numbers.low(),
                numbers.high() - 1,
                LossAverage.TOKEN,
                0,
                false,
                0);
        GrpoLoss.Old old = new GrpoLoss.Old(
                given.of(Figure.LOGPROBS),
                null,
                given.of(Figure.ADVANTAGES),
                given.weights(),
                given.rows(),
                given.lengths());
        GrpoLoss loss = GrpoLoss.of(logprobs, old, config);
        return new Sum(loss.total(), loss.ratio(), loss.cut());
    }

    /** Bounds of each token. */
    private Sum clipped(Tensor ratio, Tensor logprobs, Given given, Numbers numbers) {
        Tensor low = given.perhaps(Figure.CLIP_LOW_THRESHOLD);
        Tensor high = given.perhaps(Figure.CLIP_HIGH_THRESHOLD);
        Place place = Place.of(ratio);
        Tensor near = torch.minimum(
                torch.maximum(ratio, low == null ? Tensors.full(place, DType.F32, (float) numbers.low(), 1) : low),
                high == null ? Tensors.full(place, DType.F32, (float) numbers.high(), 1) : high);
        Tensor advantages = given.of(Figure.ADVANTAGES);
        boolean cispo = this == CISPO;
        Tensor gain = cispo
                ? near.detach().mul(advantages).mul(logprobs)
                : torch.minimum(ratio.mul(advantages), near.mul(advantages));
        Tensor cut = cispo ? near.ne(ratio) : near.mul(advantages).lt(ratio.mul(advantages));
        Tensor total = ClippedSurrogate.weighted(gain, given.weights()).sum().neg();
        return new Sum(total, ratio, cut.to(DType.F32.scalarType()));
    }

    /** Each sequence's ratio at its tokens, with the gradient of the token's own log-probability: [N]. */
    private static Tensor ofSequences(Tensor logprobs, Given given) {
        Tensor mask = given.perhaps(Figure.SEQUENCE_RATIO_MASK);
        Tensor counted =
                (mask == null ? given.weights() : mask).ne(new Scalar(0.0)).to(DType.F32.scalarType()); // [N]
        Tensor moved = ClippedSurrogate.weighted(logprobs.detach().sub(given.of(Figure.LOGPROBS)), counted);
        Place place = Place.of(moved);
        long[] shape = Tensors.shape(given.lengths());
        Tensor sums = Tensors.zeros(place, DType.F32, shape).index_add(0, given.rows(), moved); // [B]
        Tensor counts = Tensors.zeros(place, DType.F32, shape).index_add(0, given.rows(), counted);
        Tensor none = counts.eq(new Scalar(0.0)).to(DType.F32.scalarType());
        Tensor ratio = ClippedSurrogate.bounded(sums.div(counts.add(none))).index_select(0, given.rows()); // [N]
        return ratio.mul(logprobs.sub(logprobs.detach()).exp());
    }

    private static Sum critic(Tensor values, Given given, double clip) {
        Tensor old = given.of(Figure.VALUES);
        Tensor errors = PpoLoss.valueErrors(values, old, given.of(Figure.RETURNS), clip);
        Tensor far = values.sub(old).abs().gt(new Scalar(clip)).to(DType.F32.scalarType());
        Tensor total = ClippedSurrogate.weighted(errors, given.weights()).sum().mul(Tensors.scalar(0.5));
        return new Sum(total, values.detach().mul(Tensors.scalar(0)).exp(), far);
    }
}
