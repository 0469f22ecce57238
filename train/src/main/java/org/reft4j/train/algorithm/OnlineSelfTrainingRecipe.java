package org.reft4j.train.algorithm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Questioner;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Sampling;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Targets;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.RolloutConfig;

/**
 * Online self-training (ReFT, section 4.2): the policy samples as in reinforced fine-tuning, and learns by supervision from what was right
 * and from the annotated chains of the same questions. Nothing is learned from wrong samples, and nothing holds the policy back.
 */
public final class OnlineSelfTrainingRecipe implements Recipe<OnlineSelfTrainingSettings> {
    @Override
    public void run(OnlineSelfTrainingSettings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("online-self-training", config, run, tools);
                Sampling sampling = trainer.sampling(
                        config.rollout().questioning(),
                        OptionalInt.empty(),
                        config.guards().graderFailures(),
                        ControlGrader.Control.NONE,
                        RewardRule.REFT);
                Learner policy = trainer.policy()) {
            Map<String, List<Row>> annotated = annotated(trainer.setup(), config);
            for (Step step : trainer.steps(config.steps())) {
                // 1. question -> completion -> grade: the model as it is now writes its own chains of thought.
                List<Rollout> graded = sampling.ask(policy, step);
                run.emit(new RunEvent.RolledOut(
                        step.number(), sampling.questioner().records(step.number(), graded)));

                // 2. What was right, and what is annotated of the same questions.
                List<Row> kept = kept(sampling.paid(graded, step));
                List<Row> chains = ofSameQuestions(graded, annotated);
                long cutOff = graded.stream()
                        .filter(g -> g.grade().right() && g.cutOff())
                        .count();
                step.metrics().kept(kept.size(), chains.size(), (int) cutOff);
                step.metrics()
                        .trains(Stream.concat(kept.stream(), chains.stream())
                                .mapToLong(Row::length)
                                .sum());

                // 3. Both halves of the loss -> weights.
                int passes = kept.isEmpty() && chains.isEmpty() ? 0 : config.passes();
                for (int pass = 0; pass < passes; pass++) {
                    Halves loss = forwardBackward(policy, kept, chains);
                    step.update(policy, loss.total(), loss.values());
                }
                if (passes == 0) {
                    // Figures of such a step are 0 rather than missing.
                    step.rested(new Halves(0, 0).values());
                    step.warn(
                            "nothing to learn from: no completion was right, and no question of this step is annotated");
                }

                // 4. Measure, keep, end.
                if (!step.end()) {
                    return;
                }
            }
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
    static Halves forwardBackward(Learner policy, List<Row> kept, List<Row> chains) {
        return new Halves(policy.crossEntropy(kept, 0.5), policy.crossEntropy(chains, 0.5));
    }

    /** The completions that are right and came to an end. */
    static List<Row> kept(List<Rollout> graded) {
        return graded.stream()
                .filter(g -> g.grade().right() && !g.cutOff())
                .map(g -> g.row())
                .toList();
    }

    /** Each question once, however often it was sampled. */
    static List<Row> ofSameQuestions(List<Rollout> rollouts, Map<String, List<Row>> annotated) {
        return rollouts.stream()
                .filter(rollout -> rollout.sample() == 0)
                .flatMap(rollout -> annotated.getOrDefault(rollout.question().id(), List.of()).stream())
                .toList();
    }

    private static Map<String, List<Row>> annotated(Setup setup, OnlineSelfTrainingSettings config) {
        return new Targets(setup.prompts(), setup.rowTokens(config.maxTokens()))
                .byQuestion(setup.data().train());
    }

    @Override
    public void plan(OnlineSelfTrainingSettings config, Dataset data, BatchArithmetic plan) {
        RolloutConfig rollout = config.sampling();
        int passes = config.passes();
        long annotated = BatchArithmetic.annotated(data);
        var _ = plan.rollouts(rollout);
        plan.say("%d updates a step, on the right rollouts and the annotated chains of the step's questions", passes);
        plan.count("updates-per-step", passes);
        plan.say("%d annotated rows", annotated);
        plan.count("annotated", annotated);
        plan.steps(data.train().size(), rollout, config.steps(), passes);
        plan.takes(rollout, config.steps(), 0, passes, passes);
    }

    @Override
    public RunTexts texts(OnlineSelfTrainingSettings config, Setup setup, Run run) {
        Map<String, List<Row>> _ = annotated(setup, config);
        return RunTexts.asked(new Questioner(setup, config.sampling(), config.seed(), run));
    }
}
