package org.reft4j.model.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.model.tokenizer.GgufVocabulary;
import org.reft4j.model.tokenizer.TinyTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.template.TemplateException;

/** Turns of conversations over the letters a and b; of the tokenizer's ids, 3 is a, 4 is b, 2 a space, 0 the end. */
class ChatTurnsTest {
    private static final String PLAIN =
            "{% for m in messages %}{{ m.content }}{{ '<end>' if m.role == 'assistant' else ' ' }}{% endfor %}";
    private static final String FOUR = """
            [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
             {"role": "user", "content": "bb"}, {"role": "assistant", "content": "aa"}]""";

    @Test
    void eachTurnHasAllInFrontOfItAsPrompt() {
        assertEquals(
                List.of(
                        new ChatTurn(Tokens.of(3, 2), Tokens.of(4, 0)),
                        new ChatTurn(Tokens.of(3, 2, 4, 0, 4, 4, 2), Tokens.of(3, 3, 0))),
                turns(PLAIN, FOUR));
    }

    @Test
    void markedWordsAreTheTurns() {
        String marked = "{% for m in messages %}{% if m.role == 'assistant' %}"
                + "{% generation %}{{ m.content }}<end>{% endgeneration %}{% else %}{{ m.content }} {% endif %}{% endfor %}";
        assertEquals(turns(PLAIN, FOUR), turns(marked, FOUR));
        // Another mark, another lesson: the end is no longer learned.
        assertEquals(
                Tokens.of(4),
                turns(marked.replace("<end>{% endgeneration %}", "{% endgeneration %}<end>"), FOUR)
                        .getFirst()
                        .completion());
    }

    @Test
    void whatStandsBehindTheEndIsNotLearned() {
        String spaced = PLAIN.replace("'<end>'", "'<end>  '");
        assertEquals(Tokens.of(4, 0), turns(spaced, FOUR).getFirst().completion());
        assertEquals(
                Tokens.of(3, 2, 4, 0, 2, 2, 4, 4, 2),
                turns(spaced, FOUR).getLast().prompt());
        // Without an end the space is part of what the template wants.
        assertEquals(
                Tokens.of(4, 2),
                turns(PLAIN.replace("<end>", " "), FOUR).getFirst().completion());
    }

    @Test
    void messagesOfWeightZeroAreLeftOut() {
        String weighed = FOUR.replace("\"b\"}", "\"b\", \"weight\": 0}");
        assertEquals(turns(PLAIN, FOUR).subList(1, 2), turns(PLAIN, weighed));
        refused(
                () -> turns("{% generation %}{{ messages[1].content }}{% endgeneration %}", weighed),
                "messages of weight 0 cannot be left out");
    }

    @Test
    void aPromptThatTheTextDoesNotBeginWithIsRefusedByPlace() {
        refused(
                () -> turns(PLAIN + "{% if add_generation_prompt %}b{% endif %}", FOUR.replace("\"b\"", "\"ab\"")),
                "writes message 2 after another text than the prompt that asks for it: \"ab<end>\" instead of \"b\" at character 2");
    }

    @Test
    void marksInMacrosAreRefused() {
        refused(
                () -> turns("{% macro m() %}{% generation %}a{% endgeneration %}{% endmacro %}{{ m() }}", FOUR),
                "within a macro or a variable");
    }

    @Test
    void wherePromptAndTurnWouldMergeThePromptStaysAsItIs() {
        // "a b" merge into "ab": the prompt's last letter must not be swallowed by the turn's first.
        List<String> tokens = List.of("<end>", "a", "b", "ab", "\u010a");
        try (Tokenizer merging = Tokenizers.of(new GgufVocabulary(
                "x.gguf",
                "gpt2",
                "gpt-2",
                tokens,
                List.of(3L, 1L, 1L, 1L, 1L),
                List.of("a b"),
                List.of(),
                Map.of("eos_token", 0),
                true,
                null,
                false))) {
            assertEquals(Tokens.of(3, 0), merging.encode("ab<end>"));
            ChatTemplate joined = ChatTemplate.of("joined", PLAIN.replace("' '", "''"), Map.of());
            assertEquals(
                    List.of(new ChatTurn(Tokens.of(1), Tokens.of(2, 0))),
                    joined.turns(
                            json(
                                    "[{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}]"),
                            ChatOptions.prompt(),
                            merging));
        }
    }

    private static List<ChatTurn> turns(String template, String messages) {
        try (Tokenizer tokenizer = TinyTokenizer.open()) {
            return ChatTemplate.of("test", template, Map.of()).turns(json(messages), ChatOptions.prompt(), tokenizer);
        }
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static void refused(Runnable work, String message) {
        TemplateException failure = assertThrows(TemplateException.class, work::run);
        String said = String.valueOf(failure.getMessage());
        assertTrue(said.startsWith("test: ") && said.contains(message), said);
    }
}
