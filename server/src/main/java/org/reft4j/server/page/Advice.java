package org.reft4j.server.page;

import java.util.ArrayList;
import java.util.List;
import org.reft4j.train.run.RunReader.Measured;
import org.reft4j.train.run.RunReader.Point;

/**
 * Something about a run's curves that a person should know, with what to do next.
 *
 * @param title a few words
 * @param link the query of the rollouts that show it; empty for none
 */
record Advice(String title, String text, String link) {
    /** A larger gap between training and validation is suspicious. */
    private static final double GAP = 0.10;

    private static final int STEPS_TO_JUDGE = 10;
    private static final int AVERAGED = 5;
    private static final double UNMOVED = 0.02;
    private static final int LONG_FLAT = 40;

    static List<Advice> of(Snapshot run) {
        List<Advice> advice = new ArrayList<>();
        gap(run, advice);
        flat(run, advice);
        return advice;
    }

    /** Both on the same scale: rewards where the validation has some, right answers where not. */
    private static void gap(Snapshot run, List<Advice> advice) {
        if (run.validation().isEmpty() || !run.rewarded()) {
            return;
        }
        Measured last = run.validation().getLast();
        boolean paid = !Double.isNaN(last.reward());
        List<Point> before = run.points(paid ? "reward" : "score-correct").stream()
                .filter(point -> point.step() <= last.step())
                .toList();
        if (before.size() < AVERAGED) {
            return;
        }
        double training = Snapshot.mean(before.subList(before.size() - AVERAGED, before.size()));
        double validation = paid ? last.reward() : last.accuracy();
        if (training - validation > GAP) {
            String what = paid ? "mean reward" : "share of right answers";
            advice.add(new Advice(
                    "Training is ahead of validation",
                    "Up to step " + last.step() + " the " + what + " is " + Text.number(training) + " in training and "
                            + Text.number(validation) + " on validation questions: a gap of "
                            + Text.number(training - validation) + ", where up to " + Text.number(GAP)
                            + " is usual. The model may have found a weakness of the grader, or know its questions by heart."
                            + " Read the best-paid rollouts of the last steps; if they do not deserve their reward, mend the grader."
                            + " Else use more questions, or take the chosen checkpoint instead of the last.",
                    "from=" + Math.max(1, last.step() - AVERAGED) + "&to=" + last.step() + "&order=HIGHEST_REWARD"));
        }
    }

    private static void flat(Snapshot run, List<Advice> advice) {
        List<Point> rewards = run.points("reward");
        if (rewards.size() < STEPS_TO_JUDGE) {
            return;
        }
        double first = Snapshot.mean(rewards.subList(0, AVERAGED));
        double last = Snapshot.mean(rewards.subList(rewards.size() - AVERAGED, rewards.size()));
        double low = rewards.stream().mapToDouble(Point::value).min().orElse(0);
        double high = rewards.stream().mapToDouble(Point::value).max().orElse(0);
        if (Math.abs(last - first) > UNMOVED) {
            return;
        }
        String unmoved = "The mean reward was " + Text.number(first) + " in the first steps and is " + Text.number(last)
                + " in the last, after " + Text.plural(rewards.size(), "step", "steps") + ". ";
        String link = "from=" + rewards.get(rewards.size() - AVERAGED).step();
        if (high < 0.05 && low > -0.05) {
            advice.add(new Advice(
                    "The reward stays at nothing",
                    unmoved
                            + "Either no completion is right, or the grader does not recognise those that are. Read some"
                            + " rollouts and try the grader on an answer that you know to be right. If it is sound, begin with easier"
                            + " questions or with supervised training, so that some completions succeed.",
                    link));
        } else if (high - low < UNMOVED && first > 0.95) {
            advice.add(new Advice(
                    "The reward is at its top already",
                    unmoved
                            + "The questions are too easy to learn from, or the grader pays for everything. Ask harder ones.",
                    link));
        } else if (rewards.size() >= LONG_FLAT) {
            advice.add(new Advice(
                    "The reward does not move",
                    unmoved
                            + "Nothing is being learned. Look at the share of questions without a lesson below; if that is"
                            + " normal, raise the learning rate or take more samples a question.",
                    link));
        }
    }
}
