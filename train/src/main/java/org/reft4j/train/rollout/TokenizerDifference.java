package org.reft4j.train.rollout;

import java.util.Optional;
import org.reft4j.model.tokenizer.Tokenizer;

/** In what two tokenizers differ that should be one. */
public final class TokenizerDifference {
    private TokenizerDifference() {}

    /** The first difference in words, "there" for one and "here" for the other; empty if every token is the same. */
    public static Optional<String> of(Tokenizer there, Tokenizer here) {
        if (there.vocabularySize() != here.vocabularySize()) {
            return Optional.of(there.vocabularySize() + " tokens there, " + here.vocabularySize() + " here");
        }
        for (int id = 0; id < here.vocabularySize(); id++) {
            if (!there.piece(id).equals(here.piece(id))) {
                return Optional.of(
                        "token " + id + " is \"" + there.piece(id) + "\" there, \"" + here.piece(id) + "\" here");
            }
        }
        return Optional.empty();
    }
}
