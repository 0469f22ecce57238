package org.reft4j.model.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.TokenizerException;

/**
 * How a model wants a conversation to be written, in Jinja, as the Python library transformers renders it. A model may bring several
 * templates; the one named {@code tool_use} is for conversations with tools, {@code default} for the others.
 *
 * <p>Safe for many threads. A template is the work of strangers: what it may cost is bounded, and it can reach nothing but the
 * conversation.
 */
public final class ChatTemplate {
    private static final String DEFAULT = "default";
    private static final String TOOLS = "tool_use";

    private final String source;
    private final Map<String, Program> templates;
    private final Map<String, String> specialTokens;

    private ChatTemplate(String source, Map<String, Program> templates, Map<String, String> specialTokens) {
        this.source = source;
        this.templates = templates;
        this.specialTokens = specialTokens;
    }

    /**
     * The template of a model.
     *
     * @return empty if its files hold none
     * @throws ChatTemplateException if one of its templates is not written as Jinja demands
     */
    public static Optional<ChatTemplate> of(Tokenizer tokenizer) {
        Map<String, String> texts = tokenizer.chatTemplates();
        if (texts.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Program> templates = new LinkedHashMap<>();
        texts.forEach((name, text) -> templates.put(name, Program.read(title(tokenizer.source(), name), text)));
        return Optional.of(new ChatTemplate(tokenizer.source(), templates, tokenizer.specialTokens()));
    }

    /**
     * A template by itself.
     *
     * @param name for messages
     * @param specialTokens by the name that templates use, such as {@code bos_token}
     * @throws ChatTemplateException if it is not written as Jinja demands
     */
    public static ChatTemplate of(String name, String template, Map<String, String> specialTokens) {
        return new ChatTemplate(
                name, Map.of(DEFAULT, Program.read(title(name, DEFAULT), template)), Map.copyOf(specialTokens));
    }

    private static String title(String source, String name) {
        return source + ": chat template" + (name.equals(DEFAULT) ? "" : " " + name);
    }

    /**
     * A conversation as text.
     *
     * @param messages a JSON array of objects with {@code role}, {@code content} and whatever else the template reads
     * @throws ChatTemplateException if the template refuses the conversation, fails, or takes more than it may
     */
    public String render(JsonNode messages, ChatOptions options) {
        return rendering(messages, options).text();
    }

    /**
     * The assistant's turns of a conversation as token ids, for training that learns these and nothing else. Prompts are the ids that the
     * model is given when it is asked, so a conversation gives one prompt for each turn, with all that is in front of it. Messages with a
     * {@code weight} of 0 are not learned.
     *
     * @param options whose generation prompt is of no effect
     * @throws ChatTemplateException if the conversation cannot be rendered, or its turns cannot be told apart
     */
    public List<ChatTurn> turns(JsonNode messages, ChatOptions options, Tokenizer tokenizer) {
        return ChatTurns.of(this, messages, options, tokenizer);
    }

    /**
     * All tokens that end a text of a model: those of its files, and what its chat template writes behind a turn. A template that cannot
     * be used adds none; who needs it is told why.
     */
    public static EndTokens ends(Tokenizer tokenizer) {
        try {
            return of(tokenizer).map(template -> template.endsOf(tokenizer)).orElseGet(tokenizer::ends);
        } catch (ChatTemplateException | TokenizerException _) {
            return tokenizer.ends();
        }
    }

    EndTokens endsOf(Tokenizer tokenizer) {
        OptionalInt turn = turnEnd(tokenizer);
        return turn.isPresent() ? tokenizer.ends().with(turn.getAsInt()) : tokenizer.ends();
    }

    /** The token that the template writes behind a turn of the assistant; empty if it writes none. */
    public OptionalInt turnEnd(Tokenizer tokenizer) {
        try {
            return ChatTurns.end(this, tokenizer);
        } catch (ChatTemplateException | TokenizerException _) {
            return OptionalInt.empty();
        }
    }

    Rendering rendering(JsonNode messages, ChatOptions options) {
        JsonNode tools = options.tools();
        String name = tools != null && templates.containsKey(TOOLS) ? TOOLS : DEFAULT;
        Program template = templates.get(name);
        if (template == null) {
            throw new ChatTemplateException(source + ": there are chat templates "
                    + String.join(", ", new TreeSet<>(templates.keySet())) + ", but none named " + DEFAULT
                    + "; rename one in the model's folder");
        }
        long characters = (long) messages.toString().length()
                + (tools == null ? 0 : tools.toString().length());
        Evaluator evaluator = new Evaluator(new Budget(characters));
        Scope globals = new Scope(null);
        Globals.define(globals, evaluator, options.clock());
        Scope variables = new Scope(globals);
        specialTokens.forEach((token, text) -> variables.set(token, Value.text(text)));
        try {
            variables.set("messages", Json.read(messages));
            variables.set("tools", tools == null ? Value.NONE : Json.read(tools));
            variables.set("documents", Value.NONE);
            variables.set("add_generation_prompt", Value.bool(options.addGenerationPrompt()));
            options.variables().forEach((key, value) -> variables.set(key, Json.read(value)));
        } catch (TemplateFault fault) {
            throw new ChatTemplateException(title(source, name) + ": " + fault.reason());
        }
        return Interpreter.render(title(source, name), template, evaluator, variables);
    }

    /** Where the template comes from, for messages. */
    public String source() {
        return source;
    }
}
