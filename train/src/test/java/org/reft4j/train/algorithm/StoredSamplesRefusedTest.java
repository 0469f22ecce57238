package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.train.algorithm.StoredSamples.common;
import static org.reft4j.train.algorithm.StoredSamples.steps;
import static org.reft4j.train.algorithm.StoredSamples.with;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;

/** Samples and settings that recipes of stored samples refuse, and what they say. */
final class StoredSamplesRefusedTest {
    @TempDir
    private static Path work;

    private static StoredSamples stored = new StoredSamples(Path.of(""), Path.of(""), Path.of(""));

    @BeforeAll
    static void sample() {
        stored = StoredSamples.make(work);
    }

    private static String refused(ConfigFile.Resolved config) {
        String name = "refused-" + System.nanoTime();
        return String.valueOf(assertThrows(ConfigException.class, () -> stored.run(name, config, false))
                .getMessage());
    }

    /** A copy of the samples with something changed. */
    private static Path changed(String name, String file, String from, String to) throws IOException {
        Path folder = Files.createDirectory(work.resolve(name));
        for (String each : List.of("samples.json", "samples.jsonl")) {
            String text = Files.readString(stored.samples().resolve(each));
            if (each.equals(file)) {
                String other = text.replaceAll(from, to);
                assertFalse(other.equals(text), "nothing to change in " + text);
                text = other;
            }
            Files.writeString(folder.resolve(each), text);
        }
        return folder;
    }

    private static void refused(String name, String file, String from, String to, String... expected)
            throws IOException {
        Path folder = changed(name, file, from, to);
        String message = refused(stored.config("dpo", "samples.path", folder.toString()));
        assertTrue(message.contains(folder.toString()), message);
        for (String part : expected) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void samplesOfAnotherModelAreRefusedUnlessAccepted() throws IOException {
        refused(
                "other-model",
                "samples.json",
                "(\"fingerprint\" : \")....",
                "$10000",
                "another model",
                "samples.mismatch=accept");
    }

    @Test
    void acceptedSamplesAreLearnedFrom() throws IOException {
        Path folder = changed("accepted", "samples.json", "\"grader\" : \"answer\"", "\"grader\" : \"another\"");
        String message = refused(stored.config("dpo", "samples.path", folder.toString()));
        assertTrue(message.contains("graded by \"another\"") && message.contains("samples.mismatch=accept"), message);
        ConfigFile.Resolved config =
                stored.config("dpo", "samples.path", folder.toString(), "samples.mismatch", "accept", "epochs", "0.1");
        assertEquals(1, steps(stored.run("accepted-run", config, false)).size());
    }

    @Test
    void whatIsNotOfTheseDataIsRefused() throws IOException {
        refused("other-split", "samples.json", "\"train\"", "\"test\"", "test split", "--split train");
        refused("other-cot", "samples.json", "\"cot\" : \"n\"", "\"cot\" : \"p\"", "data.cot is prose", "program");
        refused("other-target", "samples.jsonl", "(\"target\":\")", "$19", "other data", "its answer is");
        refused("other-id", "samples.jsonl", "(\"item_id\":\")", "$1x", "no such question");
        refused("no-ids", "samples.jsonl", ",\"token_ids\":\\[[^\\]]*\\]", "", "no token_ids", "sample again");
        refused("other-ids", "samples.jsonl", "(\"token_ids\":\\[)", "$15,", "do not say its text");
        refused("foreign-ids", "samples.jsonl", "(\"token_ids\":\\[)", "$1999999,", "do not say its text");
    }

    @Test
    void withoutAnyPairThereIsNothingToLearn() throws IOException {
        refused("all-wrong", "samples.jsonl", "\"correct\":true", "\"correct\":false", "no pair to learn from");
    }

    @Test
    void aNewModelWroteNoSamples() {
        Map<String, String> settings =
                with(common(), "samples.path", stored.samples().toString());
        settings.put(
                "model.new",
                "{layers: 1, width: 8, heads: 2, key-value-heads: 1, feed-forward: 16, context-length: 64}");
        String message = String.valueOf(assertThrows(ConfigException.class, () -> ConfigFile.of("kto", settings))
                .getMessage());
        assertTrue(message.contains("model.new") && message.contains("model.path"), message);
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        for (String[] wrong : new String[][] {
            {"samples.mismatch", "maybe"},
            {"pairs-per-question", "0"},
            {"batch", "0"},
            {"epochs", "0"},
            {"max-tokens", "1"}
        }) {
            String message = String.valueOf(assertThrows(ConfigException.class, () -> stored.config("dpo", wrong))
                    .getMessage());
            assertTrue(message.contains(wrong[0] + " is " + wrong[1]), message);
        }
    }

    @Test
    void aSampleFolderOfTheTestSplitIsRefusedAsItIs() {
        Path folder = work.resolve("test-samples");
        stored.sampled(folder, "test", 2);
        String message = refused(stored.config("kto", "samples.path", folder.toString()));
        assertTrue(message.contains("samples of the test split"), message);
    }
}
