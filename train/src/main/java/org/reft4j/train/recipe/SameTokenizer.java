package org.reft4j.train.recipe;

import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.train.ConfigException;

/** A warm-up and its base share a tokenizer: where they do not, one of them is not what it was given as. */
final class SameTokenizer {
    private SameTokenizer() {}

    /**
     * Compares every token and the end of text.
     *
     * @throws ConfigException that names the first difference
     */
    static void require(Tokenizer warmup, int warmupEnd, Tokenizer base, int baseEnd) {
        if (warmup.vocabularySize() != base.vocabularySize()) {
            throw differs(warmup, base, warmup.vocabularySize() + " tokens there, " + base.vocabularySize() + " here");
        }
        if (warmupEnd != baseEnd) {
            throw differs(warmup, base, "texts end with token " + warmupEnd + " there, with " + baseEnd + " here");
        }
        for (int id = 0; id < base.vocabularySize(); id++) {
            if (!warmup.piece(id).equals(base.piece(id))) {
                throw differs(
                        warmup,
                        base,
                        "token " + id + " is \"" + warmup.piece(id) + "\" there, \"" + base.piece(id) + "\" here");
            }
        }
    }

    private static ConfigException differs(Tokenizer warmup, Tokenizer base, String how) {
        return new ConfigException("base has another tokenizer (" + base.source()
                + ") than the model that samples for it (" + warmup.source() + "): " + how
                + "; give the model that the warm-up of model.path was trained from");
    }
}
