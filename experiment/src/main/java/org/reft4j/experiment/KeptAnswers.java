package org.reft4j.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.Evaluation;

/**
 * Answers of a run's model to the test questions, as stored in {@code test.json} next to the run.
 *
 * @param model the name of the checkpoint that answered
 * @param grader the grader's description; a missing node if it is not recorded
 * @param date date of the answers; empty if it is not recorded
 */
record KeptAnswers(String model, JsonNode grader, Optional<String> date, Evaluation evaluation) {
    private static final ObjectReader EVALUATION =
            Json.PLAIN.readerFor(Evaluation.class).with(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

    /**
     * Reads a file.
     *
     * @throws ConfigException if it is damaged; it names the file and what to do
     */
    static KeptAnswers read(Path file) {
        try {
            JsonNode json = Json.PLAIN.readTree(file.toFile());
            if (!json.path("evaluation").path("answers").isArray()) {
                throw damaged(file, json.isMissingNode() ? "it is empty" : "no evaluation with answers", null);
            }
            return new KeptAnswers(
                    json.path("model").asText(),
                    json.path("grader"),
                    Optional.ofNullable(json.path("date").textValue()),
                    EVALUATION.readValue(json.path("evaluation")));
        } catch (JsonProcessingException e) {
            // A location is that of the text; what was read as a tree has none.
            String line = e.getLocation() == null || e.getLocation().getLineNr() < 1
                    ? ""
                    : "line " + e.getLocation().getLineNr() + ": ";
            throw damaged(file, line + JsonLines.words(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static ConfigException damaged(Path file, String what, @Nullable Throwable cause) {
        String message = file + ": damaged (" + what + "); delete it, and the experiment that wrote it measures again";
        return cause == null ? new ConfigException(message) : new ConfigException(message, cause);
    }
}
