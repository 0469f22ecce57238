package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.DurableFolders;
import org.reft4j.ground.files.Json;
import org.reft4j.model.weights.Checksums;
import org.reft4j.train.run.Run.Checkpoint;
import org.reft4j.train.run.Run.Contents;

/**
 * The checkpoints of one run. A folder {@code step-000050} is complete whenever it exists: it is written as {@code .step-000050.tmp},
 * flushed and renamed, and it leaves by being renamed first.
 */
final class Checkpoints {
    private static final String ABOUT = "checkpoint.json";
    private static final String BEST = "best";
    private static final Pattern NAME = Pattern.compile("step-\\d{6,}");
    private static final String DELETED = ".deleted";
    /** The name in earlier versions of a checkpoint that another is taking the place of. */
    private static final String REPLACED = ".replaced";

    private static final int NEWEST_KEPT = 2;

    private final Path folder;
    private List<Checkpoint> complete;

    private Checkpoints(Path folder, List<Checkpoint> complete) {
        this.folder = folder;
        this.complete = complete;
    }

    /** Opens for writing: makes the folder and clears away what a crash left half-done or did not come to delete. */
    static Checkpoints open(Path folder) {
        try {
            Files.createDirectories(folder);
            recover(folder);
        } catch (IOException e) {
            throw RunException.of("cannot open", folder, e);
        }
        Checkpoints checkpoints = new Checkpoints(folder, list(folder));
        checkpoints.prune();
        return checkpoints;
    }

