package org.reft4j.model.tokenizer;

import java.nio.file.Path;
import java.util.OptionalInt;

/** Turns text into token ids and back. Safe for many threads. */
public interface Tokenizer extends AutoCloseable {

    /** The ids of {@code text}; no beginning-of-text or other special token is added, but ones spelled out in the text are kept. */
    Tokens encode(String text);

    /** The text of the ids; special tokens are left out. */
    String decode(Tokens tokens);

    /** The text of one id as a reader wants to see it, special tokens spelled out. */
    String piece(int id);

    /** One more than the largest id. */
    int vocabularySize();

    /** The token that ends a text, where the model's files name one. */
    OptionalInt endOfText();

    /** The token that fills rows, where the model's files name one. */
    OptionalInt padding();

    /** Writes the files that a Hugging Face folder holds for this tokenizer ({@code tokenizer.json} and its companions). */
    void save(Path folder);

    @Override
    void close();
}
