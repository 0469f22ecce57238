package org.reft4j.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Turns text into token ids and back. Safe for many threads. */
public interface Tokenizer extends AutoCloseable {

    /** The ids of {@code text}; no beginning-of-text or other special token is added, but ones spelled out in the text are kept. */
    Tokens encode(String text);

    /** The text of the ids; special tokens are left out. */
    String decode(Tokens tokens);

    /** The text of one id as a reader wants to see it, special tokens spelled out. */
    String piece(int id);

    /** The bytes that an id adds to a text, perhaps a part of a character; empty for tokens that stand for no text. */
    default Optional<byte[]> bytes(int id) {
        String text = decode(Tokens.of(id));
        return text.isEmpty() ? Optional.empty() : Optional.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** One more than the largest id. */
    int vocabularySize();

    /** The token that ends a plain text, where the model's files name one. */
    OptionalInt endOfText();

    /** All tokens that end a text by the model's files, but for what its chat template writes after a turn. */
    default EndTokens ends() {
        return EndTokens.of(endOfText().orElse(-1));
    }

    /** The token that begins a text, where the model's files name one. */
    default OptionalInt beginningOfText() {
        return OptionalInt.empty();
    }

    /** Tokens in front of every text by the tokenizer's own convention: often the beginning of text, often none. */
    default Tokens beginning() {
        return Tokens.of();
    }

    /** The token that fills rows, where the model's files name one. */
    OptionalInt padding();

    /** The chat templates of the model's files by name; the usual one is {@code default}. */
    default Map<String, String> chatTemplates() {
        return Map.of();
    }

    /** The texts of special tokens by the name that {@code tokenizer_config.json} gives them, such as {@code bos_token}. */
    default Map<String, String> specialTokens() {
        return Map.of();
    }

    /** File that it comes from, for messages. */
    default String source() {
        return "the tokenizer";
    }

    /** Writes the files that a Hugging Face folder holds for this tokenizer ({@code tokenizer.json} and its companions). */
    void save(Path folder);

    @Override
    void close();
}
