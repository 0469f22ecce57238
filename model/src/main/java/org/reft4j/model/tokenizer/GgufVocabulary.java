package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer part of a GGUF file's metadata, the keys under {@code tokenizer.}.
 *
 * @param source the file, for messages
 * @param model {@code ggml.model}: {@code gpt2} for byte-level pair merging, {@code llama} for SentencePiece
 * @param splitting {@code ggml.pre}: the rule by which text is cut before merging; empty where the file names none
 * @param tokens by id
 * @param kinds by id: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte
 * @param merges for {@code gpt2}: pairs with a space between, best first
 * @param scores for {@code llama}: by id
 * @param special ids by the name that {@code tokenizer_config.json} gives them, such as {@code eos_token}
 * @param spaceInFront whether a space is put in front of a text
 * @param chatTemplate the Jinja template, if there is one
 */
public record GgufVocabulary(
        String source,
        String model,
        String splitting,
        List<String> tokens,
        List<Long> kinds,
        List<String> merges,
        List<Double> scores,
        Map<String, Integer> special,
        boolean spaceInFront,
        @Nullable String chatTemplate) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;

    public GgufVocabulary {
        if (tokens.isEmpty()) {
            throw new TokenizerException(
                    source + ": tokenizer.ggml.tokens is missing or empty. Put the model's tokenizer.json beside"
                            + " the file");
        }
        if (!kinds.isEmpty() && kinds.size() != tokens.size()) {
            throw new TokenizerException(source + ": tokenizer.ggml.token_type has " + kinds.size() + " entries for "
                    + tokens.size() + " tokens. Download or convert the file again");
        }
        special.forEach((name, id) -> {
            if (id < 0 || id >= tokens.size()) {
                throw new TokenizerException(source + ": " + name + " has id " + id + " but there are " + tokens.size()
                        + " tokens. Download or convert the file again");
            }
        });
    }

    /** The kind of a token; where the file says none, all are normal. */
    int kind(int id) {
        return kinds.isEmpty() ? 1 : Math.toIntExact(kinds.get(id));
    }

    /** The same tokenizer as a Hugging Face folder would hold it. */
    TokenizerFiles files() {
        ObjectNode json = switch (model) {
            case "gpt2" -> new ByteLevelJson(this).build();
            case "llama" -> new SentencePieceJson(this).build();
            default ->
                throw new TokenizerException(source + ": tokenizer.ggml.model is \"" + model
                        + "\"; expected gpt2 or llama. Put the model's tokenizer.json beside the file");
        };
        ObjectNode settings = JSON.createObjectNode();
        special.forEach((name, id) -> settings.put(name, tokens.get(id)));
        Map<String, String> templates =
                chatTemplate == null ? Map.of() : Map.of(TokenizerFiles.DEFAULT_TEMPLATE, chatTemplate);
        return new TokenizerFiles(json.toString(), settings, templates, id("eos_token"), id("pad_token"), source);
    }

    private OptionalInt id(String name) {
        Integer id = special.get(name);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The start of a {@code tokenizer.json}: tokens that are never cut nor merged. */
    ObjectNode jsonWithAddedTokens() {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", "1.0");
        json.putNull("truncation").putNull("padding");
        var added = json.putArray("added_tokens");
        for (int id = 0; id < tokens.size(); id++) {
            int kind = kind(id);
            if (kind == CONTROL || kind == USER_DEFINED || kind == UNKNOWN) {
                added.addObject()
                        .put("id", id)
                        .put("content", tokens.get(id))
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", kind != USER_DEFINED);
            }
        }
        return json;
    }

    /** The ids by token, in the order of ids. */
    ObjectNode vocabularyJson() {
        ObjectNode json = JSON.createObjectNode();
        for (int id = 0; id < tokens.size(); id++) {
            if (json.put(tokens.get(id), id).size() == id) {
                throw new TokenizerException(
                        source + ": token \"" + tokens.get(id) + "\" occurs twice in tokenizer.ggml.tokens."
                                + " Put the model's tokenizer.json beside the file");
            }
        }
        return json;
    }
}
