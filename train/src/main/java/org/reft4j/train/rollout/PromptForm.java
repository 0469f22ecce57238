package org.reft4j.train.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.train.ConfigException;

/**
 * What stands around a question, beside the data's template. It lies beside the model that was trained with it, so that whoever asks that
 * model asks it so.
 *
 * @param cot the kind of reasoning that the model was asked for; {@code null} for a plain form, which says nothing of it
 * @param examples the text before the question; empty for none
 * @param chat whether the question is a user's message, put by the model's chat template
 * @param system the system message before it, with {@code chat} alone
 * @param stop texts that end a completion; its tokens keep them, and the text that is graded ends before them
 */
public record PromptForm(
        @Nullable Cot cot,
        String examples,
        boolean chat,
        @Nullable String system,
        List<String> stop) {
    /** The data's template alone, as in the paper. */
    public static final PromptForm PLAIN = new PromptForm(null, "", false, null, List.of());

    private static final String NAME = "reft-prompt.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    public PromptForm {
        stop = List.copyOf(stop);
    }

    /** Where the form of a model lies: in its folder, or beside its one file. */
    public static Path file(Path model) {
        return Files.isRegularFile(model)
                        || model.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")
                ? model.resolveSibling(model.getFileName() + "." + NAME)
                : model.resolve(NAME);
    }

    /**
     * The form that a model was trained with; plain where its folder says nothing.
     *
     * @throws ConfigException if the file cannot be understood
     */
    public static PromptForm of(Path model) {
        Path file = file(model);
        if (!Files.exists(file)) {
            return PLAIN;
        }
        try {
            return read(JSON.readTree(file.toFile()));
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException(
                    file + " does not say how the model is asked (" + e.getMessage()
                            + "); copy it again from the checkpoint that the model comes from",
                    e);
        }
    }

    private static PromptForm read(JsonNode json) {
        for (String key : List.of("cot", "examples", "chat", "stop")) {
            if (!json.has(key)) {
                throw new IllegalArgumentException("\"" + key + "\" is missing");
            }
        }
        List<String> stop = new ArrayList<>();
        json.path("stop").forEach(text -> stop.add(text.asText()));
        return new PromptForm(
                Cot.valueOf(json.path("cot").asText().toUpperCase(Locale.ROOT)),
                json.path("examples").asText(),
                json.path("chat").asBoolean(),
                json.has("system") ? json.path("system").asText() : null,
                stop);
    }

    /** Writes the form beside a model, unless it is plain. */
    public void save(Path model) {
        if (cot == null) {
            return;
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("cot", cot.name().toLowerCase(Locale.ROOT));
        json.put("examples", examples);
        json.put("chat", chat);
        if (system != null) {
            json.put("system", system);
        }
        ArrayNode ends = json.putArray("stop");
        stop.forEach(ends::add);
        Path file = file(model);
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /**
     * Refuses to ask for another kind of reasoning than the model was trained to give.
     *
     * @param model its place, for the message
     */
    public void require(PromptTemplate template, Path model) {
        if (cot != null && cot != template.cot()) {
            throw new ConfigException(model + " was trained to be asked for a " + word(cot) + ", and is asked for a "
                    + word(template.cot()) + " (" + file(model) + "); give --cot " + cot.letter());
        }
    }

    private static String word(Cot kind) {
        return kind == Cot.PROGRAM ? "program" : "chain of thought in prose";
    }

    /** A question as the messages of a conversation. */
    ArrayNode messages(String question) {
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        if (system != null) {
            messages.addObject().put("role", "system").put("content", system);
        }
        messages.addObject().put("role", "user").put("content", question);
        return messages;
    }

    /** What was written before the first of the texts that end a completion. */
    public String cut(String written) {
        int end = written.length();
        for (String text : stop) {
            int at = written.indexOf(text);
            end = at >= 0 ? Math.min(end, at) : end;
        }
        return written.substring(0, end);
    }
}
