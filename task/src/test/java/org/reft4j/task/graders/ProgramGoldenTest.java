package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.sandbox.ProgramRunner.Outcome;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.Grader;

/** The programs of the golden answers: what the reference code extracted from each, we extract too. */
final class ProgramGoldenTest {
    private static final Path SHARED = Path.of(System.getProperty("reft4j.root", ".."))
            .resolve("../shared")
            .normalize();

    private static ProgramPool pool;

    @BeforeAll
    static void start() {
        pool = ProgramPool.start(2, Duration.ofSeconds(10));
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    @Test
    void extractsWhatTheReferenceExtracted() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (JsonNode answer : GoldenAnswers.of("python")) {
            String expected = answer.get("extracted").asText("null");
            String program = ProgramCode.clean(answer.get("completion").asText().strip());
            Outcome outcome = pool.run(program);
            String got = answer.get("dataset").asText().equals("mathqa") ? letter(outcome) : number(outcome);
            if (!got.equals(expected)) {
                wrong.add("expected " + expected + ", got " + got + " from " + outcome + " of\n" + program);
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** From the completion to the reward, as in training. */
    @Test
    void paysWhatTheReferencePaid() throws IOException {
        agree(new AnswerGrader(Cot.PROGRAM, pool));
    }

    @Test
    void aLostEndIsNoticed() {
        Grader whole = new AnswerGrader(Cot.PROGRAM, pool);
        assertThrows(
                AssertionError.class,
                () -> agree((question, completion) ->
                        whole.grade(question, AnswerGoldenTest.cut(completion.stripTrailing()))));
    }

    private static void agree(Grader grader) throws IOException {
        List<Executable> checks = new ArrayList<>();
        for (JsonNode answer : GoldenAnswers.of("python")) {
            checks.add(() -> AnswerGoldenTest.agrees(answer, grader));
        }
        assertAll(checks);
    }

    @Test
    void runsEveryAnnotatedProgramInTheSharedContextAndGetsItsAnswer() throws IOException {
        Path file = SHARED.resolve("data/svamp/svamp_python_sdp.json");
        assumeTrue(Files.exists(file), () -> "skipped: no SVAMP programs at " + file);
        List<String> wrong = new ArrayList<>();
        JsonNode questions = new ObjectMapper().readTree(file.toFile());
        for (JsonNode question : questions) {
            String program =
                    ProgramCode.clean(question.get("answer_cot").asText().strip());
            Outcome outcome = pool.run(program);
            double expected = Double.parseDouble(question.get("answer_value").asText());
            boolean right = outcome instanceof Outcome.Returned(String _, String number)
                    && number != null
                    && Math.abs(Double.parseDouble(number) - expected) <= 0.01;
            if (!right) {
                wrong.add(outcome + " of\n" + program);
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(questions.size() > 3000, questions.size() + " programs");
    }

    /** Numeric datasets: {@code float(result)}, nothing where that fails. */
    private static String number(Outcome outcome) {
        return outcome instanceof Outcome.Returned(String _, String number) && number != null ? number : "null";
    }

    /** Letters: {@code str(result)}, where a program that failed returned {@code None}. */
    private static String letter(Outcome outcome) {
        String text = outcome instanceof Outcome.Returned returned ? returned.text() : "None";
        return text.toLowerCase(Locale.ROOT).replaceAll("['\"]", "").strip();
    }
}
