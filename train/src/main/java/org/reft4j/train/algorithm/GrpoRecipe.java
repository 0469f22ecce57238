package org.reft4j.train.algorithm;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.learn.Batch;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Questioner;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Sampling;
import org.reft4j.train.learn.Scorer;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.learn.UpdateLosses;
import org.reft4j.train.rollout.GroupExperience;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.RolloutConfig;

/**
 * Group-relative policy optimisation (Shao et al. 2024, DeepSeekMath, arXiv:2402.03300, section 4.1): the policy answers each question several
 * times, a grader judges the answers, and PPO's clipped objective moves the policy towards those that were rewarded more than the others of their
 * question. There is no critic; the KL penalty is in the loss.
 */
final class GrpoRecipe implements Recipe<GrpoSettings> {

    @Override
    public void run(GrpoSettings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("grpo", config, run, tools);
                Sampling sampling = trainer.sampling(
                        config.rollout(),
                        OptionalInt.of(config.minibatch()),
                        config.guards().graderFailures(),
                        config.control(),
                        config.reward());
                Learner policy = trainer.policy();
                @Nullable Scorer reference = config.referenced() ? trainer.reference(policy) : null) {
            // Training uses the temperature of sampling.
            policy.model().temperature(config.rollout().temperature());
            if (reference != null) {
                reference.model().temperature(config.rollout().temperature());
            }
            Sampling.Position position = trainer.keep(new Sampling.Position());
            if (run.latest().isEmpty()) {
                config.loss().remark().ifPresent(remark -> run.emit(new RunEvent.Warned(0, remark)));
            }

            for (Step step : trainer.steps(config.steps())) {
                // 1. question -> completions -> grades: several of each question.
                Sampling.Groups sampled = sampling.askGroups(policy, step, config.refill(), position);

                // 2. grades -> rewards -> advantages, of each completion over the others of its question.
                List<GroupExperience.Entry> compared = GroupExperience.compare(
                        sampled.groups(),
                        config.overlong(),
                        config.advantage(),
                        config.loss().maskTruncated());

                // 3. Log-probabilities, under the weights that sampled. A single update says the policy's itself.
                List<Row> rows =
                        compared.stream().map(GroupExperience.Entry::row).toList();
                List<int[]> minibatches = sampling.minibatches(
                        compared.size(), step, config.loss().epochs());
                boolean single = minibatches.size() == 1;
                GroupExperience experience = GroupExperience.of(
                        compared,
                        single ? null : policy.forward(rows),
                        reference == null ? null : reference.forward(rows));
                step.metrics().scored();
                step.metrics().asked(sampled.asked(), sampled.mixed());
                step.metrics().trains(experience.tokens());

                // 4. advantages -> weights.
                for (int[] minibatch : minibatches) {
                    update(step, policy, experience, minibatch, config, sampling, sampled);
                }

                // 5. Measure, keep, end.
                if (!step.end()) {
                    return;
                }
            }
        }
    }

    private static void update(
            Step step,
            Learner policy,
            GroupExperience experience,
            int[] minibatch,
            GrpoSettings config,
            Sampling sampling,
            Sampling.Groups sampled) {
        boolean unmoved = step.metrics().updates() == 0;
        UpdateLosses losses = policy.forwardBackward(
                Batch.of(experience.rows(minibatch)),
                () -> new GroupLosses(experience, minibatch, config.loss(), unmoved));
        if (unmoved) {
            // All is measured now, and nothing is changed yet.
            step.metrics().measured(experience);
            step.watch(config.guards(), "loss.kl");
            step.rounding(losses.rounding(), "loss.clip-low and clip-high");
            step.run().emit(sampling.questioner().record(step.number(), sampled.graded(), experience));
        }
        step.update(policy, losses.total(), losses.values());
    }

    @Override
    public void plan(GrpoSettings config, Dataset data, BatchArithmetic plan) {
        RolloutConfig rollout = config.rollout();
        long rollouts = plan.rollouts(rollout);
        long asked = (long) rollout.questions() * config.refill();
        if (config.refill() > 1) {
            plan.say("in their place more are asked, at most %d a step", asked);
        }
        plan.count("questions-per-step-at-most", asked);
        int epochs = config.loss().epochs();
        long updates = plan.updates(rollouts, config.minibatch(), epochs, "epochs");
        plan.steps(data.train().size(), rollout, config.steps(), updates);
        if (config.referenced()) {
            plan.say("no critic; a frozen reference for the KL term");
        } else {
            plan.say("no critic, and no reference, since loss.kl is 0");
        }
        plan.takes(rollout, config.steps(), config.referenced() ? 2 : 1, epochs, updates);
    }

    @Override
    public RunTexts texts(GrpoSettings config, Setup setup, Run run) {
        return RunTexts.asked(new Questioner(setup, config.rollout(), config.minibatch(), config.seed(), run));
    }
}
