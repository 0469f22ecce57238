package org.reft4j.train.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.RunEvent;

/** Cases with and without a warning, by the shares of right answers of a policy. */
class RewardWatchTest {
    private final ToldRun run = new ToldRun();
    private final Random chance = new Random(5);
    private int step;

    private static Rollout graded(int question, int sample, Grade grade) {
        double reward = grade instanceof Grade.Correct ? 1 : grade instanceof Grade.Failed ? Double.NaN : 0;
        Completion completion = new Completion(Tokens.of(1, 2), StopReason.END_OF_TEXT, new float[2]);
        Question asked = new Question("q" + question, "?", new Answer.Numeric("1", 1), null);
        return new Rollout(asked, sample, Tokens.of(3), completion, "").graded(grade, reward, 0);
    }

    /** Rollouts of some questions with some samples each, a share of which is right at random. */
    private List<Rollout> rollouts(int questions, int samples, double right) {
        List<Rollout> rollouts = new ArrayList<>();
        for (int q = 0; q < questions; q++) {
            for (int s = 0; s < samples; s++) {
                Grade grade = chance.nextDouble() < right ? new Grade.Correct("1") : new Grade.Wrong("2");
                rollouts.add(graded(q, s, grade));
            }
        }
        return rollouts;
    }

    private void steps(RewardWatch watch, int count, int questions, int samples, double right) {
        for (int i = 0; i < count; i++) {
            watch.add(rollouts(questions, samples, right), run, ++step);
        }
    }

    @Test
    void aFallIsToldOfOnceAndAtItsStep() {
        RewardWatch watch = new RewardWatch();
        steps(watch, 1, 64, 8, 1);
        steps(watch, 20, 64, 8, 0);
        assertEquals(
                List.of(new RunEvent.Warned(
                        2,
                        "the mean reward fell to 0.000 from 1.000 (the step before): an update went too far. If it does not come"
                                + " back soon, go on from the best checkpoint with optimizer.warmup: 0.05 or more, or a lower"
                                + " optimizer.learning-rate.")),
                run.events());
    }

    @Test
    void aSecondFallIsToldOfToo() {
        RewardWatch watch = new RewardWatch();
        steps(watch, 3, 64, 8, 0.9);
        steps(watch, 1, 64, 8, 0);
        steps(watch, 12, 64, 8, 0.9);
        steps(watch, 1, 64, 8, 0.2);
        assertEquals(
                List.of(4, 17),
                run.events().stream()
                        .map(event -> ((RunEvent.Warned) event).step())
                        .toList());
    }

    @Test
    void chanceIsNotAFall() {
        for (int questions : new int[] {2, 8, 64}) {
            RewardWatch watch = new RewardWatch();
            steps(watch, 400, questions, 1, 0.25);
            steps(watch, 400, questions, 4, 0.25);
        }
        assertEquals(0, run.events().size());
    }

    @Test
    void whatCouldNotBeGradedIsNoFallAndHidesNone() {
        RewardWatch watch = new RewardWatch();
        steps(watch, 3, 16, 4, 1);
        List<Rollout> failed = new ArrayList<>(rollouts(4, 4, 1));
        for (int q = 4; q < 16; q++) {
            failed.add(graded(q, 0, new Grade.Failed(GradeError.OTHER_ERROR, "no connection")));
        }
        watch.add(failed, run, ++step);
        watch.add(List.of(graded(0, 0, new Grade.Failed(GradeError.OTHER_ERROR, "no connection"))), run, ++step);
        assertEquals(List.of(), run.events());
        steps(watch, 1, 16, 4, 0);
        assertEquals(1, run.events().size());
    }

    @Test
    void aResumedRunWarnsOfTheSame() {
        RewardWatch watch = new RewardWatch();
        steps(watch, 12, 64, 8, 0.8);
        RewardWatch resumed = new RewardWatch();
        resumed.restore(saved(watch));
        List<Rollout> fallen = rollouts(64, 8, 0.1);
        watch.add(fallen, run, 13);
        resumed.add(fallen, run, 13);
        assertEquals(2, run.events().size());
        assertEquals(run.events().get(0), run.events().get(1));
        assertEquals(saved(watch), saved(resumed));
    }

    private static ObjectNode saved(Checkpointed state) {
        ObjectNode node = TrainerState.empty();
        state.save(node);
        return node;
    }
}
