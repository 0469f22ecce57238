package org.reft4j.train.algorithm;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
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
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.rollout.StepRewards;
import org.reft4j.train.rollout.TokenScores;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.RolloutConfig;

/**
 * Reinforced fine-tuning (ReFT, section 3.2): the policy samples its own chains of thought, a grader judges them,
 * and PPO moves the policy towards what was rewarded, held near the warm-up model by a KL penalty in the reward.
 */
final class ReftRecipe implements Recipe<ReftSettings> {

    @Override
    public void run(ReftSettings config, Run run, GraderTools tools) {
        boolean zero = config.valueHead() == ReftSettings.ValueHead.ZERO;
        try (Trainer trainer = Trainer.open("reft", config, run, tools);
                Sampling sampling = trainer.sampling(
                        config.rollout(),
                        OptionalInt.of(config.ppo().minibatch()),
                        config.guards().graderFailures(),
                        config.control(),
                        config.reward());
                Learner own = config.separateCritic() ? trainer.critic(zero, config.criticRate()) : null;
                Learner policy =
                        own == null ? trainer.policyWithValueHead(zero, config.criticRate()) : trainer.policy();
                Scorer reference = trainer.reference(policy)) {
            Learner critic = own == null ? policy : own;
            // Training uses the temperature of sampling.
            policy.model().temperature(config.rollout().temperature());
            reference.model().temperature(config.rollout().temperature());
            KlCoefficient kl = trainer.keep(new KlCoefficient(config.ppo()));
            StepRewards stepRewards = trainer.setup().stepRewards(config.stepGrader(), config.stepWeight());

            for (Step step : trainer.steps(config.steps())) {
                // 1. question -> completion -> grade: the model as it is now writes its own chains of thought.
                List<Rollout> graded = sampling.ask(policy, step);
                List<Rollout> paid = sampling.informative(graded, step);

                // 2. grade -> reward -> advantages, under the weights that sampled.
                List<Row> rows = paid.stream().map(g -> g.row()).toList();
                PpoConfig ppo = kl.objective();
                List<TokenScores> scores = policy.forward(rows);
                Experience experience = Experience.of(
                        rows,
                        stepRewards.of(paid),
                        scores,
                        reference.forward(rows),
                        critic == policy
                                ? scores.stream().map(TokenScores::values).toList()
                                : critic.values(rows),
                        ppo);
                step.metrics().scored();
                step.metrics().measured(experience, paid);
                step.watch(config.guards(), "ppo.kl");
                run.emit(sampling.questioner().record(step.number(), graded, paid, experience));

                // 3. advantages -> weights.
                boolean criticOnly = step.number() <= config.criticWarmup();
                for (int[] minibatch : sampling.minibatches(paid.size(), step, ppo.epochs())) {
                    update(step, policy, critic, experience, minibatch, ppo, criticOnly);
                }
                if (!criticOnly) {
                    kl.moved(step.metrics(), paid.size());
                }

                // 4. Measure, keep, end.
                if (!step.end()) {
                    return;
                }
            }
        }
    }

    private static void update(
            Step step,
            Learner policy,
            Learner critic,
            Experience experience,
            int[] minibatch,
            PpoConfig ppo,
            boolean criticOnly) {
        boolean unmoved = step.metrics().updates() == 0;
        UpdateLosses losses =
                PpoLosses.forwardBackward(policy, critic, experience, minibatch, ppo, criticOnly, unmoved);
        if (unmoved) {
            step.rounding(losses.rounding(), "ppo.clip and clip-high");
        }
        var _ = step.finite("loss", losses.total());
        Map<String, Double> figures = losses.values();
        if (critic != policy) {
            double norm = critic.optimStep(step.rate());
            figures.put("critic-gradient-norm", step.finite("critic's gradient norm", norm));
        }
        if (criticOnly && critic != policy) {
            step.rested(figures);
        } else {
            // A value head on the policy's backbone learns before the backbone does.
            step.moved(figures, criticOnly ? policy.optimStepHead(step.rate()) : policy.optimStep(step.rate()));
        }
    }

    @Override
    public void plan(ReftSettings config, Dataset data, BatchArithmetic plan) {
        RolloutConfig rollout = config.rollout();
        PpoConfig ppo = config.ppo();
        int models = config.separateCritic() ? 2 : 1;
        long updates = plan.updates(plan.rollouts(rollout), ppo.minibatch(), ppo.epochs(), "PPO epochs");
        if (config.criticWarmup() > 0) {
            plan.say(
                    "the first %d steps train the %s only",
                    config.criticWarmup(), config.separateCritic() ? "critic" : "value head");
        }
        plan.steps(data.train().size(), rollout, config.steps(), updates);
        plan.takes(rollout, config.steps(), 1 + models, ppo.epochs() * models, updates * models);
    }

    @Override
    public RunTexts texts(ReftSettings config, Setup setup, Run run) {
        var _ = setup.stepRewards(config.stepGrader(), config.stepWeight());
        return RunTexts.asked(
                new Questioner(setup, config.rollout(), config.ppo().minibatch(), config.seed(), run));
    }
}
