package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.reft4j.task.graders.GraderObjects.failure;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.refusal;
import static org.reft4j.task.graders.GraderObjects.score;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.source.Datasets;

final class MathGraderTest {
    private static final String PLAIN = "{'type': 'math'}";
    private static final Path DATA = Path.of(System.getProperty("reft4j.root", "."), "..", "shared", "data");
    /** One question in so many is asked: all take half a minute. */
    private static final int EVERY = 7;

    private static final double ERROR_RATE = 0.005;

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "18; So she makes $18.; 1",
                "18; 9 * 2 = $18 every day; 1",
                "18; She sells 9 eggs and gets 18 dollars; 1",
                "18; She gets 18 dollars for 9 eggs; 0",
                "18; The answer is that she gets 18 dollars for 9 eggs.; 1",
                "18; The answer is 17 or 18.; 0",
                "18; #### 18; 1",
                "#### 18; The answer is: 18; 1",
                "It is \\boxed{3/4}; \\boxed{0.75}; 1",
                "x = 3; We find that $x = 3$.; 1",
                "yes; The answer is yes, because 2 is even.; 1",
                "no; The answer is yes.; 0",
                "C; The answer is C) 198; 1",
                "C; The answer is (c).; 1",
                "[1,2); Therefore the answer is $[1, 2)$.; 1",
            })
    void findsAndCompares(String reference, String text, double expected) {
        String object = "{'type': 'math', 'reference': '{{ item.wanted }}'}";
        String row = "{'wanted': '" + reference.replace("\\", "\\\\") + "'}";
        assertEquals(expected, score(grader(object), row, text));
    }

    @Test
    void saysWhatItSaw() {
        Grader grader = grader(PLAIN);
        assertEquals(
                new Grade.Scored(1, 1, Map.of(), "'\\frac{3}{4}' (\\boxed) equals '0.75'"),
                grader.grade(item("{'answer': '0.75'}"), "so \\boxed{\\frac{3}{4}}"));
        assertEquals(
                new Grade.Scored(0, 1, Map.of(), "'7' (the answer is) is not '8'"),
                grader.grade(item("{'answer': '8'}"), "The answer is 7."));
        assertEquals(
                new Grade.Scored(0, 1, Map.of(), "no answer: nothing to compare in 'I do not know'"),
                grader.grade(item("{'answer': '8'}"), "I do not know."));
        assertEquals(
                new Grade.Scored(0, 1, Map.of(), "no answer: the text is empty"),
                grader.grade(item("{'answer': '8'}"), " \n"));
    }

    @Test
    void paysWhatTheDescriptionSays() {
        Grader grader = grader("{'type': 'math', 'correct': 2, 'wrong': 0.1, 'no_answer': -1}");
        assertEquals(2, score(grader, "{'answer': '8'}", "8"));
        assertEquals(0.1, score(grader, "{'answer': '8'}", "7"));
        assertEquals(-1, score(grader, "{'answer': '8'}", "none"));
    }

    @Test
    void optionsReachTheComparison() {
        assertEquals(1, score(grader("{'type': 'math', 'absolute_tolerance': 0.01}"), "{'answer': '8'}", "8.01"));
        assertEquals(1, score(grader("{'type': 'math', 'relative_tolerance': 0.01}"), "{'answer': '8'}", "8.05"));
        assertEquals(1, score(grader("{'type': 'math', 'round_to_reference': true}"), "{'answer': '3.14'}", "\\pi"));
        assertEquals(0, score(grader("{'type': 'math', 'percent': 'fraction'}"), "{'answer': '50'}", "50%"));
        assertEquals(1, score(grader("{'type': 'math', 'units': 'ignore'}"), "{'answer': '5 km'}", "5"));
        assertEquals(1, score(grader("{'type': 'math', 'input': 'x {{ item.b }}'}"), "{'answer': '5', 'b': 5}", ""));
    }

    @Test
    void aMissingReferenceIsTheGradersFault() {
        assertEquals(GradeError.OTHER_ERROR, failure(grader(PLAIN), "{'answer': ' '}", "8"));
        assertEquals(
                GradeError.INVALID_VARIABLE_ERROR,
                failure(grader("{'type': 'math', 'reference': '{{ item.x }}'}"), "{}", "8"));
    }

    @Test
    void megabytesEndFast() {
        for (String piece : List.of("a = b ", "answer is ", "\\boxed{", "#### ", "1 ", "$", "\n", "answer to the ")) {
            String text = piece.repeat(4_000_000 / piece.length());
            assertTimeoutPreemptively(
                    Duration.ofSeconds(30), () -> score(grader(PLAIN), "{'answer': '8'}", text), () -> piece);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'math', 'percent': 'x'}|grader.percent is \"x\"; expected either, fraction, number",
                "{'type': 'math', 'units': 'x'}|grader.units is \"x\"; expected agree, if_given, ignore",
                "{'type': 'math', 'relative_tolerance': -1}|grader.relative_tolerance is -1.0; expected 0 or more",
                "{'type': 'math', 'absolute_tolerance': '1'}|grader.absolute_tolerance is \"1\"; expected a number",
                "{'type': 'math', 'round_to_reference': 1}|grader.round_to_reference is 1; expected true or false",
                "{'type': 'math', 'correct': 0}|grader.correct is 0.0; expected more than wrong (0.0) and no_answer (0.0)",
                "{'type': 'math', 'reference': '{{ x }}'}|grader.reference holds {{ x }}; expected item or sample, followed by names after"
                        + " dots and numbers in brackets, such as {{ item.answer }} or {{ sample.output_json.steps[0] }}",
                "{'type': 'math', 'tolerance': 1}|grader.tolerance is not known to a grader of type math; expected type, name,"
                        + " pass_threshold, relative_tolerance, absolute_tolerance, round_to_reference, percent, units, input, reference,"
                        + " correct, wrong, no_answer",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, refusal(description));
    }

    /** Every annotated chain of thought earns its own answer, and nobody else's. */
    @ParameterizedTest
    @CsvSource({"gsm8k/train.jsonl", "gsm8k/test.jsonl", "svamp/svamp_nl.json"})
    void publishedChainsAreRight(String path) {
        Path data = DATA.resolve(path);
        assumeTrue(Files.exists(data), () -> "skipped: no published data at " + data.normalize());
        Dataset read = Datasets.open(data.toString(), Cot.PROSE);
        List<Question> questions = new ArrayList<>(read.train());
        questions.addAll(read.validation());
        questions.addAll(read.test());
        List<String> mistakes = new ArrayList<>();
        Grader grader = grader("{'type': 'math', 'reference': '{{ item.answer }}'}");
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            Question other = questions.get((i + 17) % questions.size());
            String chain = String.valueOf(question.rationale());
            String whole = question.item().path("answer").asText();
            String text = path.startsWith("gsm8k") ? whole : chain;
            check(grader, question, text, 1, mistakes);
            if (numeric(question) != numeric(other)) {
                check(grader, other, text, 0, mistakes);
            }
        }
        assertTrue(
                mistakes.size() <= ERROR_RATE * questions.size(),
                () -> mistakes.size() + " mistakes in " + questions.size() + ":\n" + String.join("\n", mistakes));
    }

    /** Right and wrong answers in the forms that models write. */
    @ParameterizedTest
    @CsvSource({"gsm8k/test.jsonl", "mathqa/mathqa-numeric_test_set.json"})
    void modelsMayWriteAnswersInTheirWay(String path) {
        Path data = DATA.resolve(path);
        assumeTrue(Files.exists(data), () -> "skipped: no published data at " + data.normalize());
        List<String> forms = List.of(
                "So 3 + 4 = %s.\nThe answer is %s.",
                "He has %2$s apples left after 5 days.\n\n**Answer: %2$s**",
                "First 2, then 3.\n#### %2$s",
                "Thus \\[ \\boxed{%2$s} \\]",
                "Thus $\\boxed{\\text{%2$s dollars}}$.",
                "Therefore, the total is 7 * 8 = $%2$s",
                "Therefore, the answer is: %2$s",
                "The final answer is: $%2$s$.",
                "So, the answer is \\(%2$s\\) dollars.",
                "The answer is **$%2$s**. I hope it is correct.",
                "It costs $%2$s per day.");
        List<String> mistakes = new ArrayList<>();
        Grader grader = grader("{'type': 'math', 'reference': '{{ item.answer }}'}");
        int checks = 0;
        List<Question> questions = Datasets.open(data.toString(), Cot.PROSE).test();
        for (int i = 0; i < questions.size(); i += EVERY) {
            Question question = questions.get(i);
            double value = numeric(question);
            for (String form : forms) {
                check(grader, question, form.formatted("9", plain(value)), 1, mistakes);
                check(grader, question, form.formatted("9", plain(value + 1)), 0, mistakes);
                check(grader, question, form.formatted("9", plain(value * 10 + 3)), 0, mistakes);
                checks += 3;
            }
        }
        int all = checks;
        assertTrue(
                mistakes.size() <= ERROR_RATE * all,
                () -> mistakes.size() + " mistakes in " + all + ":\n" + String.join("\n", mistakes));
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%,d", (long) value) : String.valueOf(value);
    }

    private static double numeric(Question question) {
        return ((Answer.Numeric) question.answer()).value();
    }

    private static void check(Grader grader, Question question, String text, double wanted, List<String> mistakes) {
        if (!(grader.grade(question, text) instanceof Grade.Scored scored) || scored.score() != wanted) {
            mistakes.add(question.id() + " (" + question.answer().raw() + "): " + grader.grade(question, text));
        }
    }
}
