package org.reft4j.train.rollout;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.model.schema.ResponseFormat;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.grade.WordedTemplate;
import org.reft4j.train.ConfigException;

/**
 * Form of the prompts: everything around a question, in addition to the data's template. It is stored with the model that was trained with
 * it, so that later commands prompt the model in the same way.
 *
 * @param cot the kind of chain of thought that the model was trained to write; {@code null} for a plain form
 * @param examples the text before the question; empty for none
 * @param chat true if the question is a user message in the model's chat template
 * @param system the system message before it; only with {@code chat}
 * @param stop texts that end a completion; they remain in its tokens, but the graded text ends before them
 * @param template the user's own template instead of the data's, {@code null} for none; with {@code chat} it writes the user message
 * @param beginning rule for the beginning-of-text token before the prompt
 * @param responseFormat what completions must be, {@code null} for any text
 */
public record PromptForm(
        @Nullable Cot cot,
        String examples,
        boolean chat,
        @Nullable String system,
        List<String> stop,
        @Nullable String template,
        Beginning beginning,
        @Nullable ResponseFormat responseFormat) {
    /** The data's template alone, as in the paper. */
    public static final PromptForm PLAIN = new PromptForm(null, "", false, null, List.of());

    private static final String TEMPLATE = "template";
    private static final String BEGINNING = "beginning";
    private static final String FORMAT = "response-format";

    private static final String NAME = "reft-prompt.json";
    /** Folder in a checkpoint with the state that a resumed run needs. */
    private static final String TRAINER = "trainer";

    public PromptForm {
        stop = List.copyOf(stop);
    }

    /** A form whose completions may be any text. */
    public PromptForm(
            @Nullable Cot cot,
            String examples,
            boolean chat,
            @Nullable String system,
            List<String> stop,
            @Nullable String template,
            Beginning beginning) {
        this(cot, examples, chat, system, stop, template, beginning, null);
    }

    /** A form as it was before it could say more: in the data's words, with no token in front. */
    public PromptForm(@Nullable Cot cot, String examples, boolean chat, @Nullable String system, List<String> stop) {
        this(cot, examples, chat, system, stop, null, Beginning.NONE);
    }

    /** The default form for a model that was not trained by this program: its chat template if it has one, else the data's template. */
    public static PromptForm unsaid(Tokenizer tokenizer) {
        boolean chat = !tokenizer.chatTemplates().isEmpty();
        return new PromptForm(null, "", chat, null, List.of(), null, Beginning.AUTO);
    }

    /**
     * The form for a model: the one that it was trained with, or else {@link #unsaid}.
     *
     * @throws ConfigException if the file cannot be understood
     */
    public static PromptForm of(Path model, Tokenizer tokenizer) {
        return trained(model).orElseGet(() -> unsaid(tokenizer));
    }

    /**
     * The form that a model was trained with; empty if it was not trained by this program. Checkpoints of older versions have no such file;
     * they are recognised by the trainer's state in them, and were trained without a beginning-of-text token.
     *
     * @throws ConfigException if the file cannot be understood
     */
    public static Optional<PromptForm> trained(Path model) {
        boolean known = Files.exists(file(model)) || Files.isDirectory(model.resolve(TRAINER));
        return known ? Optional.of(of(model)) : Optional.empty();
    }

    /** The same with another rule for the token in front. */
    public PromptForm with(Beginning other) {
        return new PromptForm(cot, examples, chat, system, stop, template, other, responseFormat);
    }

    /** The same with completions of another format, {@code null} for any text. */
    public PromptForm with(@Nullable ResponseFormat other) {
        return new PromptForm(cot, examples, chat, system, stop, template, beginning, other);
    }

    /** The question in the words of this form. */
    PromptTemplate worded(PromptTemplate data) {
        return template == null ? data : new WordedTemplate(data, template);
    }

    /** One line for people. */
    public String words() {
        StringBuilder words = new StringBuilder("prompt: ");
        words.append(
                chat
                        ? "the model's chat template"
                        : template != null ? "a template of your own" : "the data's template");
        if (chat && template != null) {
            words.append(" around a template of your own");
        }
        if (system != null) {
            words.append(" with a system message");
        }
        if (!examples.isEmpty()) {
            words.append(" behind examples");
        }
        if (!stop.isEmpty()) {
            words.append(", ended by ").append(stop.size() == 1 ? "a stop text" : stop.size() + " stop texts");
        }
        return words.append("; beginning of text: ")
                .append(
                        switch (beginning) {
                            case AUTO -> chat ? "as the chat template writes it" : "as the tokenizer has it";
                            case NONE -> "not set";
                            case ALWAYS -> "always set";
                        })
                .append(responseFormat == null ? "" : "; completions: " + responseFormat.words())
                .toString();
    }

    /** The file with a model's prompt form: in its folder, or next to its single file. */
    public static Path file(Path model) {
        return Files.isRegularFile(model)
                        || model.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")
                ? model.resolveSibling(model.getFileName() + "." + NAME)
                : model.resolve(NAME);
    }

    /**
     * The form that a model was trained with; plain if its folder records none, as with older versions.
     *
     * @throws ConfigException if the file cannot be understood
     */
    public static PromptForm of(Path model) {
        Path file = file(model);
        if (!Files.exists(file)) {
            return PLAIN;
        }
        try {
            return read(Json.PLAIN.readTree(file.toFile()));
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException(
                    file + " does not say how the model is asked (" + e.getMessage()
                            + "); copy it again from the checkpoint that the model comes from",
                    e);
        }
    }

    private static PromptForm read(JsonNode json) {
        for (String key : List.of("examples", "chat", "stop")) {
            if (!json.has(key)) {
                throw new IllegalArgumentException("\"" + key + "\" is missing");
            }
        }
        List<String> stop = new ArrayList<>();
        json.path("stop").forEach(text -> stop.add(text.asText()));
        return new PromptForm(
                json.has("cot") ? Cot.valueOf(upper(json, "cot")) : null,
                json.path("examples").asText(),
                json.path("chat").asBoolean(),
                json.has("system") ? json.path("system").asText() : null,
                stop,
                json.has(TEMPLATE) ? json.path(TEMPLATE).asText() : null,
                json.has(BEGINNING) ? Beginning.valueOf(upper(json, BEGINNING)) : Beginning.NONE,
                json.has(FORMAT) ? ResponseFormat.read(json.path(FORMAT)).orElse(null) : null);
    }

    private static String upper(JsonNode json, String key) {
        return json.path(key).asText().toUpperCase(Locale.ROOT);
    }

    /** Stores the form with a model that was trained with it. */
    public void save(Path model) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (cot != null) {
            json.put("cot", cot.name().toLowerCase(Locale.ROOT));
        }
        json.put("examples", examples);
        json.put("chat", chat);
        if (system != null) {
            json.put("system", system);
        }
        ArrayNode ends = json.putArray("stop");
        stop.forEach(ends::add);
        if (template != null) {
            json.put(TEMPLATE, template);
        }
        json.put(BEGINNING, beginning.name().toLowerCase(Locale.ROOT));
        if (responseFormat != null) {
            json.set(FORMAT, responseFormat.json());
        }
        Path file = file(model);
        try {
            Json.PLAIN.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
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
                    + word(template.cot()) + " (" + file(model) + "); give cot " + cot.letter());
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

    /** The text up to the first stop text. */
    public String cut(String written) {
        int end = written.length();
        for (String text : stop) {
            int at = written.indexOf(text);
            end = at >= 0 ? Math.min(end, at) : end;
        }
        return written.substring(0, end);
    }
}
