package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.openai.TrainingFileCheck.Part;

class TrainingFileCheckTest {
    private static final String CHAT =
            "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"yes\"}]}";
    private static final String ASK = "{\"messages\":[{\"role\":\"user\",\"content\":\"2+2?\"}],\"answer\":4}";

    @TempDir
    private Path folder = Path.of("");

    private TrainingFileCheck.Result check(TrainingMethod method, Part part, String text) throws IOException {
        Path file = Files.writeString(folder.resolve("file.jsonl"), text, StandardCharsets.UTF_8);
        return TrainingFileCheck.check(file, method, part);
    }

    private List<String> faults(TrainingMethod method, String text) throws IOException {
        return check(method, Part.VALIDATION, text).faults().stream()
                .map(Object::toString)
                .toList();
    }

    @Test
    void passesGoodFiles() throws IOException {
        assertEquals(
                List.of(),
                check(TrainingMethod.SUPERVISED, Part.TRAINING, (CHAT + "\n").repeat(10))
                        .faults());
        TrainingFileCheck.Result result = check(TrainingMethod.REINFORCEMENT, Part.TRAINING, "\ufeff" + ASK + "\r\n\n");
        assertEquals(List.of(), result.faults());
        assertEquals(1, result.rows());
        assertEquals(Set.of("messages", "answer"), result.keys());
        String pair = "{\"input\":{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]},"
                + "\"preferred_completion\":[{\"role\":\"assistant\",\"content\":\"b\"}],"
                + "\"non_preferred_output\":[{\"role\":\"assistant\",\"content\":\"c\"}]}";
        assertEquals(List.of(), faults(TrainingMethod.DPO, pair));
        String call = "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}]},"
                + "{\"role\":\"assistant\",\"tool_calls\":[],\"weight\":1}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}";
        assertEquals(List.of(), faults(TrainingMethod.SUPERVISED, call));
    }

    @Test
    void namesLineAndPlaceOfFaults() throws IOException {
        assertEquals(
                List.of(
                        "line 2: messages[0].role is \"bot\"; expected system, developer, user, assistant, tool, function",
                        "line 3: messages has no message of the assistant; there is nothing to learn",
                        "line 4: messages is missing",
                        "line 5: expected a JSON object, such as {\"messages\": […]}"),
                faults(
                        TrainingMethod.SUPERVISED,
                        CHAT + "\n{\"messages\":[{\"role\":\"bot\",\"content\":\"\"}]}\n" + ASK + "\n{\"a\":1}\n[]\n"));
        assertEquals(
                List.of("line 1: the last of messages must be the user's; the model's answer is what is trained"),
                faults(TrainingMethod.REINFORCEMENT, CHAT));
        assertEquals(
                List.of("line 1: preferred_output is missing"),
                faults(TrainingMethod.DPO, "{\"input\":{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}}"));
        assertTrue(faults(TrainingMethod.DPO, "{\"input\": }").getFirst().startsWith("line 1: not valid JSON: "));
        assertEquals(
                List.of("line 2: the line is empty; each line is one JSON object"),
                faults(TrainingMethod.REINFORCEMENT, ASK + "\n\n\n" + ASK));
        Path bad = folder.resolve("latin.jsonl");
        Files.write(bad, "{\"a\":\"ü\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(
                1,
                TrainingFileCheck.check(bad, TrainingMethod.DPO, Part.TRAINING)
                        .faults()
                        .size());
    }

    @Test
    void countsRows() throws IOException {
        assertEquals(
                "[the file has 9 rows; supervised needs at least 10]",
                check(TrainingMethod.SUPERVISED, Part.TRAINING, (CHAT + "\n").repeat(9))
                        .faults()
                        .toString());
        assertEquals(
                "[the file has 1001 rows; reinforcement takes at most 1000]",
                check(TrainingMethod.REINFORCEMENT, Part.VALIDATION, (ASK + "\n").repeat(1001))
                        .faults()
                        .toString());
        assertEquals(
                "[the file has 0 rows; reinforcement needs at least 1]",
                check(TrainingMethod.REINFORCEMENT, Part.TRAINING, "").faults().toString());
    }

    @Test
    void findsRowsInBothFiles() throws IOException {
        Path one = Files.writeString(folder.resolve("one"), CHAT + "\n" + ASK + "\n\n");
        Path other = Files.writeString(
                folder.resolve("other"), CHAT.replace("hi", "ho") + "\n" + ASK.replace(":4", ": 4") + "\n\n");
        assertEquals(
                "line 2: the row is line 2 of the training file too; validation rows must be others",
                TrainingFileCheck.overlap(one, other).orElseThrow().toString());
        Files.writeString(other, CHAT.replace("hi", "ho") + "\n\n");
        assertTrue(TrainingFileCheck.overlap(one, other).isEmpty());
    }
}