    /** The complete checkpoints in {@code folder} by ascending step; changes nothing. */
    static List<Checkpoint> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Checkpoint> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Checkpoints::isComplete)) {
            for (Path entry : entries) {
                found.add(read(entry));
            }
        } catch (IOException e) {
            throw RunException.of("cannot read", folder, e);
        }
        found.sort(Comparator.comparingInt(Checkpoint::step));
        return List.copyOf(found);
    }

    /** The highest score; among equals the earliest; never one that was not measured. */
    static Optional<Checkpoint> best(List<Checkpoint> checkpoints) {
        return checkpoints.stream()
                .filter(checkpoint -> !Double.isNaN(checkpoint.score()))
                .max(Comparator.comparingDouble(Checkpoint::score)
                        .thenComparing(Comparator.comparingInt(Checkpoint::step).reversed()));
    }

    /** The step of the best checkpoint, as the newest one records it, if that checkpoint was deleted since. */
    static OptionalInt lostBest(List<Checkpoint> checkpoints) {
        if (checkpoints.isEmpty()) {
            return OptionalInt.empty();
        }
        Path about = checkpoints.getLast().folder().resolve(ABOUT);
        try {
            JsonNode best = Json.PLAIN.readTree(about.toFile()).path(BEST);
            boolean there = checkpoints.stream().anyMatch(checkpoint -> checkpoint.step() == best.asInt());
            return best.isInt() && !there ? OptionalInt.of(best.asInt()) : OptionalInt.empty();
        } catch (IOException e) {
            throw damaged(about, e);
        }
    }

    Optional<Checkpoint> latest() {
        return complete.isEmpty() ? Optional.empty() : Optional.of(complete.getLast());
    }

    Optional<Checkpoint> best() {
        return best(complete);
    }

    /**
     * Writes a checkpoint. The state after a step is unique, so an existing one with the same score, or a call without a score, leaves it
     * as it is.
     *
     * @param record checksums of the run's records, stored with those of the checkpoint's files
     * @throws RunException if it cannot be written; nothing of it remains, and the old ones are untouched
     */
    Checkpoint write(int step, double score, ObjectNode record, Contents contents) {
        Optional<Checkpoint> newest = latest();
        if (newest.isPresent() && step < newest.get().step()) {
            throw new IllegalArgumentException("checkpoint of step " + step + " after that of step "
                    + newest.get().step());
        }
        Optional<Checkpoint> same = newest.filter(checkpoint -> checkpoint.step() == step);
        if (same.isPresent() && (Double.isNaN(score) || same.get().score() == score)) {
            return same.get();
        }
        String name = String.format(Locale.ROOT, "step-%06d", step);
        Checkpoint next = new Checkpoint(step, folder.resolve(name), score);
        Optional<Checkpoint> best =
                best(Stream.concat(complete.stream(), Stream.of(next)).toList());
        try {
            DurableFolders.replace(next.folder(), aside -> fill(aside, next, best, record, contents));
        } catch (IOException e) {
            throw unwritable(step, e);
        }
        complete = list(folder);
        prune();
        return complete.getLast();
    }

    private static boolean isComplete(Path entry) {
        return NAME.matcher(entry.getFileName().toString()).matches();
    }

    private static Checkpoint read(Path entry) {
        Path about = entry.resolve(ABOUT);
        try {
            JsonNode node = Json.PLAIN.readTree(about.toFile());
            if (node.path("step").isInt()) {
                return new Checkpoint(node.get("step").intValue(), entry, EventLines.number(node.path("score")));
            }
        } catch (IOException e) {
            throw damaged(about, e);
        }
        throw damaged(about, new IOException("no step in it"));
    }

    private static RunException damaged(Path about, IOException cause) {
        return new RunException(
                about + " is missing or damaged (" + RunException.words(cause)
                        + "); delete its folder to go on from the checkpoint before it",
                cause);
    }

    private static void recover(Path folder) throws IOException {
        List<Path> leftovers = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, ".step-*.*")) {
            entries.forEach(leftovers::add);
        }
        for (Path leftover : leftovers) {
            String name = leftover.getFileName().toString();
            Path original = folder.resolve(name.substring(1, name.lastIndexOf('.')));
            DurableFolders.recover(original);
            if (name.endsWith(REPLACED) && !Files.exists(original)) {
                DurableFiles.rename(leftover, original);
            }
            DurableFiles.deleteTree(leftover);
        }
    }

    private static void fill(
            Path aside, Checkpoint next, Optional<Checkpoint> best, ObjectNode record, Contents contents)
            throws IOException {
        contents.write(aside);
        ObjectNode about = Json.PLAIN.createObjectNode().put("step", next.step());
        EventLines.number(about, "score", next.score());
        best.ifPresent(found -> about.put(BEST, found.step()));
        Files.writeString(aside.resolve(ABOUT), about + "\n");
        Checksums.write(aside, List.of(Run.KEEP), record);
    }

    private RunException unwritable(int step, Exception cause) {
        String standing = latest().map(checkpoint -> "the one of step " + checkpoint.step() + " is untouched: ")
                .orElse("there is none before it: ");
        return new RunException(
                "cannot write the checkpoint of step " + step + " to " + folder + ": " + RunException.words(cause)
                        + "; " + standing + "make room or mend the folder, then resume the run",
                cause);
    }

    private void prune() {
        Set<Checkpoint> kept =
                new HashSet<>(complete.subList(Math.max(0, complete.size() - NEWEST_KEPT), complete.size()));
        best().ifPresent(kept::add);
        for (Checkpoint checkpoint : complete) {
            if (!kept.contains(checkpoint) && !Files.exists(checkpoint.folder().resolve(Run.KEEP))) {
                Path name = checkpoint.folder().getFileName();
                Path deleted = folder.resolve("." + name + DELETED);
                try {
                    DurableFiles.rename(checkpoint.folder(), deleted);
                } catch (IOException _) {
                    // Someone reads it (Windows); it is listed still, so the next checkpoint tries again.
                    continue;
                }
                deleteQuietly(deleted);
            }
        }
        complete = list(folder);
    }

    private static void deleteQuietly(Path rubbish) {
        try {
            DurableFiles.deleteTree(rubbish);
        } catch (IOException _) {
            // Its name says that it is rubbish: the next opening of the run deletes it.
        }
    }
}
