package org.reft4j.model.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.reft4j.ground.files.Json;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.template.JinjaTemplate.Rendering;
import org.reft4j.template.TemplateException;

/**
 * Cuts a conversation into the assistant's turns. A template may mark what the assistant wrote ({@code generation}). Where it does not,
 * a turn is what the text with the turn has after the prompt that the model is given to write it; a template for which the one does not
 * begin with the other is refused, since a model would learn to continue a text that it is never given.
 *
 * <p>Token ids come from encoding text once and never from decoded ids.
 */
final class ChatTurns {
    private static final int SHOWN = 40;
    private static final String ASSISTANT = "assistant";
    /** Text of the assistant that templates are tried on; no conversation holds it. */
    private static final String SAID = "reft4j said so";

    private final ChatTemplate template;
    private final ChatOptions options;
    private final Tokenizer tokenizer;
    private final EndTokens ends;

    private ChatTurns(ChatTemplate template, ChatOptions options, Tokenizer tokenizer) {
        this.template = template;
        this.options = options;
        this.tokenizer = tokenizer;
        this.ends = template.endsOf(tokenizer);
    }

    static List<ChatTurn> of(ChatTemplate template, JsonNode messages, ChatOptions options, Tokenizer tokenizer) {
        return new ChatTurns(template, options, tokenizer).turns(messages);
    }

    /** A turn as text. */
    private record Piece(String prompt, String completion) {}

    private List<ChatTurn> turns(JsonNode messages) {
        Rendering whole = template.rendering(messages, options.withGenerationPrompt(false));
        if (whole.hiddenGeneration()) {
            throw new TemplateException(template.source()
                    + ": the chat template marks the assistant's words within a macro or a variable, where their place in the text"
                    + " is not known; move {% generation %} to where the words are written, or remove it");
        }
        List<Piece> pieces = whole.generated().isEmpty() ? byPrompts(messages) : marked(whole, messages);
        List<ChatTurn> turns = new ArrayList<>();
        for (Piece piece : pieces) {
            turns.add(tokens(piece));
        }
        return turns;
    }

    private List<Piece> marked(Rendering whole, JsonNode messages) {
        for (JsonNode message : messages) {
            if (!learned(message)) {
                throw new TemplateException(template.source()
                        + ": messages of weight 0 cannot be left out, since the chat template itself marks what is learned"
                        + " ({% generation %}); remove the mark or the weights");
            }
        }
        List<Piece> pieces = new ArrayList<>();
        for (Rendering.Span span : whole.generated()) {
            if (span.to() > span.from()) {
                String text = whole.text();
                pieces.add(new Piece(text.substring(0, span.from()), text.substring(span.from(), span.to())));
            }
        }
        return pieces;
    }

    /** Says if a message is to be learned: OpenAI's {@code weight}, 1 unless given. */
    private static boolean learned(JsonNode message) {
        return message.path("weight").asInt(1) != 0;
    }

    private List<Piece> byPrompts(JsonNode messages) {
        List<Piece> pieces = new ArrayList<>();
        ArrayNode before = Json.PLAIN.createArrayNode();
        for (JsonNode message : messages) {
            if (message.path("role").asText().equals(ASSISTANT) && learned(message)) {
                String prompt = template.render(before, options.withGenerationPrompt(true));
                String text = template.render(before.deepCopy().add(message), options.withGenerationPrompt(false));
                if (!text.startsWith(prompt)) {
                    throw parted(before.size() + 1, prompt, text);
                }
                if (text.length() > prompt.length()) {
                    pieces.add(new Piece(prompt, text.substring(prompt.length())));
                }
            }
            before.add(message);
        }
        return pieces;
    }

    private TemplateException parted(int message, String prompt, String text) {
        int at = 0;
        while (at < prompt.length() && at < text.length() && prompt.charAt(at) == text.charAt(at)) {
            at++;
        }
        return new TemplateException(template.source() + ": the chat template writes message " + message
                + " after another text than the prompt that asks for it: " + shown(text, at) + " instead of "
                + shown(prompt, at) + " at character " + at
                + "; mark the assistant's words in the template with {% generation %}, or use another template");
    }

    private static String shown(String text, int at) {
        String part = text.substring(at, Math.min(text.length(), at + SHOWN));
        return "\"" + part.replace("\n", "\\n") + "\"";
    }

    private ChatTurn tokens(Piece piece) {
        Tokens prompt = tokenizer.encode(piece.prompt());
        Tokens whole = tokenizer.encode(piece.prompt() + piece.completion());
        Tokens completion =
                beginsWith(whole, prompt) ? whole.slice(prompt.size(), whole.size()) : apart(piece.completion());
        return new ChatTurn(prompt, ended(completion));
    }

    private static boolean beginsWith(Tokens whole, Tokens start) {
        return whole.size() >= start.size() && whole.slice(0, start.size()).equals(start);
    }

    /**
     * The ids of a turn whose beginning would merge with the end of its prompt, as a model writes them that is given the prompt. The line
     * end in front keeps tokenizers from putting a space at the beginning, as they do with whole texts.
     */
    private Tokens apart(String text) {
        Tokens lineEnd = tokenizer.encode("\n");
        Tokens behind = tokenizer.encode("\n" + text);
        return beginsWith(behind, lineEnd) ? behind.slice(lineEnd.size(), behind.size()) : tokenizer.encode(text);
    }

    /** Removes what templates put after the end of a turn, white space or a second end: nobody samples it. */
    private Tokens ended(Tokens completion) {
        int end = completion.size();
        while (end > 0 && (blank(completion.get(end - 1)) || ends.hold(completion.get(end - 1)))) {
            end--;
        }
        while (end < completion.size() && !ends.hold(completion.get(end))) {
            end++;
        }
        return end < completion.size() ? completion.slice(0, end + 1) : completion;
    }

    private boolean blank(int token) {
        return tokenizer.piece(token).isBlank();
    }

    /**
     * Special token that a template writes after what the assistant said; empty if it writes none.
     *
     * @throws TemplateException if the template fails
     */
    static OptionalInt end(ChatTemplate template, Tokenizer tokenizer) {
        ArrayNode messages = Json.PLAIN.createArrayNode();
        messages.addObject().put("role", "user").put("content", "Say it.");
        messages.addObject().put("role", ASSISTANT).put("content", SAID);
        String text = template.render(messages, ChatOptions.prompt().withGenerationPrompt(false));
        int said = text.lastIndexOf(SAID);
        Tokens behind = said < 0 ? Tokens.of() : tokenizer.encode(text.substring(said + SAID.length()));
        for (int i = 0; i < behind.size(); i++) {
            if (!tokenizer.piece(behind.get(i)).isBlank()) {
                boolean special = tokenizer.decode(behind.slice(i, i + 1)).isEmpty();
                return special || tokenizer.ends().hold(behind.get(i))
                        ? OptionalInt.of(behind.get(i))
                        : OptionalInt.empty();
            }
        }
        return OptionalInt.empty();
    }
}
