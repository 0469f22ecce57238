package org.reft4j.task.generated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.source.Datasets;
import org.reft4j.task.source.Refusal;

class WordProblemsTest {
    private static final Pattern ASSIGNMENT = Pattern.compile("    (\\w+) = (\\w+)(?: ([-+*/]) (\\w+))?");
    private static final Pattern SUM = Pattern.compile("(\\d+) ([-+*/]) (\\d+) = (\\d+)");
    private static final Pattern LETTER = Pattern.compile("    return \"abcde\"\\[\\[(.*)]\\.index\\(result\\)]");

    @Test
    void sizesAndAnnotationAreAsAsked() {
        Dataset data = open(Cot.PROGRAM, 1, "annotated", "50", "answers", "200", "validation", "30", "test", "100");
        assertEquals(250, data.train().size());
        assertEquals(30, data.validation().size());
        assertEquals(100, data.test().size());
        assertTrue(data.train().subList(0, 50).stream().allMatch(question -> question.rationale() != null));
        assertTrue(data.train().subList(50, 250).stream().allMatch(question -> question.rationale() == null));
    }

    @Test
    void programsGiveTheAnswer() {
        for (Question question :
                open(Cot.PROGRAM, 2, "annotated", "1000", "answers", "0").train()) {
            assertEquals(question.answer().raw(), run(rationale(question)), () -> question + "");
        }
    }

    @Test
    void proseReckonsRightAndGivesTheAnswer() {
        Dataset data = open(Cot.PROSE, 2, "annotated", "1000", "answers", "0");
        for (Question question : data.train()) {
            Matcher sum = SUM.matcher(rationale(question));
            int last = -1;
            while (sum.find()) {
                last = Integer.parseInt(sum.group(4));
                assertEquals(
                        last,
                        compute(Integer.parseInt(sum.group(1)), sum.group(2), Integer.parseInt(sum.group(3))),
                        () -> question + "");
            }
            assertEquals(question.answer().raw(), Integer.toString(last), () -> question + "");
            assertTrue(data.template().target(question).endsWith("\nTherefore, the answer is: " + last));
        }
    }

    @Test
    void everyNumberOfTheProgramIsInTheQuestionOrAWord() {
        for (Question question :
                open(Cot.PROGRAM, 3, "annotated", "1000", "answers", "0").train()) {
            Set<String> told = new HashSet<>(numbers(question.text()));
            told.addAll(List.of("2", "3"));
            assertTrue(told.containsAll(numbers(rationale(question).replaceAll("[a-z]+\\d", ""))), () -> question + "");
        }
    }

    @Test
    void stepsAreAsManyAsAsked() {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (Question question : open(Cot.PROGRAM, 4, "steps-min", "2", "steps-max", "3", "annotated", "400")
                .test()) {
            counts.merge((int) rationale(question).lines().count() - 3, 1, Integer::sum);
        }
        assertEquals(Set.of(2, 3), counts.keySet());
        counts.values().forEach(count -> assertTrue(count > 400, counts::toString));
    }

    /** Masks by the word lists, not by the generator's own marks. */
    @Test
    void noTwoQuestionsAreTheSameSumToldOfSomebodyElse() {
        Dataset data = open(Cot.PROGRAM, 5, "annotated", "300", "answers", "3000");
        Set<String> seen = new HashSet<>();
        for (Split split : Split.values()) {
            for (Question question : data.questions(split)) {
                assertTrue(seen.add(skeleton(question.text())), () -> "twice: " + question.text());
            }
        }
        assertEquals(4600, seen.size());
    }

    @Test
    void theSameSeedGivesTheSameQuestions() {
        assertEquals(open(Cot.PROGRAM, 6).train(), open(Cot.PROGRAM, 6).train());
        assertNotEquals(open(Cot.PROGRAM, 6).test(), open(Cot.PROGRAM, 7).test());
    }

