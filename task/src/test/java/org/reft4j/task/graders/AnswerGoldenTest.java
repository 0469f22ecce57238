package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.PythonNumber;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;

/** Compares with the answers that the reference code extracted from completions in prose, and the rewards that it paid. */
class AnswerGoldenTest {
    @Test
    void proseAgreesWithTheReference() throws IOException {
        agree(new AnswerGrader(Cot.PROSE, ProgramRunner.NONE));
    }

    /** The end of a completion is where its answer stands. */
    @Test
    void aLostEndIsNoticed() {
        Grader whole = new AnswerGrader(Cot.PROSE, ProgramRunner.NONE);
        assertThrows(
                AssertionError.class, () -> agree((question, completion) -> whole.grade(question, cut(completion))));
    }

    /** A completion without its last two characters. */
    static String cut(String completion) {
        return completion.substring(0, Math.max(0, completion.length() - 2));
    }

    private static void agree(Grader grader) throws IOException {
        List<Executable> checks = new ArrayList<>();
        for (JsonNode golden : GoldenAnswers.of("nl")) {
            checks.add(() -> agrees(golden, grader));
        }
        assertAll(checks);
    }

    /** Also for programs, with a grader that runs them. */
    static void agrees(JsonNode golden, Grader grader) {
        Grade grade = grader.grade(question(golden), golden.get("completion").asText());
        assertEquals(golden.get("reward").asDouble(), RewardRule.REFT.of(grade), golden::toString);
        assertEquals(
                golden.get("extracted").isNull()
                        ? null
                        : golden.get("extracted").asText(),
                extracted(grade),
                golden::toString);
    }

    private static Question question(JsonNode golden) {
        String raw = golden.get("target").asText();
        Answer answer = golden.get("dataset").asText().equals("mathqa")
                ? Answer.Choice.of(raw)
                : new Answer.Numeric(
                        raw, PythonNumber.parse(raw.replace(",", "")).orElseThrow());
        return new Question("golden", "", answer, null);
    }

    private static @Nullable String extracted(Grade grade) {
        return switch (grade) {
            case Grade.Correct(String extracted) -> extracted;
            case Grade.Wrong(String extracted) -> extracted;
            case Grade.NoAnswer _, Grade.Scored _, Grade.Failed _ -> null;
        };
    }
}
