package org.reft4j.train.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.GroupAdvantage;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.loss.GrpoLossConfig;
import org.reft4j.train.loss.OverlongPenalty;

/**
 * Training data of one step without a critic: every completion with its advantage and the log-probabilities of its tokens under the weights
 * that sampled it. These are computed once, in a forward pass of their own, or in the update's own pass if the step has only one update.
 * Plain arrays; tensors are made for a group of rows at a time.
 */
public final class GroupExperience {
    private final List<Entry> entries;

    private GroupExperience(List<Entry> entries) {
        this.entries = entries;
    }

    /** One completion, compared with the others of its question. Arrays have one element per completion token. */
    public static final class Entry {
        private final Rollout rollout;
        private final Row row;
        private final double penalty;
        private final float advantage;
        private final boolean counts;
        private float @Nullable [] logprobs;
        private final float @Nullable [] reference;

        private Entry(Rollout rollout, double penalty, float advantage, boolean counts) {
            this.rollout = rollout;
            this.row = rollout.row();
            this.penalty = penalty;
            this.advantage = advantage;
            this.counts = counts;
            this.reference = null;
        }

        private Entry(Entry compared, float @Nullable [] logprobs, float @Nullable [] reference) {
            this.rollout = compared.rollout;
            this.row = compared.row;
            this.penalty = compared.penalty;
            this.advantage = compared.advantage;
            this.counts = compared.counts;
            this.logprobs = logprobs;
            this.reference = reference;
        }

        public Rollout rollout() {
            return rollout;
        }

        /** Its tokens, as a model scores them. */
        public Row row() {
            return row;
        }

        /** Cost of its length, from -1 to 0. */
        public double penalty() {
            return penalty;
        }

        /** Advantage of all its tokens. */
        public float advantage() {
            return advantage;
        }

        /** True if the completion takes part in the loss. */
        public boolean counts() {
            return counts;
        }

        /** Log-probabilities of the sampled tokens under the policy that sampled, recomputed as training computes them. */
        public float[] logprobs() {
            return measured().clone();
        }

        private float[] measured() {
            if (logprobs == null) {
                throw new IllegalStateException("nobody has measured this completion yet");
            }
            return logprobs;
        }

        /** The same under the frozen reference; {@code null} where there is none. */
        public float @Nullable [] reference() {
            return reference == null ? null : reference.clone();
        }
    }

    /**
     * Computes the advantages of the completions of each question; token figures are not there yet.
     *
     * @param groups the graded completions of each question
     * @param maskTruncated true to leave completions that were cut off out of the loss
     */
    public static List<Entry> compare(
            List<List<Rollout>> groups, OverlongPenalty overlong, GroupAdvantage advantage, boolean maskTruncated) {
        List<double[]> penalties = groups.stream()
                .map(group -> group.stream()
                        .mapToDouble(r -> overlong.of(r.completion().tokens().size()))
                        .toArray())
                .toList();
        List<double[]> rewards = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            double[] paid = penalties.get(g).clone();
            for (int i = 0; i < paid.length; i++) {
                paid[i] += groups.get(g).get(i).reward();
            }
            rewards.add(paid);
        }
        List<float[]> advantages = advantage.of(rewards);
        List<Entry> compared = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            for (int i = 0; i < groups.get(g).size(); i++) {
                Rollout rollout = groups.get(g).get(i);
                boolean truncated = rollout.cutOff();
                compared.add(
                        new Entry(rollout, penalties.get(g)[i], advantages.get(g)[i], !(maskTruncated && truncated)));
            }
        }
        return compared;
    }

    /**
     * Completions with what was measured of them.
     *
     * @param policy token scores under the weights that sampled; {@code null} where the first update is to {@link #measure} them
     * @param reference token scores under the frozen reference, where the loss asks for one
     */
    public static GroupExperience of(
            List<Entry> compared, @Nullable List<TokenScores> policy, @Nullable List<TokenScores> reference) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < compared.size(); i++) {
            entries.add(new Entry(
                    compared.get(i),
                    policy == null ? null : policy.get(i).logprobs(),
                    reference == null ? null : reference.get(i).logprobs()));
        }
        return new GroupExperience(List.copyOf(entries));
    }

    public List<Entry> entries() {
        return entries;
    }

    /**
     * Takes the log-probabilities of a group of entries from the policy's own pass through them, before any weight has moved; of entries
     * that were measured before, nothing.
     *
     * @param logprobs in the order of {@link #rows}
     */
    public void measure(int[] group, float[] logprobs) {
        int at = 0;
        for (int i : group) {
            Entry entry = entries.get(i);
            int size = length(i);
            if (entry.logprobs == null) {
                entry.logprobs = Arrays.copyOfRange(logprobs, at, at + size);
            }
            at += size;
        }
    }

    /** Tokens that go through the model in a pass over all completions, prompts included. */
    public long tokens() {
        return entries.stream().mapToLong(entry -> entry.row.length()).sum();
    }

    /** The rows of some entries. */
    public List<Row> rows(int[] some) {
        return Arrays.stream(some).mapToObj(i -> entries.get(i).row).toList();
    }

    /**
     * The loss's inputs for a group of entries, in the order of {@link #rows}; belongs to the innermost scope.
     *
     * @param place of the model
     * @param minibatch all entries that are averaged over, of which the group is a part
     */
    public GrpoLoss.Old old(Place place, int[] group, int[] minibatch, GrpoLossConfig loss) {
        int total = Arrays.stream(group).map(this::length).sum();
        int[] counting =
                Arrays.stream(minibatch).filter(i -> entries.get(i).counts).toArray();
        long countingTokens = Arrays.stream(counting).mapToLong(this::length).sum();
        float[] logprobs = new float[total];
        float[] reference = new float[total];
        float[] advantages = new float[total];
        float[] weights = new float[total];
        long[] rows = new long[total];
        float[] lengths = new float[group.length];
        boolean referenced = true;
        int at = 0;
        for (int r = 0; r < group.length; r++) {
            Entry entry = entries.get(group[r]);
            int size = length(group[r]);
            double weight = entry.counts
                    ? loss.average().weight(size, counting.length, countingTokens, loss.constantLength())
                    : 0;
            System.arraycopy(entry.measured(), 0, logprobs, at, size);
            if (entry.reference == null) {
                referenced = false;
            } else {
                System.arraycopy(entry.reference, 0, reference, at, size);
            }
            Arrays.fill(advantages, at, at + size, entry.advantage);
            Arrays.fill(weights, at, at + size, (float) weight);
            Arrays.fill(rows, at, at + size, r);
            lengths[r] = size;
            at += size;
        }
        return new GrpoLoss.Old(
                Tensors.floats(place, logprobs, total),
                referenced ? Tensors.floats(place, reference, total) : null,
                Tensors.floats(place, advantages, total),
                Tensors.floats(place, weights, total),
                Tensors.longs(place, rows, total),
                Tensors.floats(place, lengths, group.length));
    }

    private int length(int entry) {
        return entries.get(entry).row.completion().size();
    }
}