    @Test
    void annotatingMoreChangesNoQuestion() {
        Dataset few = open(Cot.PROGRAM, 8, "annotated", "100", "answers", "100");
        Dataset many = open(Cot.PROGRAM, 8, "annotated", "150", "answers", "50");
        assertEquals(few.test(), many.test());
        assertEquals(few.validation(), many.validation());
        assertEquals(
                few.train().stream().map(Question::text).toList(),
                many.train().stream().map(Question::text).toList());
    }

    @Test
    void bothKindsOfReasoningAskTheSame() {
        assertEquals(
                open(Cot.PROGRAM, 9).train().stream().map(Question::text).toList(),
                open(Cot.PROSE, 9).train().stream().map(Question::text).toList());
    }

    @Test
    void questionsAreShortAndOfFewWords() {
        Set<String> words = new HashSet<>();
        long total = 0;
        List<Question> questions = open(Cot.PROGRAM, 10, "variety", "1").train();
        for (Question question : questions) {
            String[] parts = question.text().split("\\s+", -1);
            total += parts.length;
            assertTrue(parts.length <= 80, question::text);
            assertFalse(question.text().matches(".*[{}<>|].*"), question::text);
            for (String part : parts) {
                words.add(part.replaceAll("[^A-Za-z]", "").toLowerCase(Locale.ROOT));
            }
        }
        assertTrue(words.size() <= 700, () -> words.size() + " words");
        long mean = total / questions.size();
        assertTrue(mean >= 20 && mean <= 40, () -> mean + " words a question");
    }

    @Test
    void distractorsAreAShareOfTheStories() {
        List<Question> none = open(Cot.PROGRAM, 11, "distractors", "0").test();
        List<Question> all = open(Cot.PROGRAM, 11, "distractors", "1").test();
        assertEquals(0, none.stream().filter(WordProblemsTest::hasUnusedNumber).count());
        assertTrue(all.stream().filter(WordProblemsTest::hasUnusedNumber).count() > 850);
    }

    @Test
    void moreVarietyMeansMoreTellings() {
        assertTrue(tellings("0") < tellings("0.5"), () -> tellings("0") + " and " + tellings("0.5"));
        assertTrue(tellings("0.5") < tellings("1"), () -> tellings("0.5") + " and " + tellings("1"));
    }

    private static long tellings(String variety) {
        return open(Cot.PROGRAM, 13, "variety", variety, "answers", "0", "steps", "1").test().stream()
                .map(question -> skeleton(question.text()).replaceAll("\\d+", "#"))
                .distinct()
                .count();
    }

