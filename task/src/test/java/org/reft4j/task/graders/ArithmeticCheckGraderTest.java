package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.reft4j.task.graders.GraderObjects.failure;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.refusal;
import static org.reft4j.task.graders.GraderObjects.score;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.StepGrader;
import org.reft4j.task.grade.StepScore;
import org.reft4j.task.source.Datasets;

final class ArithmeticCheckGraderTest {
    private static final String PLAIN = "{'type': 'arithmetic_check'}";
    private static final Path DATA = Path.of(System.getProperty("reft4j.root", "."), "..", "shared", "data");

    @Test
    void paysTheShareThatIsRight() {
        assertEquals(
                new Grade.Scored(0.5, Map.of(), "1 of 2 equations are right; wrong: 18 * 22 = 344"),
                grader(PLAIN).grade(item("{}"), "18 * 22 = 344 and 344 / 2 = 172"));
        assertEquals(
                new Grade.Scored(1, Map.of(), "1 of 1 equations are right"),
                grader(PLAIN).grade(item("{}"), "2 + 2 = 4"));
    }

    @Test
    void whereThereIsNoEquationTheDescriptionDecides() {
        assertEquals(0, score(grader(PLAIN), "{}", "It is 4."));
        assertEquals(1, score(grader("{'type': 'arithmetic_check', 'none': 1}"), "{}", "It is 4."));
        assertEquals(
                GradeError.SAMPLE_PARSE_ERROR,
                failure(grader("{'type': 'arithmetic_check', 'none': 'fail'}"), "{}", "It is 4."));
    }

    @Test
    void stepsArePaidAtTheirLastCharacter() {
        String text = "She has 2 + 3 = 5 cats. Nice! Then 5 * 2 = 11 cats.\nSo 1 + 1 = 2, 2 + 2 = 5.";
        StepGrader steps = Graders.steps(GraderObjects.json(PLAIN), "grader", GraderTools.plain(Cot.PROSE));
        assertEquals(
                List.of(
                        new StepScore(text.indexOf(" Nice"), 1, "1 of 1 equations are right"),
                        new StepScore(text.indexOf("\n"), 0, "0 of 1 equations are right; wrong: 5 * 2 = 11"),
                        new StepScore(text.length(), 0.5, "1 of 2 equations are right; wrong: 2 + 2 = 5")),
                steps.steps(item("{}"), text));
        assertEquals(List.of(), steps.steps(item("{}"), "no numbers"));
    }

    @Test
    void stepsAreCutAsTheDescriptionSays() {
        String text = "2 + 3 = 5. 1 + 1 = 3.\n1 + 0 = 1";
        assertEquals(List.of(1.0, 0.0, 1.0), scores(PLAIN, Cot.PROSE, text));
        assertEquals(List.of(0.5, 1.0), scores(PLAIN, Cot.PROGRAM, text));
        assertEquals(List.of(0.5, 1.0), scores("{'type': 'arithmetic_check', 'steps': 'lines'}", Cot.PROSE, text));
        assertEquals(
                List.of(1.0, 0.0, 1.0),
                scores("{'type': 'arithmetic_check', 'steps': 'equations'}", Cot.PROGRAM, text));
    }

    private static List<Double> scores(String description, Cot cot, String text) {
        StepGrader steps = Graders.steps(GraderObjects.json(description), "grader", GraderTools.plain(cot));
        return steps.steps(item("{}"), text).stream().map(StepScore::score).toList();
    }

    @Test
    void aStepEndsSomewhere() {
        assertThrows(IllegalArgumentException.class, () -> new StepScore(0, 1, ""));
        assertThrows(IllegalArgumentException.class, () -> new StepScore(1, Double.NaN, ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'arithmetic_check', 'none': 'x'}|grader.none is \"x\"; expected a number, or \"fail\"",
                "{'type': 'arithmetic_check', 'none': []}|grader.none is []; expected a number, or \"fail\"",
                "{'type': 'arithmetic_check', 'steps': 'x'}|grader.steps is \"x\"; expected lines, sentences, equations",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, refusal(description));
    }

    /** Annotated chains are right, nearly all of them: what counts as wrong would be a fault of the reading. */
    @ParameterizedTest
    @CsvSource({"gsm8k/train.jsonl, 0.99", "svamp/svamp_nl.json, 0.99"})
    void publishedChainsAreRight(String path, double least) {
        Path data = DATA.resolve(path);
        assumeTrue(Files.exists(data), () -> "skipped: no published data at " + data.normalize());
        Dataset read = Datasets.open(data.toString(), Cot.PROSE);
        double sum = 0;
        int judged = 0;
        List<String> wrong = new ArrayList<>();
        Grader grader = grader("{'type': 'arithmetic_check', 'none': 'fail'}");
        for (Question question : read.train()) {
            Grade grade = grader.grade(question, String.valueOf(question.rationale()));
            if (grade instanceof Grade.Scored scored) {
                judged++;
                sum += scored.score();
                if (scored.score() < 1) {
                    wrong.add(question.id() + " " + scored.reason());
                }
            }
        }
        double share = sum / judged;
        int total = read.train().size();
        String message = String.format(
                Locale.ROOT, "%.4f right in %d of %d:%n%s", share, judged, total, String.join("\n", wrong));
        assertTrue(share >= least && judged > 0.7 * total, message);
    }
}
