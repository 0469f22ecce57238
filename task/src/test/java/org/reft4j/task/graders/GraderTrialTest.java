package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;

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
    void aLittleForNonsenseIsNoted() {
        GraderTrial trial = trial((question, completion) -> Grade.Scored.of(
                completion.isEmpty()
                        ? 0.2
                        : completion.contains("the the")
                                ? 0
                                : completion.length() < 3 || completion.contains("=") ? 1 : 0));
        assertEquals(List.of("nothing at all is paid 0.200"), trial.notes());
    }

    @Test
    void rightAnswersMustBeWorthIt() {
        Grader low = (question, completion) -> Grade.Scored.of(
                completion.equals(question.answer().raw())
                                || (completion.endsWith("is: 2")
                                        && question.id().equals("a"))
                        ? 0.4
                        : 0);
        assertEquals(
                List.of(
                        "reference answers are paid 0.400, less than half of the best possible 1.000: right answers must be"
                                + " worth it, or be written otherwise"),
                trial(low).warnings());
        assertEquals(
                List.of(),
                trial((question, completion) -> low.grade(question, completion) instanceof Grade.Scored scored
                                ? scored.passing(0.3)
                                : new Grade.NoAnswer(""))
                        .warnings(GraderObjects.json("{'type': 'python', 'pass_threshold': 0.3}")),
                "a scale of one's own");
        assertEquals(10, BestScore.of(GraderObjects.json("{'type': 'score_model', 'range': [0, 10]}")), "of a range");
        assertEquals(
                0.8,
                BestScore.of(GraderObjects.json(
                        "{'type': 'multi', 'graders': {'a': {'type': 'format'}, 'b': {'type': 'length'}},"
                                + " 'calculate_output': '0.8 * a - 0.5 * b'}")),
                1e-12,
                "of a formula");
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
