package org.reft4j.model.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.model.tokenizer.GgufVocabulary;

/** The tokenizer part of GGUF metadata. */
final class GgufTokens {
    private static final String PREFIX = "tokenizer.ggml.";

    /** What {@code tokenizer_config.json} calls the tokens that the metadata names by id. */
    private static final Map<String, String> SPECIAL = Map.of(
            "bos_token", "bos",
            "eos_token", "eos",
            "unk_token", "unknown",
            "pad_token", "padding");

    private GgufTokens() {}

    static GgufVocabulary read(GgufMetadata metadata) {
        String model = metadata.text(PREFIX + "model")
                .orElseThrow(() -> new FormatException(metadata.source() + ": no tokenizer in the metadata (" + PREFIX
                        + "model is missing). Put the model's tokenizer.json beside the file"));
        Map<String, Integer> special = new LinkedHashMap<>();
        SPECIAL.forEach((name, key) -> {
            String id = PREFIX + key + "_token_id";
            if (metadata.whole(id).isPresent()) {
                special.put(name, metadata.requireInt(id));
            }
        });
        return new GgufVocabulary(
                metadata.source(),
                model,
                metadata.text(PREFIX + "pre").orElse(""),
                metadata.texts(PREFIX + "tokens").orElse(List.of()),
                metadata.wholes(PREFIX + "token_type").orElse(List.of()),
                metadata.texts(PREFIX + "merges").orElse(List.of()),
                metadata.numbers(PREFIX + "scores").orElse(List.of()),
                special,
                metadata.flag(PREFIX + "add_space_prefix").orElse(true),
                metadata.text("tokenizer.chat_template").orElse(null));
    }
}
