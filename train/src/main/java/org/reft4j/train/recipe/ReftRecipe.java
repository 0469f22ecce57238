package org.reft4j.train.recipe;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.NativeScope;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.GradedRollout;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.rollout.StepRewards;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Reinforced fine-tuning (ReFT, section 3.2): the policy samples its own chains of thought, a grader pays them,
 * and PPO moves the policy towards what was paid, held near the warm-up model by a KL penalty in the reward.
 */
final class ReftRecipe implements Recipe<ReftConfig> {

    @Override
    public void run(ReftConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools);
                SeparateCritic critic = SeparateCritic.open(config, setup, run);
                PolicyModel policy = critic == null
                        ? setup.policyWithValueHead(run.latest(), config.valueHead() == ReftConfig.ValueHead.ZERO)
                        : setup.policy(run.latest());
                PolicyModel reference = setup.reference(policy);
                AdamW optimizer =
                        new AdamW(policy.trained(), policy.valueHead(), config.criticRate(), config.optimizer());
                Grading grading = setup.grading(config.control(), config.reward())) {
            // What is trained is what was sampled.
            policy.temperature(config.rollout().temperature());
            reference.temperature(config.rollout().temperature());
            PolicyModel valuing = critic == null ? policy : critic.model();
            MicroBatches parts = setup.microBatches(policy, reference, valuing);
            KlCoefficient kl = new KlCoefficient(config.ppo());
            Questioner questioner = new Questioner(setup, config, run);
            StepRewards stepRewards = setup.stepRewards(config);
            DistinctChains distinct = new DistinctChains();
            RewardWatch watch = new RewardWatch();
            SampleWatch faults = new SampleWatch();
            run.latest().ifPresent(checkpoint -> {
                TrainerState.restore(optimizer, checkpoint);
                distinct.restore(TrainerState.read(checkpoint));
                watch.restore(TrainerState.read(checkpoint));
                faults.restore(TrainerState.read(checkpoint));
                kl.restore(TrainerState.read(checkpoint));
            });
            Guards guards = new Guards(optimizer);
            Setup.Keep keep = (step, score) -> setup.save(
                    step,
                    score,
                    policy,
                    optimizer,
                    critic,
                    kl.save(parts.save(watch.save(faults.save(distinct.save(TrainerState.empty()))))));
            int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
            run.emit(new RunEvent.Started(first - 1, config.steps(), "reft"));
            setup.begin(first, policy, keep);

            for (int step = first; step <= config.steps(); step++) {
                StepMetrics metrics = new StepMetrics();
                parts.begin(step);

                // 1. question -> completion: the model as it is now writes its own chains of thought.
                List<Rollout> rollouts = questioner.sample(policy, step, grading);
                metrics.sampled(rollouts);

                // 2. completion -> reward. Plain Java, no tensor in sight; begun while others were still sampled.
                List<GradedRollout> graded = grading.end(rollouts);
                metrics.graded(graded, distinct.add(graded), distinct);
                List<GradedRollout> paid = questioner.informative(guards.paid(graded, config.guards(), step));
                watch.add(graded, run, step);
                faults.add(graded, run, step);

                // 3. reward -> advantages, under the weights that sampled.
                List<Row> rows = paid.stream().map(g -> g.rollout().row()).toList();
                List<float[]> rewards = stepRewards.of(paid);
                PpoConfig ppo = kl.objective();
                Experience experience =
                        parts.fit(tokens -> Experience.of(rows, rewards, policy, reference, valuing, ppo, tokens));
                metrics.scored();
                metrics.measured(experience, paid);
                guards.watch(metrics, config.guards(), setup.compute(), "ppo.kl", run, step);
                run.emit(questioner.record(step, graded, paid, experience));

                // 4. advantages -> weights.
                double rate = config.optimizer().rate(step, config.steps());
                boolean criticOnly = step <= config.criticWarmup();
                boolean resting = criticOnly && critic != null;
                for (int epoch = 0; epoch < config.ppo().epochs(); epoch++) {
                    for (int[] minibatch : questioner.minibatches(paid.size(), step, epoch)) {
                        boolean unmoved = metrics.updates() == 0;
                        PpoLosses losses = parts.fit(tokens -> {
                            optimizer.zeroGradients();
                            if (critic != null) {
                                critic.optimizer().zeroGradients();
                            }
                            return backward(
                                    experience,
                                    minibatch,
                                    tokens,
                                    policy,
                                    critic,
                                    ppo,
                                    criticOnly,
                                    new PpoLosses(unmoved));
                        });
                        if (unmoved) {
                            guards.rounding(losses.rounding(), "ppo.clip and clip-high", run, step);
                        }
                        guards.finite("loss", losses.total(), step);
                        Map<String, Double> figures = losses.values();
                        if (critic != null) {
                            double criticNorm = critic.optimizer().clipAndStep(rate);
                            figures.put(
                                    "critic-gradient-norm", guards.finite("critic's gradient norm", criticNorm, step));
                        }
                        double norm = 0;
                        if (!resting) {
                            // A value head on the policy's trunk learns before the trunk does.
                            double found = criticOnly ? optimizer.clipAndStepHead(rate) : optimizer.clipAndStep(rate);
                            norm = guards.finite("gradient norm", found, step);
                        }
                        metrics.updated(figures, norm);
                    }
                }
                if (!resting) {
                    guards.changed(rate, metrics.gradientNorm(), run, step);
                }
                if (!criticOnly) {
                    kl.moved(metrics, paid.size());
                }
                metrics.finished(optimizer, rate, metrics.tokens());
                run.emit(new RunEvent.Stepped(step, config.steps(), metrics.values(), metrics.timings()));

                // 5. Measure, keep, end.
                if (setup.stops(step, config.steps(), policy, keep)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(config.steps(), "done"));
        }
    }

    /** Forward and backward of a minibatch, in parts of so many tokens. */
    private static PpoLosses backward(
            Experience experience,
            int[] minibatch,
            int tokens,
            PolicyModel policy,
            @Nullable SeparateCritic critic,
            PpoConfig ppo,
            boolean criticOnly,
            PpoLosses sum) {
        for (int[] group : experience.groups(minibatch, tokens)) {
            accumulate(experience, group, minibatch, policy, critic, ppo, criticOnly, sum);
        }
        return sum;
    }

    /** Forward and backward of one part of a minibatch; gradients add up in the optimiser's buffer. */
    static void accumulate(
            Experience experience,
            int[] group,
            int[] minibatch,
            PolicyModel policy,
            @Nullable SeparateCritic critic,
            PpoConfig ppo,
            boolean criticOnly,
            PpoLosses losses) {
        try (var _ = NativeScope.open()) {
            Rows rows = experience.rows(group);
            PpoLoss.Old old = experience.old(group, minibatch);
            if (critic != null) {
                critic.model().backwardCritic(rows, values -> {
                    Tensor loss = PpoLoss.value(values, old, ppo);
                    if (criticOnly) {
                        losses.addValue(loss);
                    } else {
                        losses.addCritic(loss);
                    }
                    return loss;
                });
                if (!criticOnly) {
                    policy.backward(rows, scores -> {
                        PpoLoss.Old before = losses.old(scores.logprobs(), old, ppo);
                        PpoLoss loss = PpoLoss.policyOnly(scores.logprobs(), before, ppo);
                        losses.add(loss);
                        return loss.total();
                    });
                }
            } else if (criticOnly) {
                policy.backwardValues(rows, values -> {
                    Tensor loss = PpoLoss.value(values, old, ppo);
                    losses.addValue(loss);
                    return loss;
                });
            } else {
                policy.backward(rows, scores -> {
                    PpoLoss loss = PpoLoss.of(scores, losses.old(scores.logprobs(), old, ppo), ppo);
                    losses.add(loss);
                    return loss.total();
                });
            }
        }
    }
}
