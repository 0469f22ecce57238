package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A finished run that is made longer, and settings that change on the way. */
@Execution(ExecutionMode.CONCURRENT)
class ProlongTest {
    @TempDir
    Path folder;

    /** With a constant rate nothing shows that the run was once shorter. */
    @ParameterizedTest
    @ValueSource(strings = {"sft", "reft", "grpo"})
    void longerAfterwardsIsLongAtOnce(String recipe) throws IOException {
        String length = recipe.equals("sft") ? "epochs" : "steps";
        Map<String, String> settings = recipe.equals("sft") ? Tiny.sft("n", 2) : Tiny.reft("n", 2);
        if (recipe.equals("grpo")) {
            settings = Tiny.from(
                    Tiny.grpo("n", 2),
                    train("base", "sft", Tiny.sft("n", 4), Map.of()).toString());
            settings.put("optimizer.warmup", "0");
        }
        settings.put("evaluate.every", "2");
        settings.put("optimizer.schedule", "constant");
        settings.put("optimizer.warmup", "0");
        String many = recipe.equals("sft") ? "3" : "6";
        Left atOnce = Left.of(train("at-once", recipe, settings, Map.of(length, many)));
        train("prolonged", recipe, settings, Map.of());
        Left prolonged = Left.of(train("prolonged", recipe, settings, Map.of(length, many)));
        assertEquals(atOnce.metrics(), prolonged.metrics());
        assertEquals(withoutOldSums(atOnce), withoutOldSums(prolonged));
        assertEquals(atOnce.rows(), prolonged.rows());
        assertTrue(prolonged.metrics().contains("\"step\":6"), prolonged.metrics());
        Path run = folder.resolve("prolonged").resolve(recipe);
        assertTrue(
                Files.readString(run.resolve("config-until-step-000002.yaml")).contains("name: " + recipe));
    }

    /** Checkpoints from before the change know another first line of the metrics. */
    private static Map<String, String> withoutOldSums(Left left) {
        Map<String, String> files = new java.util.TreeMap<>(left.checkpoints());
        files.keySet().removeIf(name -> name.matches(".*step-00000[0-2].*checksums.*"));
        return files;
    }

    /** A run that ended early has an extra evaluation at its old end, and everything else is the same. */
    @Test
    void theOldEndStaysMeasured() throws IOException {
        Map<String, String> settings = Tiny.reft("n", 3);
        settings.put("evaluate.every", "2");
        settings.put("optimizer.warmup", "0");
        Left atOnce = Left.of(train("at-once", "reft", settings, Map.of("steps", "5")));
        train("prolonged", "reft", settings, Map.of());
        Left prolonged = Left.of(train("prolonged", "reft", settings, Map.of("steps", "5")));
        assertEquals(
                atOnce.metrics(),
                prolonged.metrics().replaceAll("\\{\"event\":\"(evaluation|warning)\",\"step\":3,[^\n]*\n", ""));
    }

    @Test
    void checkpointsChangeNoFigure() throws IOException {
        Map<String, String> settings = Tiny.reft("n", 4);
        Left few = Left.of(train("few", "reft", settings, Map.of("checkpoint-every", "0")));
        Left many = Left.of(train("many", "reft", settings, Map.of("checkpoint-every", "1")));
        Left timed = Left.of(train("timed", "reft", settings, Map.of("checkpoint-every", "1s")));
        for (Left other : List.of(many, timed)) {
            assertEquals(few.metrics(), other.metrics());
            assertEquals(few.rows(), other.rows());
            few.checkpoints()
                    .forEach((file, digest) ->
                            assertEquals(digest, other.checkpoints().get(file), file));
        }
    }

    /** The rate of a step depends on their number: the run warns of it and records the warning. */
    @Test
    void aScheduleIsFollowedWithAWord() throws IOException {
        Map<String, String> settings = Tiny.sft("n", 3);
        train("runs", "sft", settings, Map.of());
        Path config = folder.resolve("sft.yaml");
        Reft.Outcome longer =
                Reft.run(folder, "train", config.toString(), "--runs", "runs", "--resume", "--set", "epochs=2");
        longer.orThrow();
        assertTrue(longer.err().contains("epochs is 2.0 from here on (was 1.0)"), longer.err());
        String told = "epochs was 1.0 until here and is 2.0: from here on the learning rate is that of the longer run"
                + " (optimizer.schedule linear, optimizer.warmup 0.1)";
        assertTrue(longer.err().contains(told), longer.err());
        String metrics = Files.readString(folder.resolve("runs/sft/metrics.jsonl"));
        assertTrue(metrics.contains("{\"event\":\"warning\",\"step\":3,\"message\":\"" + told), metrics);
        Reft.Outcome shorter = Reft.run(folder, "train", config.toString(), "--runs", "runs", "--resume");
        assertEquals(2, shorter.exit(), shorter.err());
        assertTrue(
                shorter.err()
                        .contains("epochs is 1.0, but the run in runs/sft was started with 2.0; a run can be made"
                                + " longer, not shorter: stop it when it is long enough; resume it with the same configuration"
                                + " (--set epochs=2.0 --resume)"),
                shorter.err());
    }

    private Path train(String runs, String recipe, Map<String, String> settings, Map<String, String> changes)
            throws IOException {
        Path config = Files.writeString(folder.resolve(recipe + ".yaml"), Tiny.yaml(recipe, settings));
        List<String> arguments =
                new java.util.ArrayList<>(List.of("train", config.toString(), "--runs", runs, "--resume"));
        changes.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        Reft.run(folder, arguments.toArray(String[]::new)).orThrow();
        return runs.equals("base")
                ? Left.checkpointFolders(folder.resolve("base/sft")).getLast()
                : folder.resolve(runs).resolve(recipe);
    }
}
