package org.reft4j.task.generated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.graders.AnswerGrader;
import org.reft4j.task.graders.Graders;
import org.reft4j.task.source.Datasets;
import org.reft4j.task.source.Refusal;

/** Tests the generated families beside the word problems, together and each for its right answers. */
class GeneratedFamiliesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern STEP = Pattern.compile("(\\d+) ([-+*/]) (\\d+) = (\\d+)");
    private static final Pattern PUZZLE =
            Pattern.compile("Make (\\d+) from ([\\d, and]+)\\. Use each number (exactly|at most) once\\.");
    private static final Pattern COMPARED = Pattern.compile("(\\w+) is (\\w+) than (\\w+)\\.");
    private static final Set<String> MORE = Set.of("older", "taller", "faster", "heavier", "richer");
    private static final Set<String> MOST = Set.of("oldest", "tallest", "fastest", "heaviest", "richest");

    @ParameterizedTest
    @ValueSource(strings = {"countdown", "lookup", "extraction"})
    void sizesAnnotationAndSeedAreAsAsked(String family) {
        Dataset data = open(family, 1, "annotated", "50", "answers", "100", "validation", "30", "test", "40");
        assertEquals(150, data.train().size());
        assertEquals(30, data.validation().size());
        assertEquals(40, data.test().size());
        assertTrue(data.train().subList(0, 50).stream().allMatch(question -> question.rationale() != null));
        assertTrue(data.train().subList(50, 150).stream().allMatch(question -> question.rationale() == null));
        Dataset other = open(family, 1, "annotated", "70", "answers", "80", "validation", "30", "test", "40");
        assertEquals(data.test(), other.test());
        assertEquals(
                data.train().stream().map(Question::text).toList(),
                other.train().stream().map(Question::text).toList());
        assertNotEquals(data.test().getFirst(), open(family, 2).test().getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"countdown", "lookup", "extraction"})
    void noTextOccursTwice(String family) {
        Dataset data = open(family, 3);
        Set<String> texts = new HashSet<>();
        for (Split split : Split.values()) {
            data.questions(split).forEach(question -> assertTrue(texts.add(question.text()), question::text));
        }
        assertEquals(4600, texts.size());
    }

    /** The annotated completion is right by the data's own grader, and by no other family's. */
    @ParameterizedTest
    @ValueSource(strings = {"countdown", "lookup", "extraction"})
    void annotationsAreRight(String family) {
        Dataset data = open(family, 4);
        JsonNode own = data.grader();
        Grader grader = own == null
                ? new AnswerGrader(Cot.PROSE, null)
                : Graders.of(own, "grader", GraderTools.plain(Cot.PROSE));
        for (Question question : data.test()) {
            Grade grade = grader.grade(question, data.template().target(question));
            boolean right =
                    grade instanceof Grade.Correct || (grade instanceof Grade.Scored scored && scored.score() == 1);
            assertTrue(right, () -> grade + " for " + question);
        }
    }

    @ParameterizedTest
    @CsvSource({"3,once", "4,once", "4,at-most-once"})
    void countdownStepsLeadToTheTarget(String numbers, String use) {
        Set<String> puzzles = new HashSet<>();
        Dataset data = open("countdown", 5, "numbers", numbers, "use", use);
        boolean someLeftOut = false;
        for (Question question : data.test()) {
            Matcher puzzle = PUZZLE.matcher(question.text());
            assertTrue(puzzle.matches(), question::text);
            List<Integer> left = new ArrayList<>(Arrays.stream(puzzle.group(2).split(", | and ", -1))
                    .map(Integer::valueOf)
                    .toList());
            assertEquals(Integer.parseInt(numbers), left.size());
            assertTrue(puzzles.add(left.stream().sorted().toList() + puzzle.group(1)), question::text);
            Integer reached = 0;
            Matcher step = STEP.matcher(rationale(question));
            while (step.find()) {
                assertTrue(left.remove(Integer.valueOf(step.group(1))), question::toString);
                assertTrue(left.remove(Integer.valueOf(step.group(3))), question::toString);
                reached = Integer.valueOf(step.group(4));
                assertEquals(reached, compute(step.group(1), step.group(2), step.group(3)), question::toString);
                left.add(reached);
            }
            assertEquals(puzzle.group(1), reached.toString());
            someLeftOut |= left.size() > 1;
            assertTrue(use.equals("at-most-once") || left.size() == 1, question::toString);
        }
        assertEquals(use.equals("at-most-once"), someLeftOut);
    }

    private static Integer compute(String left, String operator, String right) {
        int a = Integer.parseInt(left);
        int b = Integer.parseInt(right);
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            default -> a % b == 0 ? a / b : -1;
        };
    }

    /** Looks the answer up again, by reading the table from the text. */
    @Test
    void tablesHaveTheAnswer() {
        int looked = 0;
        for (Question question : open("lookup", 6, "form", "table").test()) {
            List<String> lines = question.text().lines().toList();
            List<List<String>> rows = lines.subList(0, lines.size() - 1).stream()
                    .map(line -> List.of(line.split(" \\| ", -1)))
                    .toList();
            String asked = lines.getLast();
            List<String> head = rows.getFirst();
            List<List<String>> body = rows.subList(1, rows.size());
            Matcher oldest = Pattern.compile("What is the (\\w+) of the (oldest|youngest)\\?")
                    .matcher(asked);
            if (oldest.matches()) {
                Comparator<List<String>> byAge = Comparator.comparingInt(row -> Integer.parseInt(row.get(1)));
                List<String> row = body.stream()
                        .max(oldest.group(2).equals("oldest") ? byAge : byAge.reversed())
                        .orElseThrow();
                assertEquals(
                        row.get(head.indexOf(oldest.group(1))),
                        question.answer().raw(),
                        question::text);
                looked++;
            }
            Matcher match = Pattern.compile("What is the (\\w+) of the one with the (\\w+) (\\w+)\\?")
                    .matcher(asked);
            if (match.matches()) {
                List<String> row = body.stream()
                        .filter(each -> each.get(head.indexOf(match.group(2))).equals(match.group(3)))
                        .findFirst()
                        .orElseThrow();
                assertEquals(
                        row.get(head.indexOf(match.group(1))), question.answer().raw(), question::text);
                looked++;
            }
        }
        assertTrue(looked > 350, looked + " of 1000");
    }

    /** Puts the people in order again, from what is told of pairs. */
    @Test
    void ordersHaveTheAnswer() {
        for (Question question : open("lookup", 7, "form", "order").test()) {
            Map<String, String> below = new HashMap<>();
            Set<String> notFirst = new HashSet<>();
            Matcher told = COMPARED.matcher(question.text());
            while (told.find()) {
                boolean more = MORE.contains(told.group(2));
                below.put(told.group(more ? 1 : 3), told.group(more ? 3 : 1));
                notFirst.add(told.group(more ? 3 : 1));
            }
            List<String> order = new ArrayList<>();
            for (String at = below.keySet().stream()
                            .filter(name -> !notFirst.contains(name))
                            .findFirst()
                            .orElse(null);
                    at != null;
                    at = below.get(at)) {
                order.add(at);
            }
            String asked = question.text().replaceAll(".*\\. ", "");
            String last = asked.replaceAll(".* (\\w+)\\?", "$1");
            String expected = asked.startsWith("How many")
                    ? order.indexOf(last) + ""
                    : asked.contains("second")
                            ? order.get(1)
                            : MOST.contains(last) ? order.getFirst() : order.getLast();
            assertEquals(expected, question.answer().raw(), question::text);
        }
    }

    @Test
    void extractedFactsAreInTheText() throws java.io.IOException {
        for (Question question : open("extraction", 8).test()) {
            String message = question.text().lines().findFirst().orElseThrow();
            JsonNode facts = JSON.readTree(question.answer().raw());
            List<String> names = new ArrayList<>();
            facts.properties().forEach(fact -> {
                names.add(fact.getKey());
                assertTrue(message.contains(fact.getValue().asText()), question::text);
            });
            assertTrue(question.text().endsWith("\nGive as JSON: " + String.join(", ", names) + "."), question::text);
            assertTrue(!message.contains("{"), question::text);
        }
    }

    @Test
    void difficultyIsAsAsked() {
        assertTrue(open("countdown", 9, "numbers", "5").test().stream()
                .allMatch(question -> rationale(question).lines().count() == 4));
        assertTrue(open("lookup", 9, "form", "table", "rows-min", "6", "rows-max", "6").test().stream()
                .allMatch(question -> question.text().lines().count() == 8));
        assertTrue(open("lookup", 9, "form", "table", "hops", "1").test().stream()
                .noneMatch(question -> question.text().contains("one with")));
        assertTrue(open("extraction", 9, "kinds", "1", "fields", "2").test().stream()
                .allMatch(question -> rationale(question).lines().count() <= 2
                        && !question.text().contains("nvoice")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "countdown;number;3;countdown has no setting 'number'; it has annotated, answers, validation, test, numbers",
                "countdown;numbers;7;countdown: numbers is 7; expected from 2 to 6",
                "countdown;numbers;few;countdown: numbers is 'few'; expected a whole number",
                "countdown;use;twice;countdown: use is twice; expected once or at-most-once",
                "lookup;form;tree;lookup: form is tree; expected both or table or order",
                "lookup;rows-min;6;lookup: rows-min is 6; expected from 3 to 5",
                "extraction;distractors;2;extraction: distractors is 2; expected a share from 0 to 1",
                "extraction;distractors;some;extraction: distractors is 'some'; expected a number",
            })
    void refusesSettings(String family, String name, String value, String message) {
        String refusal = Refusal.of(() -> open(family, 1, name, value));
        assertTrue(refusal.contains(message), refusal);
    }

    @Test
    void saysWhenThereAreNoMoreQuestions() {
        String refusal = Refusal.of(() -> open("countdown", 1, "numbers", "2", "max-number", "5"));
        assertTrue(refusal.startsWith("countdown: these settings give no more than about "), refusal);
    }

    @Test
    void programsAreRefused() {
        String refusal = Refusal.of(() -> Datasets.open("lookup", Cot.PROGRAM));
        assertTrue(refusal.contains("give cot n"), refusal);
    }

    @Test
    void theCommandLineGivesSettingsAndSeed() {
        Dataset data = Datasets.open("countdown:numbers=4,annotated=5,answers=5,seed=3", Cot.PROSE);
        assertEquals(
                open("countdown", 3, "numbers", "4", "annotated", "5", "answers", "5")
                        .train(),
                data.train());
        assertNotNull(data.grader());
        assertNull(Datasets.open("lookup:test=5", Cot.PROSE).grader());
    }

    private static Dataset open(String family, long seed, String... options) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            map.put(options[i], options[i + 1]);
        }
        return Datasets.open(new DataConfig(family, null, Cot.PROSE, 0.1, seed, 0, 0, map));
    }

    private static String rationale(Question question) {
        String rationale = question.rationale();
        assertNotNull(rationale);
        return rationale;
    }
}
