package org.reft4j.train.algorithm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.DurableFolders;
import org.reft4j.train.learn.Checkpointed;
import org.reft4j.train.run.Run;

/**
 * Progress of offline self-training, stored in every checkpoint.
 *
 * @param number number of the round, from 1
 * @param begin the step in which completions are sampled; the steps after it are updates
 * @param sampler the step whose model samples in this round; 0 for the warm-up
 * @param best the step of this round with the best validation score so far; 0 for none
 * @param score the score of that step; minus infinity for none
 */
record SelfTrainingRound(int number, int begin, int sampler, int best, double score) {
    static final SelfTrainingRound FIRST = new SelfTrainingRound(1, 1, 0, 0, Double.NEGATIVE_INFINITY);

    static SelfTrainingRound of(JsonNode state) {
        JsonNode round = state.path("round");
        return new SelfTrainingRound(
                round.path("number").asInt(),
                round.path("begin").asInt(),
                round.path("sampler").asInt(),
                round.path("best").asInt(),
                round.path("score").asDouble(Double.NEGATIVE_INFINITY));
    }

    /** The round that a run is in. */
    static final class Current implements Checkpointed {
        private SelfTrainingRound round = FIRST;

        SelfTrainingRound round() {
            return round;
        }

        void set(SelfTrainingRound now) {
            round = now;
        }

        @Override
        public void save(ObjectNode state) {
            ObjectNode there = state.putObject("round");
            there.put("number", round.number)
                    .put("begin", round.begin)
                    .put("sampler", round.sampler)
                    .put("best", round.best);
            if (Double.isFinite(round.score)) {
                there.put("score", round.score);
            }
        }

        @Override
        public void restore(JsonNode state) {
            round = of(state);
        }
    }

    /** The same after a measurement: the higher score is the better, of equals the earlier; without validation questions the later step. */
    SelfTrainingRound measured(int step, double measured) {
        if (Double.isNaN(measured)) {
            return new SelfTrainingRound(number, begin, sampler, step, Double.NEGATIVE_INFINITY);
        }
        return measured > score ? new SelfTrainingRound(number, begin, sampler, step, measured) : this;
    }

    /** The round after this one, whose last step is given. */
    SelfTrainingRound next(int end) {
        return new SelfTrainingRound(number + 1, end + 1, best, 0, Double.NEGATIVE_INFINITY);
    }

    /** Steps of the whole run, if every round to come has as many rows as this one. */
    int steps(OfflineSelfTrainingSettings config, int rows) {
        long each = 1 + config.updates(rows);
        return Math.toIntExact(begin - 1 + (config.iterate() - number + 1) * each);
    }

    /** The folder of this round's samples, and of the model that writes them unless it is the warm-up. */
    Path folder(Run run) {
        return run.folder().resolve("samples").resolve("round-" + number);
    }

    /** The folder of the model that samples in this round: a copy, since its checkpoint may be deleted during the round. */
    Path model(Run run) {
        return folder(run).resolve(String.format(Locale.ROOT, "model-%06d", sampler));
    }

    /** Keeps the model that samples in this round as far as is known now. */
    void keep(Run run, Run.Contents model) {
        Path folder = model(run);
        try {
            DurableFolders.replace(folder, model::write);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder, e);
        }
    }

    /** Deletes the models that were to sample in this round before a better one was found. */
    void dropOthers(Run run) {
        Path kept = model(run);
        Path folder = folder(run);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> models = Files.newDirectoryStream(folder, "{model-*,.model-*}")) {
            for (Path model : models) {
                if (!model.equals(kept)) {
                    DurableFiles.deleteTree(model);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tidy " + folder, e);
        }
    }
}
