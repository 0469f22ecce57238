package org.reft4j.train.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.Advantages;
import org.reft4j.train.loss.LossAverage;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;

/**
 * What one step learns from: every completion with the figures of its tokens, measured once under the weights that sampled. Plain
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

        private Entry(Row row, Scored policy, Scored reference, float[] values, Estimate estimate, float[] whitened) {
            this.row = row;
            this.logprobs = policy.logprobs;
            this.reference = reference.logprobs;
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

        /** What is paid, the grade's reward on the last token, and the KL penalty on all. */
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

    /** Log-probabilities and values of one row's completion. */
    static final class Scored {
        final float[] logprobs;
        private final float @Nullable [] values;

        private Scored(float[] logprobs, float @Nullable [] values) {
            this.logprobs = logprobs;
            this.values = values;
        }

        private float[] valuesOrThrow() {
            return Optional.ofNullable(values)
                    .orElseThrow(() -> new IllegalArgumentException("PPO needs a policy with a value head"));
        }
    }

    /** What follows from the rewards and the values of one completion. */
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

    /** As below, of a policy that is its own critic. */
    public static Experience of(
            List<Row> rows,
            List<float[]> rewards,
            PolicyModel policy,
            PolicyModel reference,
            PpoConfig ppo,
            int tokenBudget) {
        return of(rows, rewards, policy, reference, policy, ppo, tokenBudget);
    }

    /**
     * Measures completions and works out their advantages.
     *
     * @param rows the completions
     * @param rewards what the tokens of each were paid
     * @param critic says the values; the policy itself where they share a trunk
     * @param tokenBudget see {@link Rows#groups}
     */
    public static Experience of(
            List<Row> rows,
            List<float[]> rewards,
            PolicyModel policy,
            PolicyModel reference,
            PolicyModel critic,
            PpoConfig ppo,
            int tokenBudget) {
        List<Scored> scored = score(rows, policy, tokenBudget);
        List<Scored> frozen = score(rows, reference, tokenBudget);
        List<float[]> values = critic == policy
                ? scored.stream().map(Scored::valuesOrThrow).toList()
                : values(rows, critic, tokenBudget);
        List<Estimate> estimates = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            float[] row = Advantages.rewards(rewards.get(i), scored.get(i).logprobs, frozen.get(i).logprobs, ppo.kl());
            estimates.add(new Estimate(row, values.get(i), ppo));
        }
        List<float[]> advantages = estimates.stream().map(e -> e.advantages).toList();
        List<float[]> whitened = ppo.whiten() ? Advantages.whiten(advantages) : advantages;
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            entries.add(new Entry(
                    rows.get(i), scored.get(i), frozen.get(i), values.get(i), estimates.get(i), whitened.get(i)));
        }
        return new Experience(List.copyOf(entries), ppo.lossAverage());
    }

    private static List<float[]> values(List<Row> rows, PolicyModel critic, int tokenBudget) {
        float[][] values = new float[rows.size()][];
        for (int[] group : Rows.groups(rows, tokenBudget)) {
            try (var _ = NativeScope.open()) {
                float[] all = Tensors.toFloats(critic.values(Rows.of(pick(rows, group))));
                int at = 0;
                for (int i : group) {
                    int end = at + rows.get(i).completion().size();
                    values[i] = Arrays.copyOfRange(all, at, end);
                    at = end;
                }
            }
        }
        return List.of(values);
    }

    /** Scores completions, some at a time; by their order. */
    static List<Scored> score(List<Row> rows, PolicyModel model, int tokenBudget) {
        Scored[] scored = new Scored[rows.size()];
        for (int[] group : Rows.groups(rows, tokenBudget)) {
            try (var _ = NativeScope.open()) {
                PolicyModel.Scores scores = model.score(Rows.of(pick(rows, group)));
                float[] logprobs = Tensors.toFloats(scores.logprobs());
                float @Nullable [] values = scores.values() == null ? null : Tensors.toFloats(scores.values());
                int at = 0;
                for (int i : group) {
                    int end = at + rows.get(i).completion().size();
                    scored[i] = new Scored(
                            Arrays.copyOfRange(logprobs, at, end),
                            values == null ? null : Arrays.copyOfRange(values, at, end));
                    at = end;
                }
            }
        }
        return List.of(scored);
    }

    public List<Entry> entries() {
        return entries;
    }

    /** The rows of a minibatch, cut into groups that go through the model together; each number is an entry's. */
    public List<int[]> groups(int[] minibatch, int tokenBudget) {
        List<Row> rows = new ArrayList<>();
        for (int i : minibatch) {
            rows.add(entries.get(i).row);
        }
        return Rows.groups(rows, tokenBudget).stream()
                .map(group -> Arrays.stream(group).map(i -> minibatch[i]).toArray())
                .toList();
    }

    /** The tokens of a group of entries; belongs to the innermost scope. */
    public Rows rows(int[] group) {
        return Rows.of(Arrays.stream(group).mapToObj(i -> entries.get(i).row).toList());
    }

    /**
     * What the loss needs to know of a group of entries, in the order of {@link #rows}; belongs to the innermost scope.
     *
     * @param minibatch all entries of the minibatch, of which the group is a part
     */
    public PpoLoss.Old old(int[] group, int[] minibatch) {
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
                Tensors.floats(logprobs, total),
                Tensors.floats(values, total),
                Tensors.floats(advantages, total),
                Tensors.floats(returns, total),
                Tensors.floats(weights, total));
    }

    private int tokens(int[] group) {
        return Arrays.stream(group).map(i -> entries.get(i).logprobs.length).sum();
    }

    private static List<Row> pick(List<Row> rows, int[] group) {
        return Arrays.stream(group).mapToObj(rows::get).toList();
    }
}
