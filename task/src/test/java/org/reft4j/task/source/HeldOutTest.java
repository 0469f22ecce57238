package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Likeness;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.dataset.Split;

/** Questions that are alike are held out together, or not at all. */
class HeldOutTest {
    @TempDir
    private Path folder;

    private Dataset open(double validation, int rows, IntFunction<String> question) throws IOException {
        Path file = Files.writeString(
                folder.resolve("mine.jsonl"),
                IntStream.range(0, rows)
                        .mapToObj(i -> "{\"question\": \"" + question.apply(i) + "\", \"answer\": " + i % 90 + "}\n")
                        .collect(Collectors.joining()));
        return Datasets.open(new DataConfig(null, file.toString(), Cot.PROSE, validation, 42, 0, 0, Map.of()));
    }

    private static List<Integer> sizes(Dataset data) {
        return List.of(
                data.train().size(), data.validation().size(), data.test().size());
    }

    private static List<Overlap> overlaps(Dataset data) {
        return List.of(Overlap.of(data, Split.VALIDATION), Overlap.of(data, Split.TEST));
    }

    @ParameterizedTest
    @CsvSource({
        "6, 6.0",
        "6, 6.00",
        "06, 6",
        "'1,200', 1200",
        "'1,200.50', 1200.5",
    })
    void numbersCountByTheirValue(String one, String other) {
        String text = "Tom has %s pens. How many?";
        assertEquals(Likeness.normalised(text.formatted(one)), Likeness.normalised(text.formatted(other)));
        assertEquals(Likeness.exact(text.formatted(one)), Likeness.exact(text.formatted(other) + " "));
        assertNotEquals(Likeness.normalised(text.formatted(one)), Likeness.normalised(text.formatted("7")));
        assertEquals(Likeness.skeleton(text.formatted(one)), Likeness.skeleton(text.formatted("7.25")));
    }

    /** Prints tell questions apart that differ in what letters and digits do not show. */
    @Test
    void printsAreOfOneQuestionOnly() {
        List<String> different =
                List.of("2+3?", "2-3?", "2 35?", "23 5?", "-2+3?", "x2?", "x 2?", "1,2,3?", "123?", "2.5?", "2, 5?");
        assertEquals(
                different.size(),
                different.stream().map(Likeness::print).distinct().count());
        assertEquals(Likeness.print("What is 2 + 3?"), Likeness.print("what is  2.0+3 ?"));
    }

    /** The review's: a hundred questions, each in both spellings. All that differ in nothing but 6 and 6.0 lie on one side. */
    @Test
    void spellingsOfANumberLieOnOneSide() throws IOException {
        Dataset data = open(0.1, 200, i -> "Tom has " + i / 2 + (i % 2 == 0 ? "" : ".0") + " pens. How many?");
        assertEquals(List.of(162, 18, 20), sizes(data));
        overlaps(data).forEach(overlap -> assertEquals(0, overlap.same(), overlap::toString));
    }

    /** Three of each kind, in other numbers: none of those that are held out is in train with other numbers. */
    @Test
    void whatDiffersInNumbersLiesOnOneSide() throws IOException {
        Dataset data = open(0.1, 600, i -> name(i / 3) + " has " + i + " pens and " + (600 - i) + " more. How many?");
        overlaps(data).forEach(overlap -> assertEquals(0, overlap.twins(), overlap::toString));
        assertEquals(60, data.test().size(), 2);
        assertEquals(54, data.validation().size(), 2);
        assertTrue(
                data.remarks().stream().noneMatch(remark -> remark.contains("in numbers alone")),
                data.remarks()::toString);
    }

    /** Questions that all have one skeleton are divided by their numbers, with a remark. */
    @Test
    void oneSkeletonForAllIsDividedAndRemarkedOn() throws IOException {
        Dataset data = open(0.1, 200, i -> "What is " + i + " + " + (i + 1) + "?");
        assertEquals(List.of(162, 18, 20), sizes(data));
        overlaps(data).forEach(overlap -> assertEquals(0, overlap.same(), overlap::toString));
        assertTrue(
                data.remarks().contains("18 of 18 validation questions differ from a train question in numbers alone"),
                data.remarks()::toString);
    }

