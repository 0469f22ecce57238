package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.refusal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.sandbox.ProgramRunner.Outcome;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;

final class ProgramProseAgreementGraderTest {
    private static final String PLAIN = "{'type': 'program_prose_agreement'}";
    private static final String PROGRAM = "def solution():\n    a = 3\n\n    return a + 4";

    private final List<String> seen = new ArrayList<>();

    private Grade grade(String description, Outcome outcome, String completion) {
        ProgramRunner runner = new ProgramRunner() {
            @Override
            public Outcome run(String program) {
                seen.add(program);
                return outcome;
            }

            @Override
            public void close() {}
        };
        GraderTools tools = new GraderTools(Cot.PROSE, runner, getClass().getClassLoader());
        return grader(description, tools).grade(item("{}"), completion);
    }

    private static Grade scored(double score, String reason) {
        return new Grade.Scored(score, Map.of(), reason);
    }

    @Test
    void theProgramsResultIsWhatTheProseSays() {
        Outcome seven = new Outcome.Returned("7", "7.0");
        assertEquals(
                scored(1, "the program returns 7.0, the prose says '7'"),
                grade(PLAIN, seven, "So it is.\n```python\n" + PROGRAM + "\n```\nThe answer is 7."));
        assertEquals(
                scored(0, "the program returns 7.0, the prose says '8'"),
                grade(PLAIN, seven, "The answer is 8.\n\n" + PROGRAM));
        assertEquals(
                scored(1, "the program returns 7.0, the prose says '$7'"),
                grade(PLAIN, seven, PROGRAM + "\nThe answer is $7."));
        assertEquals(
                scored(1, "the program returns blue, the prose says 'blue'"),
                grade(PLAIN, new Outcome.Returned("blue", null), PROGRAM + "\nThe answer is blue."));
        assertEquals(
                List.of("def solution():\n    a = 3\n    return a + 4"),
                seen.stream().distinct().toList());
    }

    @Test
    void aProgramThatFailsDoesNotAgree() {
        String completion = PROGRAM + "\nThe answer is 7";
        assertEquals(
                scored(0, "the program failed: NameError: x"),
                grade(PLAIN, new Outcome.Raised("NameError: x"), completion));
        assertEquals(
                scored(0, "the program was stopped: after 10 s"),
                grade(PLAIN, new Outcome.Killed("after 10 s"), completion));
    }

    @Test
    void bothMustBeThere() {
        Outcome seven = new Outcome.Returned("7", "7.0");
        assertEquals(scored(0, "no program with a function solution()"), grade(PLAIN, seven, "The answer is 7"));
        assertEquals(scored(0, "no prose beside the program"), grade(PLAIN, seven, PROGRAM));
        assertEquals(
                new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, "no prose beside the program"),
                grade("{'type': 'program_prose_agreement', 'none': 'fail'}", seven, PROGRAM));
        assertEquals(List.of(), seen);
    }

    @Test
    void aPoolThatIsDeadStopsTheRun() {
        ProgramRunner dead = new ProgramRunner() {
            @Override
            public Outcome run(String program) {
                throw new ProgramPoolException("no worker starts");
            }

            @Override
            public void close() {}
        };
        Grader grader =
                grader(PLAIN, new GraderTools(Cot.PROSE, dead, getClass().getClassLoader()));
        assertThrows(ProgramPoolException.class, () -> grader.grade(item("{}"), PROGRAM + "\nThe answer is 7"));
    }

    @Test
    void programsNeedARunner() {
        assertEquals(
                "grader.type is program_prose_agreement; here nothing runs programs: leave it out, or give a program runner",
                refusal(PLAIN));
    }
}
