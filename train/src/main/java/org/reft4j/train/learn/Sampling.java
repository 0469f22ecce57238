package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.reft4j.model.PolicyModel;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.settings.RolloutConfig;

/**
 * The first half of a step whose policy writes what it learns from: questions are put to the policy, its completions graded while others
 * are still written, counted and watched.
 */
public final class Sampling implements Checkpointed, AutoCloseable {
    private final RolloutConfig config;
    /** True if the algorithm computes the completions' probabilities again in a forward pass, to train on them. */
    private final boolean measured;

    private final double graderFailures;
    private final Questioner questioner;
    private final Grading grading;
    private final DistinctChains distinct = new DistinctChains();
    private final SampleWatch faults = new SampleWatch();
    private final RewardWatch rewards = new RewardWatch();

    /**
     * @param minibatch completions that are learned from at once, by algorithms that ask for their probabilities at sampling
     * @param graderFailures share of a step's completions that could not be graded above which the run stops
     */
    Sampling(
            Trainer trainer,
            RolloutConfig config,
            OptionalInt minibatch,
            double graderFailures,
            ControlGrader.Control control,
            RewardRule reward,
            long seed) {
        this.config = config;
        this.measured = minibatch.isPresent();
        this.graderFailures = graderFailures;
        this.questioner = minibatch.isPresent()
                ? new Questioner(trainer.setup(), config, minibatch.getAsInt(), seed, trainer.run())
                : new Questioner(trainer.setup(), config, seed, trainer.run());
        this.grading = trainer.setup().grading(control, reward);
        trainer.keep(this);
    }

    public Questioner questioner() {
        return questioner;
    }

    /** Asks a step's questions, grades the completions and notes their figures; question by question. */
    public List<Rollout> ask(Learner policy, Step step) {
        List<Rollout> graded = questioner.ask(policy.model(), step.number(), grading, rollouts -> {
            step.metrics().sampled(rollouts);
            if (!measured) {
                step.metrics().certain(rollouts);
            }
        });
        note(graded, step);
        return graded;
    }

    private void note(List<Rollout> graded, Step step) {
        step.metrics().graded(graded, distinct.add(graded), distinct);
        rewards.add(graded, step.run(), step.number());
        faults.add(graded, step.run(), step.number());
    }

    /** The completions of a step, each pass over them in an order of its own, cut into minibatches. */
    public List<int[]> minibatches(int completions, Step step, int passes) {
        return IntStream.range(0, passes)
                .boxed()
                .flatMap(pass -> questioner.minibatches(completions, step.number(), pass).stream())
                .toList();
    }

    /** The completions that could be graded; throws if too few could. */
    public List<Rollout> paid(List<Rollout> graded, Step step) {
        return Guards.paid(graded, graderFailures, step.number());
    }

    /** The same where only questions whose completions were not all rewarded alike teach anything. */
    public List<Rollout> informative(List<Rollout> graded, Step step) {
        List<Rollout> paid = paid(graded, step);
        return config.mixedOnly() ? Rollout.mixed(paid) : paid;
    }

    /**
     * The completions of a step, by question.
     *
     * @param graded every completion, question by question
     * @param groups the completions to train on, by question: the graded ones of the mixed questions, or of all questions if none is mixed
     * @param asked number of questions asked
     * @param mixed number of questions whose completions have different rewards
     */
    public record Groups(List<Rollout> graded, List<List<Rollout>> groups, int asked, int mixed) {}

    /**
     * Samples completions of a step's questions. With {@code rollout.mixed-only}, questions whose completions all have the same reward are
     * replaced by further ones (dynamic sampling, Yu et al. 2025, DAPO, arXiv:2503.14476, section 3.2).
     *
     * @param refill most questions to ask, as a multiple of a step's
     * @param position number of questions asked in the run so far
     */
    public Groups askGroups(Learner policy, Step step, int refill, Position position) {
        int bound = Math.clamp((long) config.questions() * refill, 1, Integer.MAX_VALUE);
        List<Rollout> graded = new ArrayList<>();
        List<List<Rollout>> groups = new ArrayList<>();
        List<List<Rollout>> mixed = new ArrayList<>();
        int asked = 0;
        do {
            int count = Math.min(config.questions() - (config.mixedOnly() ? mixed.size() : 0), bound - asked);
            List<Rollout> more = sample(policy.model(), step.number(), position.value + asked, asked, count);
            graded.addAll(more);
            asked += count;
            var _ = paid(graded, step);
            for (int from = 0; from < more.size(); from += config.samples()) {
                List<Rollout> group = more.subList(from, from + config.samples()).stream()
                        .filter(Rollout::paid)
                        .toList();
                groups.add(group);
                if (Rollout.unequal(group)) {
                    mixed.add(group);
                }
            }
        } while (config.mixedOnly() && mixed.size() < config.questions() && asked < bound);
        position.value += asked;
        step.metrics().sampled(graded);
        note(graded, step);
        return new Groups(graded, config.mixedOnly() && !mixed.isEmpty() ? mixed : groups, asked, mixed.size());
    }

    private List<Rollout> sample(PolicyModel policy, int step, long first, int asked, int count) {
        return questioner.ask(policy, step, first, asked, count, grading, _ -> {});
    }

    /** Number of questions that a run has asked; not a multiple of its steps, since refilling asks more in some steps than in others. */
    public static final class Position implements Checkpointed {
        private static final String ASKED = "questions-asked";
        private long value;

        @Override
        public void save(ObjectNode state) {
            state.put(ASKED, value);
        }

        @Override
        public void restore(JsonNode state) {
            value = state.path(ASKED).asLong();
        }
    }

    @Override
    public void save(ObjectNode state) {
        distinct.save(state);
        faults.save(state);
        rewards.save(state);
    }

    @Override
    public void restore(JsonNode state) {
        distinct.restore(state);
        rewards.restore(state);
        faults.restore(state);
    }

    @Override
    public void close() {
        grading.close();
    }
}
