package org.reft4j.train.learn;

import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.TokenizerDifference;
import org.reft4j.train.settings.ModelSources;

/** A warm-up and its base share a tokenizer: where they do not, one of them is not what it was given as. */
public final class SameTokenizer {
    private SameTokenizer() {}

    /**
     * Compares the tokenizer and prompt form of the model that samples with those of the model that is trained.
     *
     * @param sampling the warm-up
     * @param prompts the base model's prompts
     * @throws ConfigException that names the first difference
     */
    public static void require(ModelSources.Source sampling, Prompts prompts) {
        require(sampling.tokenizer(), sampling.endOfText(), prompts.tokenizer(), prompts.endOfText());
        prompts.requireSame(sampling.stored());
    }

    /**
     * Compares every token and the end of text.
     *
     * @throws ConfigException that names the first difference
     */
    public static void require(Tokenizer warmup, int warmupEnd, Tokenizer base, int baseEnd) {
        // A vocabulary of another size is the plainer message.
        if (warmup.vocabularySize() == base.vocabularySize() && warmupEnd != baseEnd) {
            throw differs(warmup, base, "texts end with token " + warmupEnd + " there, with " + baseEnd + " here");
        }
        TokenizerDifference.of(warmup, base).ifPresent(how -> {
            throw differs(warmup, base, how);
        });
    }

    private static ConfigException differs(Tokenizer warmup, Tokenizer base, String how) {
        return new ConfigException("base has another tokenizer (" + base.source()
                + ") than the model that samples for it (" + warmup.source() + "): " + how
                + "; give the model that the warm-up of model.path was trained from");
    }
}
