package org.reft4j.train.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.task.dataset.Cot;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.Setting;
import org.reft4j.train.plan.RunCheck;
import org.reft4j.train.plan.TimeEstimate;
import org.reft4j.train.plan.TrainingPlan;
import org.reft4j.train.run.RunReader;

/** A recipe is one file and one entry: with these it can be configured, explained, trained, resumed and asked. */
class OwnRecipeTest {
    private static final String MODEL =
            "{layers: 1, width: 32, heads: 2, key-value-heads: 2, feed-forward: 64, context-length: 1024}";

    @TempDir
    private Path folder;

    private static ConfigFile.Resolved settings(String... more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "model.new",
                MODEL,
                "model.compute",
                "f32",
                "data.dataset",
                "wordproblems",
                "data.cot",
                "n",
                "data.options.annotated",
                "24",
                "data.options.validation",
                "4",
                "data.options.test",
                "4",
                "steps",
                "3"));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return ConfigFile.of(ShortestFirstRecipe.ENTRY, settings);
    }

    @Test
    void sharesKeysWithAllRecipes() {
        ConfigFile.Resolved settings = settings("optimizer.learning-rate", "1e-3");
        assertEquals(1e-3, settings.config().optimizer().learningRate());
        assertEquals("10m", settings.config().run().checkpointEvery(), "a default of all");
        List<String> keys = settings.yaml()
                .lines()
                .filter(line -> !line.startsWith(" "))
                .map(line -> line.substring(0, line.indexOf(':')))
                .toList();
        assertEquals(
                List.of(
                        "recipe",
                        "name",
                        "seed",
                        "model",
                        "data",
                        "steps",
                        "rows",
                        "optimizer",
                        "evaluate",
                        "micro-batch-tokens",
                        "activation-checkpointing",
                        "checkpoint-every"),
                keys,
                "its own keys stand among the shared ones");
        assertEquals(settings.config(), settings.with(List.of()).config(), "what is written can be read");

        ConfigException own = assertThrows(ConfigException.class, () -> settings("rows", "0"));
        assertEquals("rows=0: rows is 0; expected a positive number", own.getMessage());
        ConfigException shared = assertThrows(ConfigException.class, () -> settings("checkpoint-every", "soon"));
        assertEquals("checkpoint-every=soon", shared.place());
        ConfigException both = assertThrows(ConfigException.class, () -> settings("lora.rank", "2"));
        assertTrue(String.valueOf(both.getMessage()).startsWith("lora.rank=2: lora is given; expected none"));
        ConfigException unknown = assertThrows(ConfigException.class, () -> settings("row", "1"));
        assertTrue(String.valueOf(unknown.getMessage()).endsWith("unknown key row; did you mean rows?"));
    }

    @Test
    void isExplained() {
        ConfigFile.Resolved settings = settings();
        try (Toolbox toolbox =
                Toolbox.of(Cot.PROSE, Toolbox.Plugins.NONE, settings.config().models())) {
            RunCheck check = RunCheck.measured(settings, folder.resolve("run"), false, toolbox.tools());
            assertTrue(check.lengths().containsKey("rows"), check.lengths().toString());
            TrainingPlan plan = TrainingPlan.of(settings, check.memory());
            assertTrue(plan.text().contains("3 steps of 4 rows each, the shortest first"), plan.text());
            assertTrue(plan.text().contains("optimiser (two moments)"), plan.text());
            Optional<TimeEstimate> time = TimeEstimate.of(settings.config(), plan, check);
            assertEquals(3, time.orElseThrow().steps());
            assertTrue(time.get().parts().containsKey("training"));
        }
        assertFalse(Files.exists(folder.resolve("run")));
    }

    @Test
    void trainsAndGoesOnToTheByte() throws IOException {
        // Of a constant rate, so that the first steps of a shorter run are those of a longer one.
        String[] rate = {"optimizer.schedule", "constant", "optimizer.warmup", "0"};
        Job.of(settings(rate), folder.resolve("whole")).start().await();
        Job.of(settings(rate).with(List.of(new Setting("steps", "2"))), folder.resolve("parted"))
                .start()
                .await();
        Job.of(settings(rate), folder.resolve("parted")).resume(true).start().await();
        String last = "checkpoints/step-000003/model.safetensors";
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("whole").resolve(last)),
                Files.readAllBytes(folder.resolve("parted").resolve(last)));
        List<Double> longest =
                RunReader.of(folder.resolve("whole")).metrics().getOrDefault("longest", List.of()).stream()
                        .map(point -> point.value())
                        .toList();
        assertEquals(longest.stream().sorted().toList(), longest);
        assertEquals(3, longest.size());
    }
}
