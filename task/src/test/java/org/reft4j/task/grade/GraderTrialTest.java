package org.reft4j.task.grade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;

final class GraderTrialTest {
    private static final List<Question> QUESTIONS = List.of(
            new Question("a", "One and one?", new Answer.Numeric("2", 2), "1 + 1 = 2\nTherefore, the answer is: 2"),
            new Question("b", "Two and two?", new Answer.Numeric("4", 4), null),
            new Question("c", "Two and zero?", new Answer.Numeric("2", 2), null));

    private static GraderTrial trial(Grader grader) {
        return GraderTrial.of(grader, RewardRule.REFT, new ReftTemplate(Cot.PROSE), QUESTIONS);
    }

    private static Grader constant(double score) {
        return (question, completion) -> Grade.Scored.of(score);
    }

    @Test
    void aGoodGraderGivesNoWarning() {
        GraderTrial trial = trial(new AnswerGrader(Cot.PROSE, null));
        assertEquals(List.of(), trial.warnings());
        assertEquals(1, trial.mean(GraderTrial.Kind.REFERENCE).orElseThrow());
        assertEquals(0.1, trial.mean(GraderTrial.Kind.OTHER).orElseThrow(), 1e-12);
        assertEquals(
                "b",
                trial.probes().stream()
                        .filter(probe -> probe.kind() == GraderTrial.Kind.OTHER)
                        .toList()
                        .getLast()
                        .question()
                        .id()
                        .replace('c', 'b'));
    }

    @Test
    void equalScoresAndPaidNonsenseAreNamed() {
        assertEquals(
                List.of("everything is paid 0.700: there is nothing to learn"),
                trial(constant(0.7)).warnings());
        List<String> generous = trial((question, completion) -> Grade.Scored.of(completion.isEmpty() ? 0 : 1))
                .warnings();
        assertEquals(3, generous.size(), generous.toString());
        assertTrue(
                generous.getFirst().startsWith("other rows' answers are paid 1.000, about as much as"),
                generous.toString());
        List<String> half = trial((question, completion) -> Grade.Scored.of(
                        completion.isEmpty()
                                ? 0.5
                                : completion.contains("the the") ? 0 : completion.contains("2") ? 1 : 0))
                .warnings();
        assertTrue(half.contains("nothing at all is paid 0.500: a model will find that out"), half.toString());
    }

    @Test
    void failuresAreCountedAndNotPaid() {
        GraderTrial trial = trial((question, completion) -> completion.isEmpty()
                ? new Grade.Failed(GradeError.OTHER_ERROR, "no text")
                : Grade.Scored.of(completion.length() == 1 || completion.contains("=") ? 1 : 0));
        assertEquals(3, trial.failed().size());
        assertTrue(trial.mean(GraderTrial.Kind.EMPTY).isEmpty());
        assertTrue(trial.warnings().getFirst().startsWith("3 of 15 completions could not be graded, first: no text"));
    }
}
