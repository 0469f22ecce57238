package org.reft4j.server.engine;

import java.nio.file.Path;
import java.util.Optional;
import org.reft4j.model.ClassifierConfig;
import org.reft4j.model.StoredModel;
import org.reft4j.model.chat.ChatTemplate;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.server.http.ApiError;
import org.reft4j.train.run.RunReader;

/**
 * The part of a base model that knows about text: tokenizer, chat template, sizes. Safe for many threads; needs no weights.
 *
 * @param base the base model on disk
 * @param ends tokens that end a completion
 * @param constraints response formats made ready for its tokens
 */
record ModelTexts(
        StoredModel base,
        ModelSizes sizes,
        Tokenizer tokenizer,
        Optional<ChatTemplate> template,
        EndTokens ends,
        Constraints constraints) {

    /**
     * A model on this machine.
     *
     * @param model a folder, a file, a run's folder, or a name on the hub
     */
    static StoredModel open(String model) {
        StoredModel stored = StoredModel.open(RunReader.model(ModelHub.locate(model, HubProgress.NONE)));
        if (ClassifierConfig.is(stored.config())) {
            throw ApiError.invalid(
                    "model", "This is a reward model, which writes no text; name a language model instead.");
        }
        return stored;
    }

    static ModelTexts read(StoredModel stored) {
        StoredModel base = StoredModel.open(stored.base().path());
        Tokenizer tokenizer = stored.tokenizer();
        EndTokens ends = ChatTemplate.ends(tokenizer);
        return new ModelTexts(
                base,
                ModelFamilies.of(base.config()).sizes(base.config()),
                tokenizer,
                ChatTemplate.of(tokenizer),
                ends,
                new Constraints(tokenizer, ends));
    }

    /** Names a base, however it was spelled. */
    static Path key(StoredModel stored) {
        return stored.base().path().toAbsolutePath().normalize();
    }
}
