package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.refusal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.source.Datasets;

final class ChainConsistencyGraderTest {
    private static final Question RHOMBUS = new Question(
            "r",
            "The diagonals of a rhombus are 18 and 22. What is its area?\na ) 277 , b ) 266 , c ) 198 , d ) 288 , e ) none of these",
            Answer.Choice.of("c"),
            null);
    private static final Question APPLES = new Question("a", "How many?", new Answer.Numeric("7", 7), null);
    private static final String PLAIN = "{'type': 'chain_consistency'}";
    private static final Path DATA = Path.of(System.getProperty("reft4j.root", "."), "..", "shared", "data");

    private static Grade grade(String description, Question question, String completion) {
        return grader(description).grade(question, completion);
    }

    private static double score(Question question, String completion) {
        return ((Grade.Scored) grade(PLAIN, question, completion)).score();
    }

    @Test
    void aLuckyLetterIsNotPaid() {
        assertEquals(
                new Grade.Scored(0, Map.of(), "the chain ends with 172, the chosen option c is '198'"),
                grade(PLAIN, RHOMBUS, "The area is 18*22/2 = 344/2 = 172.\nTherefore, the answer is: c"));
        assertEquals(
                new Grade.Scored(1, Map.of(), "the chain ends with 198, the chosen option c is '198'"),
                grade(PLAIN, RHOMBUS, "The area is 18*22/2 = 396/2 = 198.\nTherefore, the answer is: c"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "So 2 * 99 = 198. The answer is (C). # 1",
                "So 2 * 99 = 198. The answer is b. # 0",
                "So 2 * 99 = 198, \\boxed{C} # 1",
                "It is 198. The answer is c ) 198 # 1",
                "It is 344/2 = 172, so 198. The answer is c # 0",
                "It is 100 * 2 = 200. The answer is c # 0",
                "It is 99.1 * 2 = 198.2. The answer is c # 1",
                "It is 2 * 3 = 6. The answer is e # 1",
                "It is 2 * 99 = 198. The answer is e # 0",
                "It is 2 * 99 = 198. The answer is none # 0",
                "It is so. The answer is c # 0",
                "c # 0",
            })
    void theChosenOptionIsWhatTheChainEndsWith(String completion, double expected) {
        assertEquals(expected, score(RHOMBUS, completion.replace('|', '\n')));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "3 + 4 = 7. The answer is 7. # 1",
                "3 + 4 = 7. The answer is 7 apples. # 1",
                "3 + 4 = 7. The answer is 8. # 0",
                "3 + 5 = 8.|Therefore, the answer is: 7.0 # 0",
                "3 + 4 = 7.|Therefore, the answer is: 7.0 # 1",
                "10 / 3 = 3.333333. The answer is 3.33 # 1",
                "1/4 = 25%. The answer is 25% # 1",
                "He has seven, 7. The answer is 7 # 1",
                "The answer is 7 # 0",
                "'' # 0",
            })
    void theAnswerIsWhatTheChainEndsWith(String completion, double expected) {
        assertEquals(expected, score(APPLES, completion.replace('|', '\n').replace("''", "")));
    }

    @Test
    void hashesMarkTheAnswerToo() {
        assertEquals(1, score(RHOMBUS, "So 2 * 99 = 198.\n#### c"));
    }

    @Test
    void ratiosAreCompared() {
        Question ratio = new Question("r", "?\na ) 2 : 3 , b ) 2 : 5 , c ) 1 : 1", Answer.Choice.of("a"), null);
        assertEquals(1, score(ratio, "so a : b = 2 : 3. The answer is a"));
        assertEquals(0, score(ratio, "so a : b = 2 : 5. The answer is a"));
        assertEquals(1, score(ratio, "so a : b = 4 : 10. The answer is b"));
    }

    @Test
    void theValueMayBeTheLastNumber() {
        String chain = "2 * 4 = 8. One is gone, so 7 are left. The answer is 7";
        assertEquals(0, score(APPLES, chain));
        assertEquals(
                1,
                ((Grade.Scored) grade("{'type': 'chain_consistency', 'value': 'last_number'}", APPLES, chain)).score());
    }

    @Test
    void theToleranceIsAnOption() {
        String chain = "It is 100 * 2 = 200. The answer is c";
        String description = "{'type': 'chain_consistency', 'option_tolerance': 0.02}";
        assertEquals(1, ((Grade.Scored) grade(description, RHOMBUS, chain)).score());
    }

    @Test
    void whereNothingCanBeJudgedTheDescriptionDecides() {
        String fail = "{'type': 'chain_consistency', 'none': 'fail'}";
        Question words = new Question("w", "?\na ) red , b ) blue", Answer.Choice.of("a"), null);
        assertEquals(
                new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, "the options are no numbers"),
                grade(fail, words, "1 + 1 = 2. The answer is a"));
        assertEquals(
                new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, "the chain of thought ends with no value"),
                grade(fail, RHOMBUS, "The answer is c"));
        assertEquals(
                new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, "no option is chosen in '198'"),
                grade(fail, RHOMBUS, "2 * 99 = 198. The answer is 198"));
        assertEquals(new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, "no answer"), grade(fail, RHOMBUS, ""));
        assertEquals(
                new Grade.Scored(0.5, Map.of(), "no answer"),
                grade("{'type': 'chain_consistency', 'none': 0.5}", RHOMBUS, ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'chain_consistency', 'value': 'x'}|grader.value is \"x\"; expected last_computed, last_number",
                "{'type': 'chain_consistency', 'option_tolerance': 1}|grader.option_tolerance is 1.0; expected 0 or more, and less than 1",
                "{'type': 'chain_consistency', 'none': true}|grader.none is true; expected a number, or \"fail\"",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, refusal(description));
    }

    /** Annotated chains end with what they answer. */
    @ParameterizedTest
    @CsvSource({
        "gsm8k/train.jsonl, last_computed, 0.985",
        "gsm8k/train.jsonl, last_number, 0.965",
        "svamp/svamp_nl.json, last_computed, 0.98",
        "svamp/svamp_nl.json, last_number, 0.995"
    })
    void publishedChainsAreConsistent(String path, String value, double least) {
        Path data = DATA.resolve(path);
        assumeTrue(Files.exists(data), () -> "skipped: no published data at " + data.normalize());
        Dataset read = Datasets.open(data.toString(), Cot.PROSE);
        Grader grader = grader("{'type': 'chain_consistency', 'value': '" + value + "'}");
        List<String> wrong = new ArrayList<>();
        for (Question question : read.train()) {
            String target = new ReftTemplate(Cot.PROSE).target(question);
            if (!(grader.grade(question, target) instanceof Grade.Scored scored) || scored.score() < 1) {
                wrong.add(question.id() + " " + grader.grade(question, target));
            }
        }
        double share = 1 - (double) wrong.size() / read.train().size();
        assertTrue(share >= least, () -> String.format(Locale.ROOT, "%.4f%n%s", share, String.join("\n", wrong)));
    }
}
