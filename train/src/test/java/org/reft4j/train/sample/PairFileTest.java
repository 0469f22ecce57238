package org.reft4j.train.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.DataException;
import org.reft4j.train.ConfigException;

/** Files of pairs: what is read, and what is refused with file and line. */
final class PairFileTest {
    private static final String GOOD = "{\"question\": \"1 + 1?\", \"chosen\": \"2\", \"rejected\": \"3\"}";

    @TempDir
    private Path folder;

    private List<List<ScoredSample>> read(String... lines) throws IOException {
        return SampleSource.read(file(lines), List.of());
    }

    private Path file(String... lines) throws IOException {
        return Files.writeString(folder.resolve("pairs.jsonl"), String.join("\n", lines));
    }

    @Test
    void questionsAndTexts() throws IOException {
        List<List<ScoredSample>> pairs = read(GOOD, "", GOOD.replace("question", "prompt"));
        assertEquals(2, pairs.size());
        for (List<ScoredSample> pair : pairs) {
            assertEquals("1 + 1?", pair.getFirst().question().text());
            assertEquals("2", pair.getFirst().text());
            assertEquals("3", pair.getLast().text());
            assertTrue(pair.getFirst().right() && !pair.getLast().right());
            assertEquals(1, pair.getFirst().reward());
            assertEquals(0, pair.getLast().reward());
        }
        assertTrue(pairs.getLast().getFirst().place().endsWith("pairs.jsonl, line 3"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"output", "completion"})
    void conversations(String field) throws IOException {
        List<ScoredSample> pair = read("{\"input\": {\"messages\": [{\"role\": \"user\", \"content\": \"1 + 1?\"}]},"
                        + "\"preferred_" + field + "\": [{\"role\": \"assistant\", \"content\": \"2\"}],"
                        + "\"non_preferred_" + field + "\": [{\"role\": \"assistant\", \"content\": \"3\"}]}")
                .getFirst();
        assertEquals("2", pair.getFirst().text());
        assertEquals("3", pair.getLast().text());
        assertEquals(2, messages(pair).size());
    }

    private static ArrayNode messages(List<ScoredSample> pair) {
        var conversation = pair.getLast().question().conversation();
        assertNotNull(conversation);
        return conversation.messages();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"question\": \"q\", \"chosen\": \"a\"}| rejected is missing",
                "{\"question\": \"q\", \"chosen\": 3, \"rejected\": \"a\"}| chosen is 3",
                "{\"chosen\": \"b\", \"rejected\": \"a\"}| prompt is missing",
                "{\"question\": \"q\", \"chosen\": \"a\", \"rejected\": \"a\"}| are the same",
                "{\"question\": \"q\", | not JSON: Unexpected end-of-input",
                "{\"question\": NaN}| not JSON: Non-standard token 'NaN'",
                "[1]| is no JSON object",
                "{\"input\": {}}| input.messages is missing",
                "{\"input\": {\"messages\": [{\"role\": \"user\", \"content\": \"q\"}]}}| preferred_output is missing",
                "{\"input\": {\"messages\": [{\"role\": \"user\", \"content\": \"q\"}]}, \"preferred_output\": [{\"role\": \"user\", \"content\": \"q\"}]}"
                        + "| one message of the assistant",
            })
    void faultsAreNamed(String line, String expected) throws IOException {
        Path file = file(GOOD, line);
        String message = String.valueOf(assertThrows(RuntimeException.class, () -> SampleSource.read(file, List.of()))
                .getMessage());
        assertTrue(message.contains(file + ", line 2"), message);
        assertFalse(message.contains("enable"), message);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void anotherEncodingIsRefusedAndAByteOrderMarkIsNot() throws IOException {
        assertEquals(1, read("\uFEFF" + GOOD).size());
        Path file = Files.writeString(folder.resolve("pairs.jsonl"), GOOD, StandardCharsets.UTF_16);
        String message = String.valueOf(assertThrows(DataException.class, () -> SampleSource.read(file, List.of()))
                .getMessage());
        assertTrue(message.contains(file + ", line 1: not valid UTF-8"), message);
        assertTrue(message.contains("convert the file to UTF-8"), message);
    }

    @Test
    void nothingIsRefused() throws IOException {
        Path file = file("", "");
        for (Path path : List.of(file, folder, folder.resolve("none"))) {
            String message =
                    String.valueOf(assertThrows(ConfigException.class, () -> SampleSource.read(path, List.of()))
                            .getMessage());
            assertTrue(message.contains("samples.path is " + path), message);
        }
    }
}
