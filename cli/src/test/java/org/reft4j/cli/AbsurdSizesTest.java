package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes in {@code config.json} that no model has: one message for every command that reads the model. */
final class AbsurdSizesTest {
    private static final List<String> VALUES =
            List.of("-1", "0", "2147483647", "2147483648", "1000000000000000000", "1e300", "\"64\"", "[[1]]", "{}");

    @TempDir
    private static Path folder;

    @BeforeAll
    static void train() throws IOException {
        Path config = Files.writeString(folder.resolve("sft.yaml"), """
                recipe: sft
                name: sft
                model:
                  new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}
                data:
                  dataset: wordproblems
                  cot: n
                  options: {annotated: 8, answers: 0, validation: 4, test: 4, steps-max: 1}
                epochs: 1
                evaluate: {max-total-tokens: 100}
                """);
        Cli.run("train", config, "--runs", folder.resolve("runs")).done();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vocab_size",
                "hidden_size",
                "num_hidden_layers",
                "num_attention_heads",
                "num_key_value_heads",
                "intermediate_size",
                "head_dim"
            })
    void haveOneMessage(String key) throws IOException {
        for (String value : VALUES) {
            Path model = copy();
            Path file = model.resolve("config.json");
            String text = Files.readString(file);
            String changed = text.replaceFirst("\"" + key + "\"\\s*:\\s*\\d+", "\"" + key + "\": " + value);
            assertFalse(changed.equals(text), text);
            Files.writeString(file, changed);
            Path config = Files.writeString(folder.resolve("reft.yaml"), """
                    recipe: reft
                    name: reft
                    model: {path: %s}
                    data:
                      dataset: wordproblems
                      cot: n
                      options: {annotated: 8, answers: 0, validation: 4, test: 4, steps-max: 1}
                    steps: 1
                    rollout: {questions: 2, samples: 2, max-prompt-tokens: 180, max-total-tokens: 200}
                    ppo: {minibatch: 4}
                    """.formatted(model));
            Path runs = folder.resolve("others");
            Cli evaluated = Cli.run(
                    "evaluate", "--model", model, "--data", "wordproblems:test=4", "--cot", "n", "--limit", "1");
            Cli trained = Cli.run("train", config, "--runs", runs);
            assertAll(
                    key + ": " + value,
                    () -> one(evaluated),
                    () -> one(trained),
                    () -> assertEquals(
                            trained.err(),
                            Cli.run("train", config, "--runs", runs, "--explain")
                                    .err()),
                    () -> assertFalse(Files.exists(runs.resolve("reft")), "no folder is left"));
        }
    }

    @Test
    void theModelItselfIsRead() throws IOException {
        Cli.run(
                        "evaluate",
                        "--model",
                        copy(),
                        "--data",
                        "wordproblems:test=4",
                        "--cot",
                        "n",
                        "--limit",
                        "1",
                        "--max-total-tokens",
                        "100",
                        "--out",
                        folder.resolve("out"))
                .done();
    }

    private static void one(Cli found) {
        assertEquals(2, found.status(), found.err());
        assertEquals(1, found.err().strip().lines().count(), found.err());
        assertFalse(found.err().contains("unexpected error"), found.err());
        assertTrue(found.err().startsWith("reft: "), found.err());
    }

    private static Path copy() throws IOException {
        Path model = Files.createTempDirectory(folder, "model");
        Path last;
        try (Stream<Path> checkpoints = Files.list(folder.resolve("runs/sft/checkpoints"))) {
            last = checkpoints.sorted().toList().getLast();
        }
        try (Stream<Path> files = Files.list(last)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        return model;
    }
}
