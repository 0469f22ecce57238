package org.reft4j.train.recipe;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.loss.GrpoLossConfig;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.GroupExperience;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Group-relative policy optimisation (Shao et al. 2024, DeepSeekMath, arXiv:2402.03300, section 4.1): the policy answers each question several
 * times, a grader pays the answers, and PPO's clipped objective moves the policy towards those that were paid more than the others of their
 * question. There is no critic; the KL penalty is in the loss.
 */
final class GrpoRecipe implements Recipe<GrpoConfig> {

    @Override
    public void run(GrpoConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools);
                PolicyModel policy = setup.policy(run.latest());
                @Nullable PolicyModel reference = config.referenced() ? setup.reference(policy) : null;
                AdamW optimizer = new AdamW(policy.trained(), List.of(), 1, config.optimizer());
                Grading grading = setup.grading(config.control(), config.reward())) {
            // What is trained is what was sampled.
            policy.temperature(config.rollout().temperature());
            if (reference != null) {
                reference.temperature(config.rollout().temperature());
            }
            MicroBatches parts = setup.microBatches(policy);
            Questioner questioner = new Questioner(setup, config.rollout(), config.minibatch(), config.seed(), run);
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
            GroupSampling sampling = new GroupSampling(questioner, grading, guards, config);
            run.latest().ifPresent(checkpoint -> sampling.restore(TrainerState.read(checkpoint)));
            Setup.Keep keep = (step, score) -> setup.save(
                    step,
                    score,
                    policy,
                    optimizer,
                    sampling.save(parts.save(watch.save(faults.save(distinct.save(TrainerState.empty()))))));
            int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
            run.emit(new RunEvent.Started(first - 1, config.steps(), "grpo"));
            if (first == 1) {
                config.loss().remark().ifPresent(remark -> run.emit(new RunEvent.Warned(0, remark)));
            }
            setup.begin(first, policy, keep);

            for (int step = first; step <= config.steps(); step++) {
                StepMetrics metrics = new StepMetrics();
                parts.begin(step);

                // 1. question -> completions -> rewards: several of each question, graded while others are still
                // sampled.
                GroupSampling.Sampled sampled = sampling.sample(policy, step);
                metrics.sampled(sampled.graded());
                metrics.graded(sampled.graded(), distinct.add(sampled.graded()), distinct);
                watch.add(sampled.graded(), run, step);
                faults.add(sampled.graded(), run, step);

                // 2. rewards -> advantages, of each completion over the others of its question.
                List<GroupExperience.Entry> compared = GroupExperience.compare(
                        sampled.groups(),
                        config.overlong(),
                        config.advantage(),
                        config.loss().maskTruncated());

                // 3. Log-probabilities, under the weights that sampled. A single update says the policy's itself.
                boolean single = config.loss().epochs() == 1
                        && questioner.minibatches(compared.size(), step, 0).size() == 1;
                GroupExperience experience =
                        parts.fit(tokens -> GroupExperience.of(compared, single ? null : policy, reference, tokens));
                metrics.scored();
                metrics.asked(sampled.asked(), sampled.mixed());

                // 4. advantages -> weights.
                double rate = config.optimizer().rate(step, config.steps());
                for (int epoch = 0; epoch < config.loss().epochs(); epoch++) {
                    for (int[] minibatch : questioner.minibatches(compared.size(), step, epoch)) {
                        boolean unmoved = metrics.updates() == 0;
                        GroupLosses losses = parts.fit(tokens -> {
                            optimizer.zeroGradients();
                            GroupLosses sum = new GroupLosses(unmoved);
                            for (int[] group : experience.groups(minibatch, tokens)) {
                                accumulate(experience, group, minibatch, policy, config.loss(), sum);
                            }
                            return sum;
                        });
                        if (unmoved) {
                            // All is measured now, and nothing is changed yet.
                            metrics.measured(experience);
                            guards.watch(metrics, config.guards(), setup.compute(), "loss.kl", run, step);
                            guards.rounding(losses.rounding(), "loss.clip-low and clip-high", run, step);
                            run.emit(questioner.record(step, sampled.graded(), experience));
                        }
                        guards.finite("loss", losses.total(), step);
                        double norm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
                        metrics.updated(losses.values(), norm);
                    }
                }
                guards.changed(rate, metrics.gradientNorm(), run, step);
                metrics.finished(optimizer, rate, experience.tokens());
                run.emit(new RunEvent.Stepped(step, config.steps(), metrics.values(), metrics.timings()));

                // 5. Measure, keep, end.
                if (setup.stops(step, config.steps(), policy, keep)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(config.steps(), "done"));
        }
    }

    /** Forward and backward of one part of a minibatch; gradients add up in the optimiser's buffer. */
    private static void accumulate(
            GroupExperience experience,
            int[] group,
            int[] minibatch,
            PolicyModel policy,
            GrpoLossConfig config,
            GroupLosses losses) {
        try (var _ = NativeScope.open()) {
            policy.backward(experience.rows(group), scores -> {
                if (losses.unmoved()) {
                    experience.measure(group, Tensors.toFloats(scores.logprobs()));
                }
                GrpoLoss.Old old = losses.old(scores.logprobs(), experience.old(group, minibatch, config), config);
                GrpoLoss loss = GrpoLoss.of(scores.logprobs(), old, config);
                losses.add(loss);
                return loss.total();
            });
        }
    }
}
