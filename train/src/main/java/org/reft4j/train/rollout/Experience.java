package org.reft4j.train.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.Advantages;
import org.reft4j.train.loss.LossAverage;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;

/**
 * Training data of one PPO step: every completion with the figures of its tokens, computed once with the weights that sampled it. Plain
 * arrays; tensors are made for a group of rows at a time.
 */
public final class Experience {
    private final List<Entry> entries;
    private final LossAverage average;

    private Experience(List<Entry> entries, LossAverage average) {
        this.entries = entries;
        this.average = average;
    }

    /**
     * One completion. Every array has one element per completion token.
     */
    public static final class Entry {
        private final Row row;
        private final float[] logprobs;
        private final float[] reference;
        private final float[] values;
        private final float[] rewards;
        private final float[] advantages;
        private final float[] whitened;
        private final float[] returns;

        private Entry(
                Row row,
                TokenScores policy,
                TokenScores reference,
                float[] values,
                Estimate estimate,
                float[] whitened) {
            this.row = row;
            this.logprobs = policy.logprobs();
            this.reference = reference.logprobs();
            this.values = values;
            this.rewards = estimate.rewards;
            this.advantages = estimate.advantages;
            this.whitened = whitened;
            this.returns = estimate.returns;
        }

        public Row row() {
            return row;
        }

        /** Log-probabilities of the sampled tokens under the policy that sampled, recomputed as training computes them. */
        public float[] logprobs() {
            return logprobs.clone();
        }

        /** The same under the frozen reference. */
        public float[] reference() {
            return reference.clone();
        }

        public float[] values() {
            return values.clone();
        }

        /** Rewards per token: the grade's reward on the last token, minus the KL penalty on all tokens. */
        public float[] rewards() {
            return rewards.clone();
        }

        /** Before whitening. */
        public float[] advantages() {
            return advantages.clone();
        }

        /** As they enter the loss. */
        public float[] whitened() {
            return whitened.clone();
        }

        public float[] returns() {
            return returns.clone();
        }
    }

    /** Advantages and returns of one completion. */
    private static final class Estimate {
        private final float[] rewards;
        private final float[] advantages;
        private final float[] returns;

        private Estimate(float[] rewards, float[] values, PpoConfig ppo) {
            double lambda = ppo.policyLambda(rewards.length);
            double returnLambda = ppo.returnLambda(rewards.length);
            this.rewards = rewards;
            advantages = Advantages.gae(rewards, values, ppo.gamma(), lambda);
            returns = Advantages.returns(
                    returnLambda == lambda ? advantages : Advantages.gae(rewards, values, ppo.gamma(), returnLambda),
                    values);
        }
    }

    /**
     * Computes the advantages of completions.
     *
     * @param rows the completions
     * @param rewards the rewards of each completion's tokens, without the KL penalty
     * @param policy token scores under the weights that sampled
     * @param reference token scores under the frozen reference
     * @param values the critic's value before each token
     */
    public static Experience of(
            List<Row> rows,
            List<float[]> rewards,
            List<TokenScores> policy,
            List<TokenScores> reference,
            List<float[]> values,
            PpoConfig ppo) {
        List<Estimate> estimates = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            float[] row = Advantages.rewards(
                    rewards.get(i), policy.get(i).logprobs(), reference.get(i).logprobs(), ppo.kl());
            estimates.add(new Estimate(row, values.get(i), ppo));
        }
        List<float[]> advantages = estimates.stream().map(e -> e.advantages).toList();
        List<float[]> whitened = ppo.whiten() ? Advantages.whiten(advantages) : advantages;
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            entries.add(new Entry(
                    rows.get(i), policy.get(i), reference.get(i), values.get(i), estimates.get(i), whitened.get(i)));
        }
        return new Experience(List.copyOf(entries), ppo.lossAverage());
    }

    public List<Entry> entries() {
        return entries;
    }

    /** The rows of some entries. */
    public List<Row> rows(int[] some) {
        return Arrays.stream(some).mapToObj(i -> entries.get(i).row).toList();
    }

    /**
     * The loss's inputs for a group of entries, in the order of {@link #rows}; belongs to the innermost scope.
     *
     * @param place of the model
     * @param minibatch all entries of the minibatch, of which the group is a part
     */
    public PpoLoss.Old old(Place place, int[] group, int[] minibatch) {
        int total = tokens(group);
        int minibatchTokens = tokens(minibatch);
        float[] logprobs = new float[total];
        float[] values = new float[total];
        float[] advantages = new float[total];
        float[] returns = new float[total];
        float[] weights = new float[total];
        int at = 0;
        for (int i : group) {
            Entry entry = entries.get(i);
            int size = entry.logprobs.length;
            System.arraycopy(entry.logprobs, 0, logprobs, at, size);
            System.arraycopy(entry.values, 0, values, at, size);
            System.arraycopy(entry.whitened, 0, advantages, at, size);
            System.arraycopy(entry.returns, 0, returns, at, size);
            Arrays.fill(weights, at, at + size, (float) average.weight(size, minibatch.length, minibatchTokens, 1));
            at += size;
        }
        return new PpoLoss.Old(
                Tensors.floats(place, logprobs, total),
                Tensors.floats(place, values, total),
                Tensors.floats(place, advantages, total),
                Tensors.floats(place, returns, total),
                Tensors.floats(place, weights, total));
    }

    private int tokens(int[] group) {
        return Arrays.stream(group).map(i -> entries.get(i).logprobs.length).sum();
    }
}
