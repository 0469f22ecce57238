package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.model.weights.Checksums;
import org.reft4j.train.run.Run.Checkpoint;

/**
 * Checksums that a checkpoint carries: of its own files, and of what the run had on record when it was written, which may have grown since.
 * Times are not among them, since they differ from run to run.
 */
final class RecordChecksums {
    private static final String RECORD = "record";

    private RecordChecksums() {}

    /** The checksums of all that the run has on record. */
    static ObjectNode of(Checksums.Sum metrics, RolloutSum rollouts) {
        ObjectNode sums = Json.PLAIN.createObjectNode();
        ObjectNode record = sums.putObject(RECORD);
        record.set(Recording.METRICS, metrics.json());
        record.set(RolloutDatabase.FILE, rollouts.json());
        return sums;
    }

    /** Writes anew what a checkpoint says of the record; one without checksums stays without. */
    static void renew(Checkpoint newest, ObjectNode sums) {
        Path file = newest.folder().resolve(Checksums.FILE);
        try {
            ObjectNode all = Checksums.read(newest.folder());
            if (all.has(RECORD)) {
                all.set(RECORD, sums.path(RECORD));
                DurableFiles.write(file, all.toPrettyString() + "\n");
            }
        } catch (IOException e) {
            throw RunException.of("cannot write", file, e);
        }
    }

    /**
     * Holds the files of a run against those that its newest checkpoint was written with. A run without checksums is let pass.
     *
     * @throws RunException that names the first one that was changed
     */
    static void require(Path run, Checkpoint newest) {
        Path sums = newest.folder().resolve(Checksums.FILE);
        try {
            Checksums.damage(newest.folder(), name -> !name.equals(Run.KEEP)).ifPresent(words -> {
                throw new RunException(words + "; delete " + newest.folder()
                        + " to go on from the checkpoint before it, or copy the run again");
            });
            JsonNode record = Checksums.read(newest.folder()).path(RECORD);
            Path metrics = run.resolve(Recording.METRICS);
            Optional<String> damage = record.has(Recording.METRICS)
                    ? Checksums.damage(metrics, record.path(Recording.METRICS))
                    : Optional.empty();
            if (damage.isPresent()) {
                // Names the line where one cannot be read at all.
                var _ = LineFile.read(metrics);
            }
            if (damage.isEmpty() && record.has(RolloutDatabase.FILE)) {
                Path database = run.resolve(RolloutDatabase.FILE);
                RolloutSum found = new RolloutReader(database, () -> 1).sum(newest.step());
                if (!found.json().equals(record.path(RolloutDatabase.FILE))) {
                    damage = Optional.of(database + " has other rows than were written");
                }
            }
            damage.ifPresent(words -> {
                throw new RunException(words + " up to step " + newest.step() + "; copy the run again, or delete "
                        + sums + " to go on with it as it is");
            });
        } catch (IOException e) {
            throw RunException.of("cannot read", sums, e);
        }
    }
}
