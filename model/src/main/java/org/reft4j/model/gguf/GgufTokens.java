package org.reft4j.model.gguf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.reft4j.model.tokenizer.GgufVocabulary;
import org.reft4j.model.weights.FormatException;

/** The tokenizer part of GGUF metadata. */
final class GgufTokens {
    private static final String PREFIX = "tokenizer.ggml.";

    /** Names in {@code tokenizer_config.json} of the tokens that the metadata names by id. */
    private static final Map<String, String> SPECIAL = Map.of(
            "bos_token", "bos",
            "eos_token", "eos",
            "eot_token", "eot",
            "eom_token", "eom",
            "unk_token", "unknown",
            "pad_token", "padding");

    /** Names of the rule by which Llama 3 cuts texts. */
    private static final Set<String> LLAMA3 = Set.of("llama-bpe", "llama-v3", "llama3");

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
        String splitting = metadata.text(PREFIX + "pre").orElse("");
        return new GgufVocabulary(
                metadata.source(),
                model,
                splitting,
                metadata.texts(PREFIX + "tokens").orElse(List.of()),
                metadata.wholes(PREFIX + "token_type").orElse(List.of()),
                metadata.texts(PREFIX + "merges").orElse(List.of()),
                metadata.numbers(PREFIX + "scores").orElse(List.of()),
                special,
                metadata.flag(PREFIX + "add_space_prefix").orElse(true),
                metadata.text("tokenizer.chat_template").orElse(null),
                metadata.flag(PREFIX + "add_bos_token").orElse(usuallyBegun(model, splitting)));
    }

    /** True if texts begin with a token of their own where a file does not say so: llama.cpp's defaults. */
    private static boolean usuallyBegun(String model, String splitting) {
        return model.equals("llama") || LLAMA3.contains(splitting);
    }

    /** The metadata that {@link #read} reads. */
    static Map<String, GgufValue> pairs(GgufVocabulary vocabulary) {
        Map<String, GgufValue> pairs = new LinkedHashMap<>();
        pairs.put(PREFIX + "model", new GgufValue.Text(vocabulary.model()));
        pairs.put(
                PREFIX + "pre",
                new GgufValue.Text(vocabulary.splitting().isEmpty() ? "default" : vocabulary.splitting()));
        pairs.put(PREFIX + "tokens", items(vocabulary.tokens(), GgufValue.Text::new));
        if (!vocabulary.kinds().isEmpty()) {
            pairs.put(PREFIX + "token_type", items(vocabulary.kinds(), GgufValue.Whole::new));
        }
        if (vocabulary.scores().isEmpty()) {
            pairs.put(PREFIX + "merges", items(vocabulary.merges(), GgufValue.Text::new));
        } else {
            pairs.put(PREFIX + "scores", items(vocabulary.scores(), GgufValue.Real::new));
            pairs.put(PREFIX + "add_space_prefix", new GgufValue.Flag(vocabulary.spaceInFront()));
        }
        for (Map.Entry<String, Integer> each : new TreeMap<>(vocabulary.special()).entrySet()) {
            String key = SPECIAL.get(each.getKey());
            if (key != null) {
                pairs.put(PREFIX + key + "_token_id", new GgufValue.Whole(each.getValue()));
            }
        }
        pairs.put(PREFIX + "add_bos_token", new GgufValue.Flag(vocabulary.beginningInFront()));
        String template = vocabulary.chatTemplate();
        if (template != null) {
            pairs.put("tokenizer.chat_template", new GgufValue.Text(template));
        }
        return pairs;
    }

    private static <T> GgufValue items(List<T> values, Function<T, GgufValue> each) {
        return new GgufValue.Items(values.stream().map(each).toList());
    }
}
