package org.reft4j.experiment.grid;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunReader;

/** Finds run folders of which a part is missing, as an interrupted copy leaves them. A killed run leaves none: it is written in order. */
final class HalfCopied {
    private static final List<String> RECORD = List.of("environment.json", "metrics.jsonl");
    private static final List<String> TRAINER = List.of("trainer/state.json", "trainer/state.safetensors");

    /** One of these holds the weights. */
    private static final List<String> WEIGHTS =
            List.of("model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors");

    private HalfCopied() {}

    /** The fault of a run's folder, in words; empty if it is sound or does not exist. */
    static Optional<String> missing(Path run) {
        if (!Files.isRegularFile(run.resolve("config.yaml"))) {
            return Stream.of("checkpoints", "metrics.jsonl", "test.json", "samples")
                            .anyMatch(name -> Files.exists(run.resolve(name)))
                    ? Optional.of(words(run, "config.yaml"))
                    : Optional.empty();
        }
        RunReader reader = RunReader.of(run);
        List<Run.Checkpoint> checkpoints = reader.checkpoints();
        boolean done = reader.outcome().isPresent();
        if (done && checkpoints.isEmpty()) {
            return Optional.of(words(run, "every checkpoint"));
        }
        if (!checkpoints.isEmpty()) {
            for (String name : RECORD) {
                if (!Files.isRegularFile(run.resolve(name))) {
                    return Optional.of(words(run, name));
                }
            }
        }
        for (Run.Checkpoint checkpoint : checkpoints) {
            for (String name : TRAINER) {
                Path file = checkpoint.folder().resolve(name);
                if (!Files.isRegularFile(file)) {
                    return Optional.of(words(run, run.relativize(file).toString()));
                }
            }
            Path folder = checkpoint.folder();
            if (WEIGHTS.stream().noneMatch(name -> Files.isRegularFile(folder.resolve(name)))) {
                return Optional.of(words(run, run.relativize(folder) + "/" + WEIGHTS.getFirst()));
            }
        }
        OptionalInt lost = reader.lostBest();
        if (lost.isPresent()) {
            return Optional.of(words(run, "step " + lost.getAsInt() + ", the checkpoint that validation chose,"));
        }
        Path samples = run.resolve("samples");
        return Files.exists(samples.resolve("samples.jsonl")) && !Files.exists(samples.resolve("samples.json"))
                ? Optional.of(words(run, "samples/samples.json"))
                : Optional.empty();
    }

    private static String words(Path run, String what) {
        return "run folder " + run + " is incomplete: " + what
                + " is missing; copy the whole folder again, or delete it to train it anew";
    }
}
