package org.reft4j.train.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.ConfigException;

/**
 * A file of step labels that is being written, question after question, with the settings that determine its contents in a second file
 * ({@code steps.jsonl} and {@code steps.jsonl.json}). A question counts once all of its lines are there. One writer at a time.
 */
public final class StepLabelFile implements AutoCloseable {
    /** The key of the fingerprint of the questions whose chains are labelled. */
    public static final String QUESTIONS = "questions";

    private final AppendedLines lines;
    private final int complete;

    private StepLabelFile(AppendedLines lines, int complete) {
        this.lines = lines;
        this.complete = complete;
    }

    /**
     * Opens for writing: a new file, or one made with the same settings. What was begun and not finished is cut off.
     *
     * @param linesEach lines of each question, in their order
     * @throws ConfigException if the file was made otherwise, or another process writes to it
     */
    public static StepLabelFile open(Path file, ObjectNode settings, List<Integer> linesEach) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            check(file, settings);
            Path beside = beside(file);
            if (!Files.exists(beside)) {
                DurableFiles.write(beside, settings + "\n");
            }
            AppendedLines lines = AppendedLines.open(file, "wait for it");
            try {
                return new StepLabelFile(lines, cut(file, lines, linesEach));
            } catch (IOException | RuntimeException e) {
                lines.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /**
     * Changes nothing.
     *
     * @throws ConfigException if the file was made with other settings, or is of another origin
     */
    public static void check(Path file, ObjectNode settings) {
        Path beside = beside(file);
        if (!Files.exists(beside)) {
            if (Files.exists(file)) {
                throw new ConfigException(
                        file + " is there already; expected a new file, or one that reft steps began (" + beside
                                + " is missing)");
            }
            return;
        }
        JsonNode there = description(beside);
        for (var entry : settings.properties()) {
            String before = there.path(entry.getKey()).toString();
            if (!before.equals(entry.getValue().toString())) {
                throw new ConfigException(file + " holds labels made with other settings: " + entry.getKey() + " is "
                        + before + " there and " + entry.getValue() + " now; ask for the same, or choose another file");
            }
        }
    }

    /**
     * Fingerprint of the questions that a file's labels belong to; empty for a file that {@code reft steps} did not write.
     *
     * @throws ConfigException if the file of its settings is damaged
     */
    static Optional<String> questions(Path file) {
        Path beside = beside(file);
        if (!Files.exists(beside)) {
            return Optional.empty();
        }
        JsonNode print = description(beside).path(QUESTIONS);
        if (!print.isTextual()) {
            throw new ConfigException(beside + ": damaged (no \"" + QUESTIONS + "\"); restore the file, or label the"
                    + " samples again into another file");
        }
        return Optional.of(print.textValue());
    }

    private static JsonNode description(Path beside) {
        try {
            return Json.PLAIN.readTree(beside.toFile());
        } catch (JsonProcessingException e) {
            throw new ConfigException(
                    beside + ": not JSON (" + JsonLines.words(e)
                            + "); restore the file, or label the samples again into another file",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + beside, e);
        }
    }

    /** The file that records how a label file was made. */
    static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".json");
    }

    /** Cuts off what is left of a question that was not finished; how many questions stay. */
    private static int cut(Path file, AppendedLines lines, List<Integer> linesEach) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int questions = 0;
        int size = 0;
        int at = 0;
        while (questions < linesEach.size()) {
            int missing = linesEach.get(questions);
            while (missing > 0 && at < bytes.length) {
                missing -= bytes[at++] == '\n' ? 1 : 0;
            }
            if (missing > 0) {
                break;
            }
            questions++;
            size = at;
        }
        lines.cut(size);
        return questions;
    }

    /** Questions that were complete when it was opened. */
    public int complete() {
        return complete;
    }

    /** Adds the lines of one question, and flushes them to the disk. */
    public void append(List<ObjectNode> labels) {
        lines.append(labels.stream());
    }

    @Override
    public void close() {
        lines.close();
    }
}
