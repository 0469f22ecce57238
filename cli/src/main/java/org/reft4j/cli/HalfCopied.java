package org.reft4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunReader;

/** Finds run folders of which a part is missing, as an interrupted copy leaves them. A killed run leaves none: it is written in order. */
final class HalfCopied {
    private static final List<String> RECORD = List.of("environment.json", "metrics.jsonl");
    private static final List<String> TRAINER = List.of("trainer/state.json", "trainer/state.safetensors");

    private HalfCopied() {}

    /** What is wrong with the folder of a run, in words; empty if nothing is, or if it is not there. */
    static Optional<String> missing(Path run) {
        if (!Files.isRegularFile(run.resolve("config.yaml"))) {
            return Files.isDirectory(run.resolve("checkpoints"))
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
        }
        return Optional.empty();
    }

    private static String words(Path run, String what) {
        return "run folder " + run + " is incomplete: " + what
                + " is missing; copy the whole folder again, or delete it to train it anew";
    }
}
