package org.reft4j.train.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.train.rollout.Rollout;

class SampleWatchTest {
    private static final Grade RIGHT = new Grade.Correct("1");
    private static final Grade WRONG = new Grade.Wrong("2");

    private final ToldRun run = new ToldRun();

    private static Rollout graded(Grade grade, StopReason stop) {
        double reward = grade instanceof Grade.Correct ? 1 : grade instanceof Grade.Failed ? Double.NaN : 0;
        Completion completion = new Completion(Tokens.of(1, 2), stop, new float[2]);
        Question asked = new Question("q", "?", new Answer.Numeric("1", 1), null);
        return new Rollout(asked, 0, Tokens.of(3), completion, "").graded(grade, reward, 0);
    }

    private static List<Rollout> ended(Grade... grades) {
        List<Rollout> all = new ArrayList<>();
        for (Grade grade : grades) {
            all.add(graded(grade, StopReason.END_OF_TEXT));
        }
        return all;
    }

    private String told() {
        return String.join(
                "\n",
                run.warnings().stream()
                        .map(warned -> warned.step() + " " + warned.message())
                        .toList());
    }

    @Test
    void soundSamplesAreNoWordWorth() {
        new SampleWatch().add(ended(RIGHT, WRONG, RIGHT, WRONG), run, 1);
        assertEquals("", told());
    }

    @Test
    void theFirstStepTellsEveryFault() {
        List<Rollout> cut = ended(RIGHT, WRONG, WRONG);
        cut.add(graded(WRONG, StopReason.LENGTH));
        new SampleWatch().add(cut, run, 1);
        assertTrue(told().startsWith("1 1 of 4 completions were cut off at the limit of tokens"), told());
        assertTrue(told().contains("rollout.max-total-tokens"), told());
        run.clear();
        new SampleWatch().add(ended(WRONG, WRONG, WRONG), run, 1);
        assertTrue(
                told().startsWith("1 all 3 completions were paid the same, 0.000: there is nothing to learn"), told());
        run.clear();
        Grade failed = new Grade.Failed(GradeError.OTHER_ERROR, "no such field");
        new SampleWatch().add(ended(RIGHT, WRONG, failed), run, 1);
        assertTrue(told().startsWith("1 1 of 3 completions could not be graded"), told());
        assertTrue(told().contains("no such field") && told().contains("reft grader check"), told());
        run.clear();
        Grade none = new Grade.NoAnswer("nothing there");
        new SampleWatch().add(ended(RIGHT, none), run, 1);
        assertTrue(told().startsWith("1 in 1 of 2 completions no answer could be read"), told());
    }

    /** Also across a checkpoint, and not in every step. */
    @Test
    void whatPersistsIsToldAgain() {
        SampleWatch watch = new SampleWatch();
        for (int step = 1; step <= 60; step++) {
            watch.add(ended(WRONG, WRONG), run, step);
        }
        SampleWatch resumed = new SampleWatch();
        resumed.restore(saved(watch));
        for (int step = 61; step <= 250; step++) {
            resumed.add(ended(WRONG, WRONG), run, step);
        }
        assertEquals(
                List.of(1, 10, 100),
                run.warnings().stream().map(warned -> warned.step()).toList());
        assertTrue(told().contains("10 10 steps in a row: all 2 completions"), told());
    }

    @Test
    void whatComesLaterMustLast() {
        SampleWatch watch = new SampleWatch();
        for (int step = 1; step <= 30; step++) {
            watch.add(step < 12 || step == 15 ? ended(RIGHT, WRONG) : ended(WRONG, WRONG), run, step);
        }
        assertEquals(
                List.of(25),
                run.warnings().stream().map(warned -> warned.step()).toList());
    }

    private static ObjectNode saved(Checkpointed state) {
        ObjectNode node = TrainerState.empty();
        state.save(node);
        return node;
    }
}
