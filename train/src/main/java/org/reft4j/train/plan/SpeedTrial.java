package org.reft4j.train.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.NativeScope;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.learn.MicroBatches;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;

/** Measures how fast this machine samples and trains a run's model: a short piece of each, of the run's own shapes. */
final class SpeedTrial {
    /** Approximate seconds per measurement: long enough that the clock's resolution and a busy moment do not matter. */
    private static final double SECONDS = 0.7;
    /** Seconds for measuring forward and backward passes: a wide model is slower with one or two rows than with the parts of a real run. */
    private static final double ROW_SECONDS = 2;
    /** Seconds for repeating a short piece of work. */
    private static final double ENOUGH = 0.3;
    /** Tokens of a completion in the first try, which says how many fit. */
    private static final int FEW = 4;

    private static final int MANY = 64;

    private final PolicyModel policy;
    private final int batch;

    private SpeedTrial(PolicyModel policy, int batch) {
        this.policy = policy;
        this.batch = batch;
    }

    /**
     * Loads the starting model and measures its speed.
     *
     * @param prompts prompts to sample from
     * @param rows training rows
     */
    static Pace of(RecipeConfig config, Setup setup, Run run, List<Tokens> prompts, List<Row> rows) {
        long batch = together(config, setup.data().validation().size());
        try (PolicyModel policy = setup.policy(Optional.empty());
                AdamW optimizer = new AdamW(policy.trained(), List.of(), 1, OptimizerConfig.SFT)) {
            MicroBatches parts = new MicroBatches(setup.memory(), setup.place(), run);
            parts.apply(policy);
            SpeedTrial trial = new SpeedTrial(policy, Math.toIntExact(batch));
            // The first pass of each kind loads what the engine loads when it is first used.
            trial.score(rows.subList(0, 1));
            trial.train(rows.subList(0, 1));
            double rough = rows.getFirst().length() / seconds(() -> trial.score(rows.subList(0, 1)));
            int most = (int) Math.min(parts.tokens(), rough * ROW_SECONDS);
            List<Row> some = some(rows, most, Long.MAX_VALUE);
            double scored = tokens(some) / seconds(() -> trial.score(some));
            // A small model is slower with few rows than with many.
            List<Row> taught = some(rows, most, config.update().rows());
            double trained = tokens(taught) / seconds(() -> trial.train(taught));
            double update = seconds(() -> optimizer.clipAndStep(1e-9));
            double[] sampling = trial.sample(prompts, rough);
            return new Pace(
                    sampling[0],
                    sampling[1],
                    scored,
                    trained,
                    update,
                    prompts.stream().mapToInt(Tokens::size).average().orElse(0),
                    rows.stream()
                            .mapToInt(row -> row.completion().size())
                            .average()
                            .orElse(0));
        }
    }

    /**
     * The number of completions that a run writes at once.
     *
     * @param validation questions that there are, for a run that writes only when it is measured
     */
    static long together(RecipeConfig config, int validation) {
        RolloutConfig rollout = config.sampling();
        EvaluateConfig evaluate = config.evaluate();
        return rollout == null
                ? Math.clamp(evaluate.completions(validation), 1, evaluate.batch())
                : Math.min(rollout.batch(), rollout.rollouts());
    }

    /** Tokens as many as wanted: those of a prompt, again and again. */
    static Tokens filled(Tokens prompt, int count) {
        int[] ids = new int[count];
        Arrays.setAll(ids, i -> prompt.get(i % prompt.size()));
        return Tokens.of(ids);
    }

    private static double tokens(List<Row> rows) {
        return rows.stream().mapToLong(Row::length).sum();
    }

    /** The first rows with {@code tokens} tokens in total: at least one row and at most {@code most}. */
    private static List<Row> some(List<Row> rows, int tokens, long most) {
        List<Row> some = new ArrayList<>();
        int taken = 0;
        while (some.isEmpty() || (taken < tokens && some.size() < most)) {
            Row row = rows.get(some.size() % rows.size());
            some.add(row);
            taken += row.length();
        }
        return some;
    }

    private void score(List<Row> rows) {
        try (var _ = NativeScope.open()) {
            var _ = policy.score(Rows.of(policy.decoder().place(), rows));
        }
    }

    private void train(List<Row> rows) {
        try (var _ = NativeScope.open()) {
            var _ = policy.backwardLikelihood(Rows.of(policy.decoder().place(), rows), 1e-6);
        }
    }

    /**
     * Samples with the run's batch size, from prompts that are shortened if reading them would take too long.
     *
     * @param rough approximate tokens a second that the model reads
     * @return prompt tokens and sampled tokens a second
     */
    private double[] sample(List<Tokens> prompts, double rough) {
        int length = (int) Math.max(1, SECONDS * rough / batch);
        List<Sampler.Draw> draws = new ArrayList<>();
        long read = 0;
        for (int i = 0; i < batch; i++) {
            Tokens prompt = prompts.get(i % prompts.size());
            // Not two alike, which would be read once: the last tokens differ between prompts, the first often not.
            Tokens cut = prompt.slice(Math.max(0, prompt.size() - length), prompt.size());
            draws.add(new Sampler.Draw(cut, i));
            read += cut.size();
        }
        double[] first = sample(draws, FEW);
        if (first[1] < SECONDS / 2) {
            int tokens = (int) Math.clamp(SECONDS * (FEW - 1) / Math.max(1e-9, first[1]), FEW, MANY);
            double[] second = sample(draws, tokens);
            return new double[] {read / second[0], (double) batch * (tokens - 1) / second[1]};
        }
        return new double[] {read / first[0], (double) batch * (FEW - 1) / first[1]};
    }

    /** @return seconds to the first token of all draws, and from there to the last */
    private double[] sample(List<Sampler.Draw> draws, int tokens) {
        long begin = System.nanoTime();
        long[] marks = new long[2];
        var _ = new Sampler(policy.decoder(), -1, batch)
                .sample(
                        draws,
                        SamplingConfig.sampling(1, 0, 1, Integer.MAX_VALUE).withMaxTokens(tokens),
                        _ -> {
                            marks[0] = marks[0] == 0 ? System.nanoTime() : marks[0];
                            marks[1] = System.nanoTime();
                        });
        return new double[] {Math.max(1e-9, (marks[0] - begin) / 1e9), Math.max(1e-9, (marks[1] - marks[0]) / 1e9)};
    }

    /** Seconds of one repetition; short work is repeated. */
    private static double seconds(Runnable work) {
        long begin = System.nanoTime();
        double seconds = 0;
        int times = 0;
        while (seconds < ENOUGH) {
            work.run();
            times++;
            seconds = (System.nanoTime() - begin) / 1e9;
        }
        return seconds / times;
    }
}
