package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;

/** Data that cannot be used: one message each, which names the place and what to do. */
class BadDataTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|FILE is empty",
                "`[]`|FILE holds no questions",
                "`hello`|FILE does not begin with '[' or '{'",
                "`[{\"item_id\": \"svamp_1\", \"question\": \"a\", \"answer_value\": \"1\"}, {\"item_id\": \"sv`"
                        + "|FILE ends within item 2 (line 1): it was cut short; fetch it again",
                "`[{\"item_id\": \"svamp_1\", \"question\": \"a\", \"answer_value\": \"1\"}`|FILE ends within item 2",
                "`[{\"item_id\": \"svamp_1\", \"question\": \"a\", \"answer_value\": \"1\"}] x`|not JSON",
                "`[{\"item_id\": \"svamp_1\", \"question\": \"a\", \"answer_value\": \"1\"}] []`|text follows the end of the array",
                "`[7]`|FILE, item 1 (line 1) is no JSON object",
                "`[{\"item_id\": \"svamp_1\", \"question\": 5, \"answer_value\": \"1\"}]`"
                        + "|FILE, item 1 (line 1): field 'question' is the number 5; expected text",
                "`[{\"item_id\": \"svamp_1\", \"question\": [], \"answer_value\": \"1\"}]`|field 'question' is an empty list",
                "`[{\"item_id\": \"svamp_1\", \"answer_value\": \"1\"}]`|field 'question' is missing or blank; complete the row",
                "`[{\"item_id\": \"svamp_1\", \"question\": \" \", \"answer_value\": \"1\"}]`|field 'question' is missing or blank",
                "`[{\"item_id\": \"svamp_1\", \"question\": \"a\"}]`|field 'answer_value' is missing or blank",
                "`[{\"item_id\": \"svamp_1\", \"question\": \"a\", \"answer_value\": \"many\"}]`"
                        + "|field 'answer_value' is 'many'; expected a finite number",
                "`[{\"item_id\": \"svamp_1\", \"question\": \"a\", \"answer_value\": \"nan\"}]`|expected a finite number",
                "`[{\"item_id\": \"game24_1\", \"question\": \"a\", \"answer_value\": \"1\"}]`|field 'item_id' is 'game24_1'",
                "`[{\"item_id\": \"svamp_1\", \"item_id\": \"svamp_2\"}]`|Duplicate field",
                "`{\"question\": \"a\"}`|FILE, line 1: field 'answer' is missing or blank",
                "`{\"question\": \"a\", \"answer\": true}`|field 'answer' is the truth value true; expected text",
                "`{\"question\": \"a\", \"answer\": \"1`|FILE, line 1: the object does not end on its line",
                "`{\"question\": \"a\", \"answer\": 1} {}`|FILE, line 1: text follows the object",
                "`{\"question\": \"a\", \"options\": [], \"correct\": \"A\"}`|field 'options' is an empty list",
                "`{\"question\": \"a\", \"options\": [\"A)1\", \"B)2\"], \"correct\": \"E\"}`|which is none of the options",
                "`{\"question\": \"a\", \"options\": [\"A)1\", 2], \"correct\": \"A\"}`|holds the number 2; expected texts only",
                "`{\"colour\": \"blue\"}`|FILE: its first row has no known fields",
            })
    void says(String content, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("test.json"), content == null ? "" : content);
        refuses(file.toString(), Cot.PROSE, message.replace("FILE", file.toString()));
    }

    @Test
    void laterRowsAreNamedByLine() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.jsonl"), """
            {"question": "a", "answer": 1}
            {"question": "b", "answer": 2}

            {"question": "c", "answer": null}
            """);
        refuses(file.toString(), Cot.PROSE, file + ", line 4: field 'answer' is missing");
    }

    @Test
    void laterItemsAreNamedByNumberAndLine() throws IOException {
        Path file = Files.writeString(folder.resolve("svamp_nl.json"), """
            [
              {"item_id": "svamp_1", "question": "a", "answer_value": "1"},
              {
                "item_id": "gsm8k_1", "question": "a", "answer_value": "1"}
            ]""");
        refuses(
                file.toString(),
                Cot.PROSE,
                file + ", item 2 (line 3): field 'item_id' is 'gsm8k_1' in a file of svamp");
    }

    @Test
    void gsm8kWithoutFinalAnswer() throws IOException {
        Path file = Files.writeString(folder.resolve("train.jsonl"), """
            {"question": "a", "answer": "1 + 1 = 2\\n#### 2"}
            {"question": "b", "answer": "1 + 1 = 2"}
            """);
        refuses(file.toString(), Cot.PROSE, file + ", line 2: field 'answer' has no '#### '");
    }

    @Test
    void idsThatOccurTwice() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.jsonl"), """
            {"id": "x", "question": "a", "answer": 1}
            {"id": "x", "question": "b", "answer": 2}
            """);
        refuses(file.toString(), Cot.PROSE, file + ", line 2: the id 'x' was already used by line 1");
    }

    @Test
    void bytesThatAreNoUtf8() throws IOException {
        byte[] bytes = "{\"question\": \"a\", \"answer\": 1}\n{\"question\": \"caf\u00e9\", \"answer\": 2}\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(folder.resolve("mine.jsonl"), bytes);
        refuses(file.toString(), Cot.PROSE, file + ", line 2: not valid UTF-8 (byte 0x22 at byte offset 49)");
    }

    @ParameterizedTest
    @CsvSource({
        "c0af",
        "c1bf",
        "e08080",
        "f0808080",
        "f4908080",
        "eda080",
        "f5808080",
        "e28228",
        "80",
        "f0288cbc",
        "e282",
        "f09f98"
    })
    void formsThatUtf8Forbids(String hex) throws IOException {
        byte[] head = "{\"question\": \"".getBytes(StandardCharsets.UTF_8);
        byte[] bad = HexFormat.of().parseHex(hex);
        byte[] bytes = Arrays.copyOf(head, head.length + bad.length);
        System.arraycopy(bad, 0, bytes, head.length, bad.length);
        Path file = Files.write(folder.resolve("mine.jsonl"), bytes);
        refuses(file.toString(), Cot.PROSE, "line 1: not valid UTF-8");
    }

    @Test
    void allOfUnicodeIsRead() throws IOException {
        Path file = Files.writeString(
                folder.resolve("test.jsonl"), "\ufeff{\"question\": \"½ é € \ud83d\ude00 \uffff\", \"answer\": 1}");
        assertEquals(
                "½ é € \ud83d\ude00 \uffff",
                Datasets.open(file.toString(), Cot.PROSE).test().getFirst().text());
    }

    @Test
    void aLineWithoutEnd() throws IOException {
        Path file = folder.resolve("mine.jsonl");
        byte[] piece = "a".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write("{\"question\": \"a\", \"answer\": 1}\n{\"question\": \"".getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 100; i++) {
                out.write(piece);
            }
        }
        refuses(file.toString(), Cot.PROSE, file + ", line 2: longer than 32 MiB");
    }

    @Test
    void foldersWithoutData() throws IOException {
        refuses(folder.toString(), Cot.PROSE, "holds no data files that are known");
        Files.writeString(folder.resolve("README.md"), "text");
        refuses(folder.toString(), Cot.PROSE, "holds no data files that are known");
        refuses(folder.resolve("none").toString(), Cot.PROSE, "does not exist: give a folder of data files");
    }

    @Test
    void programsWhereOnlyProseExists() throws IOException {
        Path file = Files.writeString(
                folder.resolve("svamp_nl.json"),
                "[{\"item_id\": \"svamp_1\", \"question\": \"a\", \"answer_cot\": \"b\", \"answer_value\": \"1\"}]");
        refuses(folder.toString(), Cot.PROGRAM, "svamp_nl.json are prose, but a program was asked for: choose cot: n");
        refuses(file.toString(), Cot.PROGRAM, "the rationale is prose, but a program was asked for; choose cot: n");
    }

    @Test
    void severalDatasetsAndNoName() throws IOException {
        Files.writeString(
                folder.resolve("a.json"), "[{\"item_id\": \"svamp_1\", \"question\": \"a\", \"answer_value\": \"1\"}]");
        Files.writeString(
                folder.resolve("b.json"), "[{\"item_id\": \"gsm8k_1\", \"question\": \"a\", \"answer_value\": \"1\"}]");
        refuses(folder.toString(), Cot.PROSE, "holds several datasets (gsm8k, svamp): name one by data.dataset");
        assertEquals(
                1, Datasets.open(config("svamp", folder.toString(), 0)).train().size());
        String message = Refusal.of(() -> Datasets.open(config("mathqa", folder.toString(), 0)));
        assertTrue(message.contains("holds no mathqa, but gsm8k, svamp"), message);
    }

    @Test
    void settingsThatDoNotGoTogether() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.jsonl"), "{\"question\": \"a\", \"answer\": 1}");
        String path = file.toString();
        says("data.path is missing", () -> Datasets.open(config("svamp", null, 0)));
        says("remove data.path", () -> Datasets.open(config("wordproblems", path, 0)));
        says("holds jsonl, not gsm8k", () -> Datasets.open(config("gsm8k", path, 0)));
        says("train has only 1 questions: hold out fewer", () -> Datasets.open(config("jsonl", path, 5)));
        says("data.validation is -1.0", () -> config("jsonl", path, -1));
        says(
                "remove steps",
                () -> Datasets.open(new DataConfig("jsonl", path, Cot.PROSE, 0, 1, 0, 0, Map.of("steps", "4"))));
        says("data.validation is 2.5", () -> config("jsonl", path, 2.5));
        says("data.validation is NaN", () -> config("jsonl", path, Double.NaN));
        says("data.validation is Infinity", () -> config("jsonl", path, Double.POSITIVE_INFINITY));
        says("data.seed is -1", () -> new DataConfig("jsonl", path, Cot.PROSE, 0, -1, 0, 0, Map.of()));
        says("data.test-limit -3", () -> new DataConfig("jsonl", path, Cot.PROSE, 0, 1, 0, -3, Map.of()));
        says("data.dataset is empty", () -> config(" ", path, 0));
        says("data.path is empty", () -> config("jsonl", "", 0));
        says("empty name", () -> Datasets.open(" ", Cot.PROSE));
        says("'steps' is no setting of data files", () -> Datasets.open(path + ":steps=4", Cot.PROSE));
        says(
                "data.validation is 'x', which does not exist: give a file of questions, or how many",
                () -> Datasets.open(path + ":validation=x", Cot.PROSE));
        says("data.train-limit is -1", () -> Datasets.open(path + ":train-limit=-1", Cot.PROSE));
        says("data.train-limit is -1", () -> new DataConfig("jsonl", path, Cot.PROSE, 0, 1, -1, 0, Map.of()));
    }

    private static DataConfig config(String dataset, @Nullable String path, double validation) {
        return new DataConfig(dataset, path, Cot.PROSE, validation, 1, 0, 0, Map.of());
    }

    private static void refuses(String path, Cot cot, String part) {
        says(part, () -> Datasets.open(path, cot));
    }

    private static void says(String part, Executable action) {
        String message = Refusal.of(action);
        assertTrue(message.contains(part), () -> "expected '" + part + "' in: " + message);
    }
}
