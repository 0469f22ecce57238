package org.reft4j.train.learn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunException;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.settings.ModelSource;

/**
 * Log-probabilities of whole completions under the starting model, computed once before training and stored in the run's folder as
 * {@code reference/part-000001.json} and so on. The reference model is closed before training begins. With adapters, it is the base with
 * the adapter in its starting state; a new adapter changes nothing.
 */
public final class ReferenceScores {
    /** Rows of a part: what a killed run does again. */
    private static final int PART = 256;

    private static final String MODEL = "model";

    private final List<Row> rows;
    private final Path folder;
    private final String model;
    private final double[] scores;

    private ReferenceScores(List<Row> rows, Path folder, String model) {
        this.rows = rows;
        this.folder = folder;
        this.model = model;
        this.scores = new double[rows.size()];
    }

    /**
     * Reads stored scores and computes the missing ones; equal rows only once.
     *
     * @param source the starting model
     * @return the score of each row; empty if a stop was requested before all were computed
     * @throws RunException if the stored scores belong to other rows or to another model
     */
    public static Optional<double[]> of(List<Row> rows, ModelSource source, Trainer trainer) {
        return in("reference", rows, source, trainer);
    }

    /** The same of rows that are held out, in a folder of their own: {@code reference/validation}. */
    public static Optional<double[]> heldOut(List<Row> rows, ModelSource source, Trainer trainer) {
        return in("reference/validation", rows, source, trainer);
    }

    private static Optional<double[]> in(String folder, List<Row> rows, ModelSource source, Trainer trainer) {
        List<Row> distinct = rows.stream().distinct().toList();
        ReferenceScores all =
                new ReferenceScores(distinct, trainer.run().folder().resolve(folder), print(source));
        int part = 0;
        while (part < all.parts() && all.read(part)) {
            part++;
        }
        if (part < all.parts() && !all.score(part, trainer)) {
            return Optional.empty();
        }
        Map<Row, Double> byRow = new HashMap<>();
        for (int i = 0; i < distinct.size(); i++) {
            byRow.put(distinct.get(i), all.scores[i]);
        }
        return Optional.of(rows.stream()
                .mapToDouble(row -> byRow.getOrDefault(row, Double.NaN))
                .toArray());
    }

    /** The model's files and the type of its products. */
    private static String print(ModelSource source) {
        String path = source.path();
        return (path == null ? "new" : Fingerprint.of(StoredModel.open(Path.of(path)))) + " " + source.compute();
    }

    private boolean score(int first, Trainer trainer) {
        Run run = trainer.run();
        try (Scorer model = trainer.frozen(trainer.setup().policy(Optional.empty()))) {
            for (int part = first; part < parts(); part++) {
                if (run.stopRequested()) {
                    return false;
                }
                double[] found = model.sums(part(part));
                System.arraycopy(found, 0, scores, part * PART, found.length);
                write(part, found);
                run.emit(new RunEvent.Progress(
                        0, "reference", Math.min(rows.size(), (part + 1L) * PART), rows.size(), "rows"));
            }
            return true;
        }
    }

    private int parts() {
        return Math.ceilDiv(rows.size(), PART);
    }

    private List<Row> part(int part) {
        return rows.subList(part * PART, Math.min(rows.size(), (part + 1) * PART));
    }

    private Path file(int part) {
        return folder.resolve(String.format(Locale.ROOT, "part-%06d.json", part + 1));
    }

    private boolean read(int part) {
        Path file = file(part);
        if (!Files.exists(file)) {
            return false;
        }
        try {
            JsonNode stored = Json.PLAIN.readTree(file.toFile());
            JsonNode logprobs = stored.path("logprobs");
            if (!stored.has(MODEL)) {
                // An older version did not record which model the scores belong to: compute them again.
                return false;
            }
            if (!stored.path(MODEL).asText().equals(model)) {
                throw new RunException(
                        file + " holds log-probabilities of another model than model.path is now; put its files"
                                + " back as they were when the run began, or begin another run");
            }
            if (!stored.path("rows").asText().equals(Fingerprint.ofRows(part(part)))
                    || logprobs.size() != part(part).size()) {
                throw otherRows(file);
            }
            for (int i = 0; i < logprobs.size(); i++) {
                scores[part * PART + i] = logprobs.path(i).asDouble();
            }
            return true;
        } catch (JsonProcessingException _) {
            throw otherRows(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static RunException otherRows(Path file) {
        return new RunException(file
                + " is damaged, or holds log-probabilities of other samples than samples.path has now; put the samples back as"
                + " they were when the run began, or begin another run");
    }

    private void write(int part, double[] found) {
        ObjectNode stored = Json.PLAIN
                .createObjectNode()
                .put("rows", Fingerprint.ofRows(part(part)))
                .put(MODEL, model);
        ArrayNode logprobs = stored.putArray("logprobs");
        for (double value : found) {
            logprobs.add(value);
        }
        try {
            Files.createDirectories(folder);
            DurableFiles.write(file(part), stored + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file(part), e);
        }
    }
}
