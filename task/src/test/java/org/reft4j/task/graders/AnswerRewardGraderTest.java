package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.refusal;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.sandbox.ProgramRunner.Outcome;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;

final class AnswerRewardGraderTest {
    private static final Question SEVEN = new Question("q", "?", new Answer.Numeric("7.0", 7), null);
    private static final String PLAIN = "{'type': 'answer'}";

    private static final ProgramRunner RETURNS_SEVEN = new ProgramRunner() {
        @Override
        public Outcome run(String program) {
            return new Outcome.Returned("7", "7.0");
        }

        @Override
        public void close() {}
    };

    private static Grade.Scored scored(double score, String reason) {
        return scored(score, 1, reason);
    }

    private static Grade.Scored scored(double score, double pass, String reason) {
        return new Grade.Scored(score, pass, Map.of(), reason);
    }

    private static GraderTools runningPrograms(Cot cot) {
        return new GraderTools(cot, RETURNS_SEVEN, AnswerRewardGraderTest.class.getClassLoader());
    }

    @Test
    void paysByThePapersRule() {
        Grader grader = grader(PLAIN);
        assertEquals(scored(1, "correct: 7.0"), grader.grade(SEVEN, "So.\nTherefore, the answer is: 7"));
        assertEquals(scored(0.1, "wrong: 8.0, expected 7.0"), grader.grade(SEVEN, "8"));
        assertEquals(scored(0, "no answer: no number after the answer trigger: 'seven'"), grader.grade(SEVEN, "seven"));
    }

    @Test
    void paysByTheDescriptionsRule() {
        Grader grader = grader("{'type': 'answer', 'correct': 2, 'wrong': 0, 'no_answer': -1}");
        assertEquals(scored(2, 2, "correct: 7.0"), grader.grade(SEVEN, "7"));
        assertEquals(scored(0, 2, "wrong: 8.0, expected 7.0"), grader.grade(SEVEN, "8"));
        assertEquals(-1, ((Grade.Scored) grader.grade(SEVEN, "")).score());
    }

    @Test
    void readsProgramsWhereTheRunDoesOrTheDescriptionSays() {
        String program = "def solution():\n    return 7";
        assertEquals(
                scored(1, "correct: 7.0"),
                grader(PLAIN, runningPrograms(Cot.PROGRAM)).grade(SEVEN, program));
        for (String cot : new String[] {"p", "program"}) {
            Grader grader = grader("{'type': 'answer', 'cot': '" + cot + "'}", runningPrograms(Cot.PROSE));
            assertEquals(scored(1, "correct: 7.0"), grader.grade(SEVEN, program));
        }
        for (String cot : new String[] {"n", "prose"}) {
            Grader grader = grader("{'type': 'answer', 'cot': '" + cot + "'}", runningPrograms(Cot.PROGRAM));
            assertEquals(0, ((Grade.Scored) grader.grade(SEVEN, program)).score());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'answer', 'cot': 'x'}|grader.cot is \"x\"; expected n, prose, p, program",
                "{'type': 'answer', 'cot': 'p'}|grader.cot is program; here nothing runs programs: leave it out, or grade as a run of programs"
                        + " does",
                "{'type': 'answer', 'correct': 0.1}|grader.correct is 0.1; expected more than wrong (0.1) and no_answer (0.0)",
                "{'type': 'answer', 'correct': 0.2, 'no_answer': 0.3}|grader.correct is 0.2; expected more than wrong (0.1) and no_answer"
                        + " (0.3)",
                "{'type': 'answer', 'wrong': '0'}|grader.wrong is \"0\"; expected a number",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, refusal(description));
    }

    @Test
    void aRunOfProgramsNeedsARunner() {
        GraderTools tools = GraderTools.plain(Cot.PROGRAM);
        String message = String.valueOf(
                assertThrows(GraderException.class, () -> grader(PLAIN, tools)).getMessage());
        assertTrue(message.startsWith("grader.cot is program; here nothing runs programs"), message);
    }
}
