package org.reft4j.model.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.template.JinjaTemplate;
import org.reft4j.template.JinjaTemplate.Rendering;
import org.reft4j.template.TemplateException;

/**
 * Chat template of a model, in Jinja, rendered as the Python library transformers does. A model may bring several
 * templates; the one named {@code tool_use} is for conversations with tools, {@code default} for the others.
 *
 * <p>Safe for many threads. A template is the work of strangers: what it may cost is bounded, and it can reach nothing but the
 * conversation.
 */
public final class ChatTemplate {
    private static final String DEFAULT = "default";
    private static final String TOOLS = "tool_use";

    private final String source;
    private final Map<String, JinjaTemplate> templates;
    private final Map<String, String> specialTokens;

    private ChatTemplate(String source, Map<String, JinjaTemplate> templates, Map<String, String> specialTokens) {
        this.source = source;
        this.templates = templates;
        this.specialTokens = specialTokens;
    }

    /**
     * The template of a model.
     *
     * @return empty if its files hold none
     * @throws TemplateException if one of its templates is not written as Jinja demands
     */
    public static Optional<ChatTemplate> of(Tokenizer tokenizer) {
        Map<String, String> texts = tokenizer.chatTemplates();
        if (texts.isEmpty()) {
            return Optional.empty();
        }
        Map<String, JinjaTemplate> templates = new LinkedHashMap<>();
        texts.forEach((name, text) -> templates.put(name, JinjaTemplate.read(title(tokenizer.source(), name), text)));
        return Optional.of(new ChatTemplate(tokenizer.source(), templates, tokenizer.specialTokens()));
    }

    /**
     * A template by itself.
     *
     * @param name for messages
     * @param specialTokens by the name that templates use, such as {@code bos_token}
     * @throws TemplateException if it is not written as Jinja demands
     */
    public static ChatTemplate of(String name, String template, Map<String, String> specialTokens) {
        return new ChatTemplate(
                name, Map.of(DEFAULT, JinjaTemplate.read(title(name, DEFAULT), template)), Map.copyOf(specialTokens));
    }

    private static String title(String source, String name) {
        return source + ": chat template" + (name.equals(DEFAULT) ? "" : " " + name);
    }

    /**
     * A conversation as text.
     *
     * @param messages a JSON array of objects with {@code role}, {@code content} and whatever else the template reads
     * @throws TemplateException if the template refuses the conversation, fails, or takes more than it may
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
     * @throws TemplateException if the conversation cannot be rendered, or its turns cannot be told apart
     */
    public List<ChatTurn> turns(JsonNode messages, ChatOptions options, Tokenizer tokenizer) {
        return ChatTurns.of(this, messages, options, tokenizer);
    }

    /**
     * All tokens that end a text of a model: those of its files, and what its chat template writes after a turn. A template that cannot
     * be used adds none; who needs it is told why.
     */
    public static EndTokens ends(Tokenizer tokenizer) {
        try {
            return of(tokenizer).map(template -> template.endsOf(tokenizer)).orElseGet(tokenizer::ends);
        } catch (TemplateException | TokenizerException _) {
            return tokenizer.ends();
        }
    }

    EndTokens endsOf(Tokenizer tokenizer) {
        OptionalInt turn = turnEnd(tokenizer);
        return turn.isPresent() ? tokenizer.ends().with(turn.getAsInt()) : tokenizer.ends();
    }

    /** Token that the template writes after a turn of the assistant; empty if it writes none. */
    public OptionalInt turnEnd(Tokenizer tokenizer) {
        try {
            return ChatTurns.end(this, tokenizer);
        } catch (TemplateException | TokenizerException _) {
            return OptionalInt.empty();
        }
    }

    Rendering rendering(JsonNode messages, ChatOptions options) {
        JsonNode tools = options.tools();
        String name = tools != null && templates.containsKey(TOOLS) ? TOOLS : DEFAULT;
        JinjaTemplate template = templates.get(name);
        if (template == null) {
            throw new TemplateException(source + ": there are chat templates "
                    + String.join(", ", new TreeSet<>(templates.keySet())) + ", but none named " + DEFAULT
                    + "; rename one in the model's folder");
        }
        Map<String, JsonNode> variables = new LinkedHashMap<>();
        specialTokens.forEach((token, text) -> variables.put(token, TextNode.valueOf(text)));
        variables.put("messages", messages);
        variables.put("tools", tools == null ? NullNode.getInstance() : tools);
        variables.put("documents", NullNode.getInstance());
        variables.put("add_generation_prompt", BooleanNode.valueOf(options.addGenerationPrompt()));
        variables.putAll(options.variables());
        return template.render(variables, options.clock());
    }

    /** File that the template comes from, for messages. */
    public String source() {
        return source;
    }
}
