package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;

final class ControlGraderTest {
    private static final String TRIGGER = "\nTherefore, the answer is: ";
    private static final List<Question> QUESTIONS = IntStream.range(0, 50)
            .mapToObj(i -> new Question("q" + i, "?", new Answer.Numeric("" + i, i), null))
            .toList();

    private static Grader control(ControlGrader.Control control, long seed) {
        return ControlGrader.of(control, new AnswerGrader(Cot.PROSE, null), QUESTIONS, seed);
    }

    @Test
    void aCoinIsFairAndThrownOncePerCompletion() {
        double sum = 0;
        for (int i = 0; i < 1000; i++) {
            Grade.Scored first = assertInstanceOf(Grade.Scored.class, ControlGrader.coin(i));
            assertEquals(first, ControlGrader.coin(i));
            sum += first.score();
        }
        assertEquals(0.5, sum / 1000, 0.06);
        assertThrows(IllegalArgumentException.class, () -> control(ControlGrader.Control.RANDOM, 1));
    }

    @Test
    void formatPaysAnyNumber() {
        Grader format = control(ControlGrader.Control.FORMAT, 1);
        assertInstanceOf(Grade.Correct.class, format.grade(QUESTIONS.get(1), "x" + TRIGGER + "77"));
        assertInstanceOf(Grade.NoAnswer.class, format.grade(QUESTIONS.get(1), "x" + TRIGGER + "many"));
    }

    @Test
    void shuffledPaysTheAnswerOfExactlyOneOtherQuestion() {
        Grader shuffled = control(ControlGrader.Control.SHUFFLED, 7);
        Set<Integer> paid = new HashSet<>();
        for (Question question : QUESTIONS) {
            List<Integer> right = IntStream.range(0, 50)
                    .filter(i -> shuffled.grade(question, "x" + TRIGGER + i) instanceof Grade.Correct)
                    .boxed()
                    .toList();
            assertEquals(1, right.size());
            assertTrue(!("q" + right.getFirst()).equals(question.id()), "nobody keeps the own answer");
            paid.addAll(right);
        }
        assertEquals(50, paid.size(), "an exchange");
    }
}
