package org.reft4j.train.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.ConfigException;

/**
 * A JSON Lines file of pairs. A line has a question ({@code question}, or {@code prompt}) and the texts {@code chosen} and {@code rejected};
 * or, in OpenAI's preference format, {@code input.messages} with {@code preferred_output} and {@code non_preferred_output}, a message of the
 * assistant each (also spelled {@code …_completion}).
 */
final class PairFile {
    private static final double CHOSEN = 1;
    private static final double REJECTED = 0;

    private PairFile() {}

    /**
     * The chosen and the rejected one of each line; empty lines are passed over.
     *
     * @throws org.reft4j.task.dataset.DataException if a line is no object of JSON, or not UTF-8
     * @throws ConfigException if it is no pair; both name file, line and what is wrong
     */
    static List<List<ScoredSample>> read(Path file) {
        List<List<ScoredSample>> pairs = new ArrayList<>();
        JsonLines.read(file, line -> pairs.add(pair(line.place(), line.json())));
        return pairs;
    }

    /** True if the first row of a file is a pair; a file of another form than JSON Lines has none. */
    static boolean is(Path file) {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String line = lines.readLine();
            while (line != null && line.isBlank()) {
                line = lines.readLine();
            }
            JsonNode row = line == null ? Json.PLAIN.missingNode() : Json.PLAIN.readTree(line);
            return (row.has("chosen") && row.has("rejected"))
                    || row.has("preferred_output")
                    || row.has("preferred_completion");
        } catch (JsonProcessingException | CharacterCodingException _) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static List<ScoredSample> pair(String place, JsonNode line) {
        List<ScoredSample> pair = line.has("input") ? conversations(place, line) : texts(place, line);
        if (pair.getFirst().text().equals(pair.getLast().text())) {
            throw new ConfigException(
                    place + ": the chosen and the rejected text are the same; remove the line or correct one of them");
        }
        return pair;
    }

    private static List<ScoredSample> texts(String place, JsonNode line) {
        String asked = text(place, line, line.has("question") ? "question" : "prompt");
        Question question = new Question(place, asked, new Answer.Text(""), null);
        return List.of(
                new ScoredSample(question, place, text(place, line, "chosen"), null, CHOSEN, true),
                new ScoredSample(question, place, text(place, line, "rejected"), null, REJECTED, false));
    }

    private static String text(String place, JsonNode line, String field) {
        JsonNode value = line.path(field);
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw new ConfigException(place + ": " + field + " is " + (value.isMissingNode() ? "missing" : value)
                    + "; expected a text. A pair has question (or prompt), chosen and rejected");
        }
        return value.textValue();
    }

    private static List<ScoredSample> conversations(String place, JsonNode line) {
        JsonNode messages = line.path("input").path("messages");
        if (!(messages instanceof ArrayNode before) || before.isEmpty()) {
            throw new ConfigException(
                    place + ": input.messages is " + shown(messages) + "; expected a list of messages");
        }
        @Nullable ArrayNode tools = line.path("input").path("tools") instanceof ArrayNode list ? list : null;
        return List.of(
                answered(place, before, tools, message(place, line, "preferred"), CHOSEN),
                answered(place, before, tools, message(place, line, "non_preferred"), REJECTED));
    }

    private static ScoredSample answered(
            String place, ArrayNode before, @Nullable ArrayNode tools, JsonNode answer, double reward) {
        Conversation conversation = new Conversation(before.deepCopy().add(answer), tools);
        Question question = new Question(place, "", new Answer.Text(""), "", conversation, null);
        return new ScoredSample(question, place, answer.path("content").textValue(), null, reward, reward == CHOSEN);
    }

    /** The one message of the assistant that an output must be. */
    private static JsonNode message(String place, JsonNode line, String kind) {
        String field = line.has(kind + "_output") ? kind + "_output" : kind + "_completion";
        JsonNode output = line.has(field) ? line.path(field) : line.path(kind + "_output");
        JsonNode message = output.path(0);
        boolean one = output.size() == 1
                && message.path("role").asText().equals("assistant")
                && !message.path("content").asText().isBlank();
        if (!one) {
            throw new ConfigException(place + ": " + kind + "_output is " + shown(output)
                    + "; expected a list of one message of the assistant with a text as its content");
        }
        ObjectNode learned = message.deepCopy();
        // OpenAI's way to leave a message out of training: here it is the one that counts.
        learned.remove("weight");
        return learned;
    }

    private static String shown(JsonNode node) {
        return node.isMissingNode() ? "missing" : node.toString();
    }
}
