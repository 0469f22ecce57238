package org.reft4j.model.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.reft4j.ground.files.Json;

/** The tokenizers that need no folder. */
public final class Tokenizers {
    private static final String SMALL = "/org/reft4j/model/tokenizer/small/tokenizer.json";
    private static final int SMALL_PADDING = 0;
    private static final int SMALL_END_OF_TEXT = 1;

    private Tokenizers() {}

    /** The small tokenizer that comes with reft4j, for new models on the embedded questions. */
    public static Tokenizer small() {
        try (InputStream in = Tokenizers.class.getResourceAsStream(SMALL)) {
            if (in == null) {
                throw new TokenizerException("resource " + SMALL + " is missing from this build. Build reft4j again");
            }
            return HuggingFaceTokenizer.of(new TokenizerFiles(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8),
                    Json.PLAIN.createObjectNode(),
                    Map.of(),
                    List.of(SMALL_END_OF_TEXT),
                    OptionalInt.of(SMALL_PADDING),
                    OptionalInt.empty(),
                    "resource " + SMALL));
        } catch (IOException e) {
            throw new TokenizerException("resource " + SMALL + " cannot be read. Build reft4j again", e);
        }
    }

    /**
     * A tokenizer rebuilt from what a GGUF file says about it.
     *
     * @throws TokenizerException if the file uses a kind of tokenizer or a way of splitting text that is not known
     */
    public static Tokenizer of(GgufVocabulary vocabulary) {
        return of(vocabulary, Integer.MAX_VALUE);
    }

    /**
     * As {@link #of(GgufVocabulary)}, for a model with so many rows in its embedding.
     *
     * @throws TokenizerException also if tokens have larger ids
     */
    public static Tokenizer of(GgufVocabulary vocabulary, int rows) {
        return HuggingFaceTokenizer.of(vocabulary.files(), rows);
    }

    /**
     * The tokenizer of a Hugging Face folder in the words of a GGUF file.
     *
     * @throws TokenizerException if there is none, or GGUF has no words for its kind
     */
    public static GgufVocabulary vocabulary(Path folder) {
        return JsonVocabulary.read(TokenizerFiles.of(folder));
    }

    /** True if a folder holds a tokenizer that can be read. */
    public static boolean in(Path folder) {
        return Files.isRegularFile(folder.resolve(TokenizerFiles.TOKENIZER));
    }

    /** The chat template of a Hugging Face folder: a file of its own, or an entry of {@code tokenizer_config.json}. */
    public static Optional<String> chatTemplate(Path folder) {
        return in(folder) ? TokenizerFiles.of(folder).template() : Optional.empty();
    }
}
