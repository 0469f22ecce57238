package org.reft4j.train.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;

class StepLabelsTest {
    private static final List<Question> QUESTIONS = List.of(question("q", "How many?"), question("r", "How few?"));

    private static Question question(String id, String text) {
        return new Question(id, text, new Answer.Numeric("7", 7), null);
    }

    @TempDir
    private Path folder;

    private List<StepLabels.Chain> read(String line, boolean soft) throws IOException {
        Path file = folder.resolve("steps.jsonl");
        Files.writeString(file, "\n" + line + "\n");
        Map<String, List<StepLabels.Chain>> chains = StepLabels.read(file, QUESTIONS, Cot.PROSE, soft);
        return chains.getOrDefault("q", List.of());
    }

    @Test
    void rolloutsBecomeHardAndSoftLabels() throws IOException {
        String line =
                "{\"item_id\":\"q\",\"completion\":\"One is 1. Two is 3. So 4.\",\"right\":[8,2,0],\"rollouts\":8}";
        assertEquals(List.of(1.0, 1.0, 0.0), read(line, false).getFirst().labels());
        assertEquals(List.of(1.0, 0.25, 0.0), read(line, true).getFirst().labels());
        assertEquals("One is 1. Two is 3. So 4.", read(line, true).getFirst().text());
    }

    @Test
    void ratingsOfPeopleCountNeutralAsRight() throws IOException {
        StepLabels.Chain chain = read(
                        "{\"item_id\":\"q\",\"steps\":[\"a is 1\",\"b is 2\",\"c\"],\"ratings\":[1,0,-1]}", false)
                .getFirst();
        assertEquals("a is 1\nb is 2\nc", chain.text());
        assertEquals(List.of(1.0, 1.0, 0.0), chain.labels());
    }

    @Test
    void labelsAreTakenAsTheyAre() throws IOException {
        assertEquals(
                List.of(0.3, 1.0),
                read("{\"item_id\":\"q\",\"completion\":\"a.\\nb.\",\"labels\":[0.3,1]}", false)
                        .getFirst()
                        .labels());
    }

    @Test
    void faultsAreNamedWithTheirLine() {
        assertFault("{\"item_id\":\"q\",\"completion\":\"a. b.\",\"labels\":[1]}", "1 labels of 2 steps");
        assertFault("{\"item_id\":\"q\",\"completion\":\"a.\",\"labels\":[1.5]}", "labels has 1.5");
        assertFault("{\"item_id\":\"q\",\"completion\":\"a.\",\"ratings\":[2]}", "ratings has 2");
        assertFault("{\"item_id\":\"q\",\"completion\":\"a.\",\"right\":[9],\"rollouts\":8}", "right has 9");
        assertFault("{\"item_id\":\"q\",\"labels\":[1]}", "no chain of thought");
        assertFault("{\"completion\":\"a.\",\"labels\":[1]}", "no item_id");
        assertFault(
                "{\"item_id\":\"x\",\"completion\":\"a.\",\"labels\":[1]}",
                "item_id is x, which is no training question");
        assertFault("{\"item_id\":\"q\",\"completion\":\"a.\",\"labels\":[NaN]}", "not JSON: Non-standard token 'NaN'");
        assertFault("{", "does not end on its line");
        assertThrows(
                ConfigException.class,
                () -> StepLabels.read(folder.resolve("none.jsonl"), QUESTIONS, Cot.PROSE, false));
    }

    /** As reft steps leaves them: of the first question, or of both. */
    @Test
    void labelsOfOtherQuestionsWithTheSameIdsAreRefused() throws IOException {
        String line = "{\"item_id\":\"q\",\"completion\":\"a.\",\"labels\":[1]}";
        Path beside = folder.resolve("steps.jsonl.json");
        for (List<Question> asked : List.of(QUESTIONS, QUESTIONS.subList(0, 1))) {
            Files.writeString(beside, "{\"questions\":\"" + Fingerprint.of(asked) + "\"}");
            assertEquals(1, read(line, false).size());
        }
        String others = Fingerprint.of(List.of(question("q", "How much?")));
        Files.writeString(beside, "{\"questions\":\"" + others + "\"}");
        String message = String.valueOf(
                assertThrows(ConfigException.class, () -> read(line, false)).getMessage());
        assertTrue(message.contains("steps.path is " + folder.resolve("steps.jsonl")), message);
        assertTrue(message.contains("other questions") && message.contains(others), message);
        Files.writeString(beside, "{}");
        assertThrows(ConfigException.class, () -> read(line, false));
    }

    private void assertFault(String line, String what) {
        String message = String.valueOf(
                assertThrows(RuntimeException.class, () -> read(line, false)).getMessage());
        assertTrue(message.contains("steps.jsonl, line 2: ") && message.contains(what), message);
        assertFalse(message.contains("enable"), message);
    }
}
