package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.reft4j.ground.files.Json;

/**
 * Files of a model that describe its tokenizer.
 *
 * @param tokenizerJson the text of {@code tokenizer.json}
 * @param settings {@code tokenizer_config.json}, empty if there is none
 * @param templateFiles chat templates by name that have files of their own; the one of {@code chat_template.jinja} is {@code default}
 * @param ends the ids named outside {@code tokenizer_config.json} that end a text, in their order
 * @param padding the id named outside {@code tokenizer_config.json}, if any
 * @param beginning of text, likewise
 * @param source the file, for messages
 */
record TokenizerFiles(
        String tokenizerJson,
        ObjectNode settings,
        Map<String, String> templateFiles,
        List<Integer> ends,
        OptionalInt padding,
        OptionalInt beginning,
        String source) {
    static final String TOKENIZER = "tokenizer.json";
    static final String SETTINGS = "tokenizer_config.json";
    static final String SPECIAL = "special_tokens_map.json";
    static final String CHAT_TEMPLATE = "chat_template.jinja";
    static final String DEFAULT_TEMPLATE = "default";

    private static final String MORE_TEMPLATES = "additional_chat_templates";
    private static final String TEMPLATE_ENDING = ".jinja";

    /** Far above any tokenizer's. */
    private static final long LARGEST = 256 << 20;

    /** Reads a Hugging Face folder. */
    static TokenizerFiles of(Path folder) {
        Path main = folder.resolve(TOKENIZER);
        if (!Files.isRegularFile(main)) {
            throw new TokenizerException(folder + ": no " + TOKENIZER + found(folder));
        }
        ObjectNode generation = objectOrEmpty(folder.resolve("generation_config.json"));
        ObjectNode config = objectOrEmpty(folder.resolve("config.json"));
        return new TokenizerFiles(
                text(main),
                objectOrEmpty(folder.resolve(SETTINGS)),
                templateFiles(folder),
                ids("eos_token_id", generation, config),
                firstId("pad_token_id", generation, config),
                firstId("bos_token_id", generation, config),
                main.toString());
    }

    private static Map<String, String> templateFiles(Path folder) {
        Map<String, String> templates = new LinkedHashMap<>();
        Path usual = folder.resolve(CHAT_TEMPLATE);
        if (Files.isRegularFile(usual)) {
            templates.put(DEFAULT_TEMPLATE, text(usual));
        }
        Path more = folder.resolve(MORE_TEMPLATES);
        if (Files.isDirectory(more)) {
            try (Stream<Path> files = Files.list(more)) {
                for (Path file : files.sorted().toList()) {
                    String name = String.valueOf(file.getFileName());
                    if (name.endsWith(TEMPLATE_ENDING)) {
                        templates.put(name.substring(0, name.length() - TEMPLATE_ENDING.length()), text(file));
                    }
                }
            } catch (IOException e) {
                throw new TokenizerException(more + ": cannot be listed: " + e.getMessage(), e);
            }
        }
        return templates;
    }

    /** The chat templates by name: those with files of their own, or else those of {@code tokenizer_config.json}. */
    Map<String, String> chatTemplates() {
        if (!templateFiles.isEmpty()) {
            return templateFiles;
        }
        JsonNode written = settings.path("chat_template");
        Map<String, String> templates = new LinkedHashMap<>();
        if (written.isTextual()) {
            templates.put(DEFAULT_TEMPLATE, written.textValue());
        }
        for (JsonNode named : written) {
            if (!named.path("name").isTextual() || !named.path("template").isTextual()) {
                throw new TokenizerException(source + ": chat_template in " + SETTINGS
                        + " is a list whose entries need a text as name and one as template. Download the file again");
            }
            templates.put(named.path("name").textValue(), named.path("template").textValue());
        }
        return templates;
    }

    /** The chat template that is meant where none is named, wherever the files have it. */
    Optional<String> template() {
        return Optional.ofNullable(chatTemplates().get(DEFAULT_TEMPLATE));
    }

    /** Writes the chat templates that have files of their own. */
    void writeTemplates(Path folder) throws IOException {
        for (Map.Entry<String, String> template : templateFiles.entrySet()) {
            Path file = folder.resolve(CHAT_TEMPLATE);
            if (!template.getKey().equals(DEFAULT_TEMPLATE)) {
                file = Files.createDirectories(folder.resolve(MORE_TEMPLATES))
                        .resolve(template.getKey() + TEMPLATE_ENDING);
            }
            Files.writeString(file, template.getValue());
        }
    }

    /** The texts of the special tokens that the settings name. */
    Map<String, String> specialTokens() {
        Map<String, String> tokens = new LinkedHashMap<>();
        settings.properties().forEach(entry -> {
            if (entry.getKey().endsWith("_token")) {
                token(settings, entry.getKey()).ifPresent(text -> tokens.put(entry.getKey(), text));
            }
        });
        return tokens;
    }

    /** A special token of {@code tokenizer_config.json}, which spells it as a text or as an object with a text. */
    static Optional<String> token(ObjectNode settings, String key) {
        JsonNode node = settings.path(key);
        JsonNode text = node.isObject() ? node.path("content") : node;
        return text.isTextual() ? Optional.of(text.asText()) : Optional.empty();
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
            return Json.PLAIN.createObjectNode();
        }
        try {
            if (Json.PLAIN.readTree(text(file)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new TokenizerException(
                    file + ": not valid JSON: " + e.getOriginalMessage() + ". Download the file again", e);
        }
        throw new TokenizerException(file + ": expected one JSON object");
    }

    /** The ids under a key of all objects, each once; a list names several. */
    private static List<Integer> ids(String key, ObjectNode... objects) {
        Set<Integer> ids = new LinkedHashSet<>();
        for (ObjectNode object : objects) {
            JsonNode named = object.path(key);
            for (JsonNode id : named.isArray() ? named : List.of(named)) {
                if (id.isInt() && id.asInt() >= 0) {
                    ids.add(id.asInt());
                }
            }
        }
        return List.copyOf(ids);
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
