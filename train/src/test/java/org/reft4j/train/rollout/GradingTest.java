package org.reft4j.train.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.RewardRule;

final class GradingTest {
    private static final List<Rollout> ROLLOUTS =
            IntStream.range(0, 100).mapToObj(GradingTest::rollout).toList();

    private static Rollout rollout(int number) {
        return new Rollout(
                new Question("q" + number, "?", new Answer.Text("a"), null),
                0,
                Tokens.of(1),
                new Completion(Tokens.of(2), StopReason.END_OF_TEXT, new float[1]),
                String.valueOf(number));
    }

    @Test
    void gradesInTheOrderGivenWhetherBegunOrNot() {
        AtomicInteger calls = new AtomicInteger();
        try (Grading grading = new Grading(
                (question, completion) -> {
                    calls.incrementAndGet();
                    return Grade.Scored.of(Double.parseDouble(completion) / 100);
                },
                RewardRule.REFT)) {
            ROLLOUTS.reversed().stream().limit(30).forEach(rollout -> grading.begin(rollout, 0));
            List<Rollout> graded = grading.end(ROLLOUTS);
            for (int i = 0; i < graded.size(); i++) {
                assertEquals(i / 100.0, graded.get(i).reward());
                assertEquals(
                        ROLLOUTS.get(i)
                                .graded(
                                        graded.get(i).grade(),
                                        i / 100.0,
                                        graded.get(i).seconds()),
                        graded.get(i));
            }
            assertEquals(100, calls.get(), "each once");
            assertEquals(100, grading.end(ROLLOUTS).size());
            assertEquals(200, calls.get(), "another step grades anew");
        }
    }

    @Test
    void workBeginsBeforeAnybodyWaits() throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        try (Grading grading = new Grading(
                (question, completion) -> {
                    reached.countDown();
                    return Grade.Scored.of(1);
                },
                RewardRule.REFT)) {
            grading.begin(ROLLOUTS.getFirst(), 0);
            assertTrue(reached.await(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void aGraderThatThrowsEndsTheStepAndOneThatFailsDoesNot() {
        IllegalStateException broken = assertThrows(
                IllegalStateException.class,
                () -> Grading.all(
                        ROLLOUTS,
                        (question, completion) -> {
                            throw new IllegalStateException("no pool");
                        },
                        RewardRule.REFT));
        assertEquals("no pool", broken.getMessage());
        Rollout failed = Grading.all(
                        ROLLOUTS.subList(0, 1),
                        (question, completion) -> new Grade.Failed(GradeError.OTHER_ERROR, "why"),
                        RewardRule.REFT)
                .getFirst();
        assertTrue(failed.failed() && Double.isNaN(failed.reward()));
    }
}