    @Test
    void theAmountIsThatOfQuestions() throws IOException {
        for (int wanted : List.of(1, 7, 50, 200)) {
            Dataset data = open(wanted, 1000, i -> name(i) + " counts to " + i + ".");
            assertEquals(List.of(1000 - 2 * wanted, wanted, wanted), sizes(data));
        }
        Dataset twins = open(2, 40, i -> name(i / 2) + " counts to " + i + ".");
        overlaps(twins).forEach(overlap -> assertEquals(0, overlap.twins(), overlap::toString));
        assertEquals(List.of(36, 2, 2), sizes(twins));
    }

    @Test
    void whatSaysTheSameCannotBeDivided() throws IOException {
        Dataset two = open(2, 40, i -> i < 20 ? "One?" : i < 35 ? "Two?" : "Three?");
        assertEquals(
                List.of("Three?"),
                two.test().stream().map(Question::text).distinct().toList());
        String refusal = Refusal.of(() -> {
            try {
                open(2, 40, _ -> "One?");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertTrue(refusal.contains("all 40 train questions say the same"), refusal);
    }

    /** Nine of ten words are shared, names apart. */
    @Test
    void wordsThatAreSharedAreCounted() {
        String text = "a b c d e f g h i ";
        List<Question> train = List.of(question("t", text + "j k l m n o p q r"));
        List<Question> test = List.of(
                question("near", text + "j k l m n o p q s"),
                question("far", text + "j k l m n o x y z"),
                question("none", "something else"));
        Dataset data = new Dataset("d", new ReftTemplate(Cot.PROSE), train, List.of(), test, List.of());
        // 17 words of 19 are 0.89, below nine tenths; with 19 of 21 they are above.
        assertEquals(new Overlap(3, 0, 0, 0), Overlap.of(data, Split.TEST));
        Dataset longer = new Dataset(
                "d",
                new ReftTemplate(Cot.PROSE),
                List.of(question("t", text + "j k l m n o p q r u v")),
                List.of(),
                List.of(question("near", text + "j k l m n o p q s u v")),
                List.of());
        assertEquals(new Overlap(1, 0, 0, 1), Overlap.of(longer, Split.TEST));
    }

    @Test
    void settingsOfFilesAreReadBack() throws IOException {
        Path file = Files.writeString(folder.resolve("a:b.jsonl"), "{\"question\": \"a\", \"answer\": 1}");
        assertEquals(
                new DataSpec(file.toString(), Map.of()), DataSpec.of(file.toString()), "a colon of the name's own");
        List<DataConfig> configs = new ArrayList<>();
        configs.add(new DataConfig(null, file.toString(), Cot.PROSE, 200, 1, 0, 0, Map.of()));
        configs.add(new DataConfig("jsonl", file.toString(), Cot.PROGRAM, 0.25, 42, 5, 6, Map.of()));
        configs.add(new DataConfig("countdown", null, Cot.PROSE, 0.1, 3, 0, 9, Map.of("numbers", "4")));
        for (DataConfig config : configs) {
            assertEquals(config, DataSpec.of(DataSpec.text(config)).config(config.cot()));
            assertEquals(config, new DataSpec(DataSpec.of(DataSpec.text(config)).place(), Map.of()).config(config));
        }
        assertEquals(file + ":validation=200,seed=1", DataSpec.text(configs.getFirst()));
        assertTrue(DataSpec.of(file.getFileName().toString()).names(configs.getFirst()), "wherever it lies");
        assertTrue(DataSpec.of("countdown:seed=7").names(configs.getLast()));
        assertEquals(Cot.PROSE, Datasets.cot(DataSpec.of("countdown")));
        assertEquals(Cot.PROGRAM, Datasets.cot(DataSpec.of("wordproblems")));
        Path prose = Files.writeString(
                folder.resolve("prose.jsonl"), "{\"question\": \"a\", \"answer\": 1, \"rationale\": \"It is 1.\"}");
        assertEquals(Cot.PROSE, Datasets.cot(DataSpec.of(prose + ":validation=0")));
    }

    private static Question question(String id, String text) {
        return new Question(id, text, new Answer.Numeric("1", 1), null);
    }

    /** A word of letters for each number. */
    private static String name(int i) {
        return Integer.toString(i, 26)
                .chars()
                .mapToObj(c -> Character.toString(c < 'a' ? c - '0' + 'A' : c - 'a' + 'K'))
                .collect(Collectors.joining("", "N", "n"));
    }
}