    @ParameterizedTest
    @CsvSource({"PROGRAM", "PROSE"})
    void choicesHaveOneRightLetterEachAsOften(Cot cot) {
        Map<String, Integer> letters = new TreeMap<>();
        Dataset data = open(cot, 12, "form", "choice", "annotated", "500", "answers", "0");
        for (Question question : data.train()) {
            String letter = ((Answer.Choice) question.answer()).letter();
            letters.merge(letter, 1, Integer::sum);
            String[] options =
                    question.text().substring(question.text().indexOf('\n') + 1).split(" , ", -1);
            assertEquals(5, Set.of(options).size());
            String right = options[letter.charAt(0) - 'a'];
            assertTrue(right.startsWith(letter + " ) "), question::text);
            if (cot == Cot.PROGRAM) {
                assertEquals(letter, run(rationale(question)), () -> question + "");
            } else {
                assertTrue(rationale(question).contains("= " + right.substring(4)), () -> question + "");
                assertTrue(data.template().target(question).endsWith("the answer is: " + letter));
            }
        }
        assertEquals(Map.of("a", 100, "b", 100, "c", 100, "d", 100, "e", 100), letters);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "step;4;has no setting 'step'",
                "steps;four;steps is 'four'",
                "steps;0;steps-min is 0",
                "steps-min;5;steps-min is 5",
                "steps-max;9;steps-max is 9",
                "annotated;-1;annotated is -1",
                "answers;100001;answers is 100001",
                "distractors;1.5;distractors is 1.5",
                "distractors;often;distractors is 'often'",
                "variety;-0.5;variety is -0.5",
                "form;letter;form is letter",
                "max-number;5;max-number is 5",
            })
    void refusesSettings(String name, String value, String message) {
        String refusal = Refusal.of(() -> open(Cot.PROGRAM, 1, name, value));
        assertTrue(refusal.contains(message), refusal);
    }

    @Test
    void theCommandLineGivesSettingsAndSeed() {
        Dataset data = Datasets.open("wordproblems:steps=2,annotated=5,answers=5,seed=3", Cot.PROGRAM);
        assertEquals(
                open(Cot.PROGRAM, 3, "steps", "2", "annotated", "5", "answers", "5")
                        .train(),
                data.train());
        assertNull(data.train().getLast().rationale());
        assertThrows(DataException.class, () -> Datasets.open("wordproblems:steps", Cot.PROGRAM));
        assertThrows(DataException.class, () -> Datasets.open("wordproblems:seed=x", Cot.PROGRAM));
    }

    private static Dataset open(Cot cot, long seed, String... options) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            map.put(options[i], options[i + 1]);
        }
        return Datasets.open(new DataConfig("wordproblems", null, cot, 0.1, seed, 0, 0, map));
    }

    private static String rationale(Question question) {
        String rationale = question.rationale();
        assertNotNull(rationale);
        return rationale;
    }

    /** Result of a program of assignments; an inexact division is a fault. */
    private static String run(String program) {
        Map<String, Integer> variables = new HashMap<>();
        for (String line : program.lines().toList()) {
            Matcher assignment = ASSIGNMENT.matcher(line);
            Matcher letter = LETTER.matcher(line);
            if (assignment.matches()) {
                int left = value(variables, assignment.group(2));
                variables.put(
                        assignment.group(1),
                        assignment.group(3) == null
                                ? left
                                : compute(left, assignment.group(3), value(variables, assignment.group(4))));
            } else if (letter.matches()) {
                int at = List.of(letter.group(1).split(", ", -1)).indexOf(variables.get("result") + "");
                return "abcde".substring(at, at + 1);
            } else {
                assertTrue(line.equals("def solution():") || line.equals("    return result"), line);
            }
        }
        return variables.get("result") + "";
    }

    private static int value(Map<String, Integer> variables, String term) {
        Integer value = Character.isDigit(term.charAt(0)) ? Integer.valueOf(term) : variables.get(term);
        assertNotNull(value, term);
        return value;
    }

    private static int compute(int left, String operator, int right) {
        int value = switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            default -> {
                assertEquals(0, left % right);
                yield left / right;
            }
        };
        assertTrue(value >= 0, () -> left + operator + right);
        return value;
    }

    private static boolean hasUnusedNumber(Question question) {
        List<String> told = numbers(question.text());
        numbers(rationale(question).replaceAll("[a-z]+\\d", "")).forEach(told::remove);
        return !told.isEmpty();
    }

    private static List<String> numbers(String text) {
        List<String> numbers = new ArrayList<>();
        Matcher number = Pattern.compile("\\d+").matcher(text);
        while (number.find()) {
            numbers.add(number.group());
        }
        return numbers;
    }

    private static String skeleton(String text) {
        StoryBook book = StoryBook.instance();
        Map<String, String> masks = new HashMap<>();
        book.people().forEach(person -> masks.put(person.name().toLowerCase(Locale.ROOT), "P"));
        List.of("he", "she").forEach(pronoun -> masks.put(pronoun, "P"));
        book.things().forEach(noun -> List.of(noun.one(), noun.many()).forEach(word -> masks.put(word, "T")));
        book.boxes().forEach(noun -> List.of(noun.one(), noun.many()).forEach(word -> masks.put(word, "B")));
        StringBuilder masked = new StringBuilder();
        Map<String, String> places = new HashMap<>();
        Matcher word = Pattern.compile("[A-Za-z]+").matcher(text);
        while (word.find()) {
            String found = word.group().toLowerCase(Locale.ROOT);
            String mask = masks.get(found);
            word.appendReplacement(
                    masked, mask == null ? word.group() : places.computeIfAbsent(found, _ -> mask + places.size()));
        }
        return word.appendTail(masked).toString();
    }
}
