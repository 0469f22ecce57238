package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.sandbox.ProgramRunner.Outcome;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;

class AnswerGraderTest {
    private static final Question SEVEN = new Question("q", "?", new Answer.Numeric("7.0", 7), null);
    private static final Question LETTER = new Question("q", "?", Answer.Choice.of("c"), null);
    private static final Question TEXT = new Question("q", "?", new Answer.Text(" dark blue "), null);

    @Test
    void theLastTriggerCounts() {
        assertEquals(
                new Grade.Correct("7.0"), prose(SEVEN, "a\nTherefore, the answer is: 5\nTherefore, the answer is: 7"));
        assertEquals(new Grade.Correct("7.0"), prose(SEVEN, "\nAnswer reasoning:\n7"));
        assertEquals(new Grade.Correct("7.0"), prose(SEVEN, "\n7 "));
    }

    /** The first trigger's last line end is not the second one's first: {@code split} finds one trigger here, not two. */
    @Test
    void triggersDoNotOverlap() {
        assertEquals(
                new Grade.Wrong("answer reasoning:\nc"), prose(LETTER, "a\nAnswer reasoning:\nAnswer reasoning:\nc"));
    }

    @Test
    void aTriggerAtTheVeryEndIsStrippedOfItsSpace() {
        assertEquals(
                new Grade.Wrong("so c\ntherefore, the answer is:"), prose(LETTER, "so c\nTherefore, the answer is: "));
    }

    @ParameterizedTest
    @CsvSource({"7.01, true", "6.99, true", "7.0101, false", "6.9899, false", "nan, false", "inf, false"})
    void numbersCountWithinAHundredth(String written, boolean correct) {
        assertEquals(correct, prose(SEVEN, written) instanceof Grade.Correct);
        assertEquals(!correct, prose(SEVEN, written) instanceof Grade.Wrong);
    }

    @Test
    void whatIsNoNumberIsNoAnswer() {
        assertEquals(
                new Grade.NoAnswer("no number after the answer trigger: 'about 7'"),
                prose(SEVEN, "Therefore:\nTherefore, the answer is: about\n7"));
    }

    @Test
    void textsAreComparedStripped() {
        assertEquals(new Grade.Correct("dark blue"), prose(TEXT, "Look.\nTherefore, the answer is: dark blue\n"));
        assertEquals(new Grade.Wrong("blue"), prose(TEXT, "blue"));
        assertEquals(new Grade.NoAnswer("the answer is empty"), prose(TEXT, " "));
    }

    @Test
    void programsAreRunCleaned() {
        List<String> seen = new ArrayList<>();
        ProgramRunner runner = runner(new Outcome.Returned("7", "7.0"), seen);
        Grade grade = new AnswerGrader(Cot.PROGRAM, runner)
                .grade(SEVEN, "x\nAnswer reasoning:\n def solution():\n    sys.exit(7)\n\nprint(1)");
        assertEquals(new Grade.Correct("7.0"), grade);
        assertEquals(List.of("def solution():\n    print(7)"), seen);
    }

    @Test
    void programsThatFailGiveTheirReason() {
        assertEquals(new Grade.NoAnswer("NameError: x"), program(SEVEN, new Outcome.Raised("NameError: x")));
        assertEquals(new Grade.NoAnswer("after 10 s"), program(SEVEN, new Outcome.Killed("after 10 s")));
        assertEquals(
                new Grade.NoAnswer("solution() returned no number: [7]"),
                program(SEVEN, new Outcome.Returned("[7]", null)));
        assertEquals(new Grade.NoAnswer("NameError: x"), program(TEXT, new Outcome.Raised("NameError: x")));
    }

    @Test
    void programsThatFailAnswerNoneWhereALetterIsAsked() {
        assertEquals(new Grade.Wrong("none"), program(LETTER, new Outcome.Raised("NameError: x")));
        assertEquals(new Grade.Wrong("none"), program(LETTER, new Outcome.Killed("after 10 s")));
        assertEquals(new Grade.Wrong("none"), program(LETTER, new Outcome.Returned("None", null)));
        assertEquals(new Grade.Correct("c"), program(LETTER, new Outcome.Returned("'C' ", null)));
        assertEquals(new Grade.Correct("dark blue"), program(TEXT, new Outcome.Returned("dark blue", null)));
    }

    @Test
    void programsNeedARunner() {
        assertThrows(IllegalArgumentException.class, () -> new AnswerGrader(Cot.PROGRAM, null));
    }

    @Test
    void aPoolThatIsDeadStopsTheRun() {
        ProgramRunner dead = runner(new Outcome.Raised(""), new ArrayList<>() {
            private static final long serialVersionUID = 1L;

            @Override
            public boolean add(String program) {
                throw new ProgramPoolException("no worker starts");
            }
        });
        var thrown = assertThrows(
                RuntimeException.class, () -> new AnswerGrader(Cot.PROGRAM, dead).grade(SEVEN, "def solution():"));
        assertInstanceOf(ProgramPoolException.class, thrown);
    }

    private static Grade prose(Question question, String completion) {
        return new AnswerGrader(Cot.PROSE, null).grade(question, completion);
    }

    private static Grade program(Question question, Outcome outcome) {
        return new AnswerGrader(Cot.PROGRAM, runner(outcome, new ArrayList<>())).grade(question, "def solution():");
    }

    private static ProgramRunner runner(Outcome outcome, List<String> seen) {
        return new ProgramRunner() {
            @Override
            public Outcome run(String program) {
                seen.add(program);
                return outcome;
            }

            @Override
            public void close() {}
        };
    }
}
