package org.reft4j.train.learn;

import java.util.List;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.Place;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.TokenScores;

/** Learners without a run around them. */
public final class Learners {
    private Learners() {}

    /** Micro-batches of at most {@code tokens} tokens. */
    public static MicroBatches memory(int tokens) {
        return new MicroBatches(
                new MemoryPlan(Place.HOST, List.of(), 0, 1, 1, tokens, false), Place.HOST, new ToldRun());
    }

    /** Experience for scores of any models, not only those of a run. */
    public static Experience experience(
            List<Row> rows, List<float[]> paid, PolicyModel policy, PolicyModel reference, PpoConfig ppo, int tokens) {
        return experience(rows, paid, policy, reference, policy, ppo, tokens);
    }

    public static Experience experience(
            List<Row> rows,
            List<float[]> paid,
            PolicyModel policy,
            PolicyModel reference,
            PolicyModel critic,
            PpoConfig ppo,
            int tokens) {
        MicroBatches memory = memory(tokens);
        List<TokenScores> scores = new Scorer(policy, memory).forward(rows);
        return Experience.of(
                rows,
                paid,
                scores,
                new Scorer(reference, memory).forward(rows),
                critic == policy
                        ? scores.stream().map(TokenScores::values).toList()
                        : new Scorer(critic, memory).values(rows),
                ppo);
    }
}
