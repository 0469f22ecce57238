package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.StopReason;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Online self-training (ReFT, section 4.2): the policy samples as in reinforced fine-tuning, and learns by supervision from what was right
 * and from the annotated chains of the same questions. Nothing is learned from wrong samples, and nothing holds the policy back.
 */
final class OnlineSelfTrainingRecipe implements Recipe<OnlineSelfTrainingConfig> {
    @Override
    public void run(OnlineSelfTrainingConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools);
                PolicyModel policy = setup.policy(run.latest());
                AdamW optimizer = new AdamW(policy.trained(), List.of(), 1, config.optimizer());
                Grading grading = setup.grading(ControlGrader.Control.NONE, RewardRule.REFT)) {
            MicroBatches parts = setup.microBatches(policy);
            Questioner questioner = new Questioner(setup, config.rollout().questioning(), config.seed(), run);
            Map<String, List<Row>> annotated = annotated(setup, config);
            DistinctChains distinct = new DistinctChains();
            RewardWatch watch = new RewardWatch();
            SampleWatch faults = new SampleWatch();
            run.latest().ifPresent(checkpoint -> {
                TrainerState.restore(optimizer, checkpoint);
                distinct.restore(TrainerState.read(checkpoint));
                watch.restore(TrainerState.read(checkpoint));
                faults.restore(TrainerState.read(checkpoint));
            });
            Guards guards = new Guards(optimizer);
            Setup.Keep keep = (step, score) -> setup.save(
                    step,
                    score,
                    policy,
                    optimizer,
                    parts.save(watch.save(faults.save(distinct.save(TrainerState.empty())))));
            int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
            run.emit(new RunEvent.Started(first - 1, config.steps(), "online-self-training"));
            setup.begin(first, policy, keep);

            for (int step = first; step <= config.steps(); step++) {
                StepMetrics metrics = new StepMetrics();
                parts.begin(step);

                // 1. question -> completion: the model as it is now writes its own chains of thought.
                // 2. completion -> grade, begun while others were still sampled.
                List<Rollout> graded = questioner.ask(policy, step, grading, metrics::sampled);
                metrics.certain(graded);
                metrics.graded(graded, distinct.add(graded), distinct);
                run.emit(new RunEvent.RolledOut(step, questioner.records(step, graded)));

                // 3. What was right, and what is annotated of the same questions.
                List<Row> kept = kept(Guards.gradable(graded, config.guards().graderFailures(), step));
                watch.add(graded, run, step);
                faults.add(graded, run, step);
                List<Row> chains = ofSameQuestions(graded, annotated);
                metrics.kept(kept.size(), chains.size(), rightCutOff(graded));

                // 4. Both halves of the loss -> weights.
                double rate = config.optimizer().rate(step, config.steps());
                int passes = kept.isEmpty() && chains.isEmpty() ? 0 : config.passes();
                for (int pass = 0; pass < passes; pass++) {
                    Halves loss = parts.fit(tokens -> {
                        optimizer.zeroGradients();
                        return backward(kept, chains, tokens, policy);
                    });
                    guards.finite("loss", loss.total(), step);
                    double norm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
                    metrics.updated(loss.values(), norm);
                }
                if (passes == 0) {
                    // Figures of such a step are 0 rather than missing.
                    metrics.updated(new Halves(0, 0).values(), 0);
                    run.emit(
                            new RunEvent.Warned(
                                    step,
                                    "nothing to learn from: no completion was right, and no question of this step is annotated"));
                } else {
                    guards.changed(rate, metrics.gradientNorm(), run, step);
                }
                metrics.finished(optimizer, rate, tokens(kept) + tokens(chains));
                run.emit(new RunEvent.Stepped(step, config.steps(), metrics.values(), metrics.timings()));

                // 5. Measure, keep, end.
                if (setup.stops(step, config.steps(), policy, keep)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(config.steps(), "done"));
        }
    }

    /**
     * The loss of one update.
     *
     * @param samples half the mean cross-entropy of the kept samples, 0 without any
     * @param annotated the same of the annotated chains
     */
    record Halves(double samples, double annotated) {
        double total() {
            return samples + annotated;
        }

        /** By the names that docs/algorithms/self-training.md explains. */
        Map<String, Double> values() {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("loss-samples", 2 * samples);
            values.put("loss-annotated", 2 * annotated);
            values.put("loss-total", total());
            return values;
        }
    }

    /**
     * Adds the gradients of half the mean cross-entropy of the kept samples and half that of the annotated chains. Where one is empty the
     * other still counts half, as in the reference code.
     */
    static Halves backward(List<Row> kept, List<Row> chains, int tokens, PolicyModel policy) {
        return new Halves(
                CrossEntropy.backward(kept, 0.5, tokens, policy), CrossEntropy.backward(chains, 0.5, tokens, policy));
    }

    /** The completions that are right and came to an end. */
    static List<Row> kept(List<Rollout> graded) {
        return graded.stream()
                .filter(g -> g.grade().right() && !isCutOff(g))
                .map(g -> g.row())
                .toList();
    }

    private static boolean isCutOff(Rollout graded) {
        return graded.completion().stop() == StopReason.LENGTH;
    }

    private static int rightCutOff(List<Rollout> graded) {
        return (int)
                graded.stream().filter(g -> g.grade().right() && isCutOff(g)).count();
    }

    /** Each question once, however often it was sampled. */
    static List<Row> ofSameQuestions(List<Rollout> rollouts, Map<String, List<Row>> annotated) {
        return rollouts.stream()
                .filter(rollout -> rollout.sample() == 0)
                .flatMap(rollout -> annotated.getOrDefault(rollout.question().id(), List.of()).stream())
                .toList();
    }

    private static long tokens(List<Row> rows) {
        return rows.stream().mapToLong(Row::length).sum();
    }

    /** The annotated rows of each training question by its id. */
    static Map<String, List<Row>> annotated(Setup setup, OnlineSelfTrainingConfig config) {
        Targets targets = new Targets(setup.prompts(), setup.rowTokens(config.maxTokens()));
        return setup.data().train().stream().collect(Collectors.toMap(Question::id, targets::annotated));
    }
}
