package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a model's files say about its tokenizer.
 *
 * @param tokenizerJson the text of {@code tokenizer.json}
 * @param settings {@code tokenizer_config.json}, empty if there is none
 * @param chatTemplate the text of {@code chat_template.jinja}, if there is one
 * @param endOfText the id named outside {@code tokenizer_config.json}, if any
 * @param padding likewise
 * @param beginning of text, likewise
 * @param source the file, for messages
 */
record TokenizerFiles(
        String tokenizerJson,
        ObjectNode settings,
        @Nullable String chatTemplate,
        OptionalInt endOfText,
        OptionalInt padding,
        OptionalInt beginning,
        String source) {
    static final String TOKENIZER = "tokenizer.json";
    static final String SETTINGS = "tokenizer_config.json";
    static final String SPECIAL = "special_tokens_map.json";
    static final String CHAT_TEMPLATE = "chat_template.jinja";

    /** Far above any tokenizer's. */
    private static final long LARGEST = 256 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads a Hugging Face folder. */
    static TokenizerFiles of(Path folder) {
        Path main = folder.resolve(TOKENIZER);
        if (!Files.isRegularFile(main)) {
            throw new TokenizerException(folder + ": no " + TOKENIZER + found(folder));
        }
        ObjectNode generation = objectOrEmpty(folder.resolve("generation_config.json"));
        ObjectNode config = objectOrEmpty(folder.resolve("config.json"));
        Path template = folder.resolve(CHAT_TEMPLATE);
        return new TokenizerFiles(
                text(main),
                objectOrEmpty(folder.resolve(SETTINGS)),
                Files.isRegularFile(template) ? text(template) : null,
                firstId("eos_token_id", generation, config),
                firstId("pad_token_id", generation, config),
                firstId("bos_token_id", generation, config),
                main.toString());
    }

    /** The chat template, wherever the files have it; of several named ones, the default. */
    Optional<String> template() {
        if (chatTemplate != null) {
            return Optional.of(chatTemplate);
        }
        JsonNode template = settings.path("chat_template");
        for (JsonNode named : template) {
            if (named.path("name").asText().equals("default")) {
                return Optional.of(named.path("template").asText());
            }
        }
        return template.isTextual() ? Optional.of(template.asText()) : Optional.empty();
    }

    /** Other tokenizer formats are common enough to say what to do about them. */
    private static String found(Path folder) {
        for (String other : new String[] {"tokenizer.model", "vocab.json", "spiece.model", "vocab.txt"}) {
            if (Files.exists(folder.resolve(other))) {
                return " but a " + other + ", which is not read; save the tokenizer as " + TOKENIZER
                        + " (transformers: AutoTokenizer.from_pretrained(...).save_pretrained(...))";
            }
        }
        return "; download it into the model's folder";
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new TokenizerException(file + ": " + Files.size(file) + " bytes; expected at most " + LARGEST
                        + ". The file is damaged");
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new TokenizerException(file + ": cannot be read as UTF-8 text: " + e.getMessage(), e);
        }
    }

    private static ObjectNode objectOrEmpty(Path file) {
        if (!Files.isRegularFile(file)) {
            return JSON.createObjectNode();
        }
        try {
            if (JSON.readTree(text(file)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new TokenizerException(
                    file + ": not valid JSON: " + e.getOriginalMessage() + ". Download the file again", e);
        }
        throw new TokenizerException(file + ": expected one JSON object");
    }

    /** The id under a key of the first object that has it; of a list, the first. */
    private static OptionalInt firstId(String key, ObjectNode... objects) {
        for (ObjectNode object : objects) {
            JsonNode node = object.path(key);
            JsonNode id = node.isArray() ? node.path(0) : node;
            if (id.isInt() && id.asInt() >= 0) {
                return OptionalInt.of(id.asInt());
            }
        }
        return OptionalInt.empty();
    }
}
