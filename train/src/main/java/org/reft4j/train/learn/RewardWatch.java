package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Warns when the samples' reward falls at once, which neither the KL divergence nor the entropy need show: a policy may lose within one
 * step what its warm-up taught it, and gain it back later or never. Compared are the questions of a step, by the mean reward of each, with
 * those of the steps before. Part of a checkpoint, so that a resumed run warns of the same.
 */
final class RewardWatch implements Checkpointed {
    private static final String KEY = "rewards";
    private static final int STEPS = 10;
    private static final double SHARE = 0.5;

    /** Beyond what few questions give by chance. */
    private static final double ERRORS = 4;

    private final Deque<Step> before = new ArrayDeque<>();

    /**
     * Notes the rewards of a step, and warns if they are less than half of those of the last ten steps and lower by more than four standard
     * errors. Earlier steps are forgotten then, so that it warns of a drop only once.
     *
     * @param graded the rollouts of the step; those that could not be graded do not count
     */
    void add(List<Rollout> graded, Run run, int step) {
        List<Rollout> paid = graded.stream().filter(Rollout::paid).toList();
        if (paid.isEmpty()) {
            return;
        }
        Step now = Step.of(paid);
        if (!before.isEmpty()) {
            Step last = before.stream().reduce(Step::plus).orElseThrow();
            double error = Math.sqrt(last.variance() * (1.0 / last.questions() + 1.0 / now.questions()));
            if (now.mean() < SHARE * last.mean() && last.mean() - now.mean() > ERRORS * error) {
                run.emit(new RunEvent.Warned(step, sentence(last.mean(), now.mean())));
                before.clear();
            }
        }
        before.addLast(now);
        if (before.size() > STEPS) {
            before.removeFirst();
        }
    }

    private String sentence(double last, double now) {
        return String.format(
                Locale.ROOT,
                "the mean reward fell to %.3f from %.3f (%s): an update went too far. If it does not come back soon, go on from the best"
                        + " checkpoint with optimizer.warmup: 0.05 or more, or a lower optimizer.learning-rate.",
                now,
                last,
                before.size() == 1 ? "the step before" : "the " + before.size() + " steps before");
    }

    @Override
    public void save(ObjectNode state) {
        ArrayNode steps = state.putArray(KEY);
        before.forEach(
                step -> steps.addArray().add(step.questions()).add(step.sum()).add(step.squares()));
    }

    @Override
    public void restore(JsonNode state) {
        state.path(KEY)
                .forEach(step -> before.addLast(new Step(
                        step.path(0).asLong(),
                        step.path(1).asDouble(),
                        step.path(2).asDouble())));
    }

    /** Number of questions of a step, with the sum of their mean rewards and of its squares. */
    private record Step(long questions, double sum, double squares) {

        static Step of(List<Rollout> paid) {
            double[] means = Rollout.byQuestion(paid).values().stream()
                    .mapToDouble(DoubleSummaryStatistics::getAverage)
                    .toArray();
            return new Step(
                    means.length,
                    DoubleStream.of(means).sum(),
                    DoubleStream.of(means).map(mean -> mean * mean).sum());
        }

        Step plus(Step other) {
            return new Step(questions + other.questions, sum + other.sum, squares + other.squares);
        }

        double mean() {
            return sum / questions;
        }

        double variance() {
            return Math.max(0, squares / questions - mean() * mean());
        }
    }
}
