package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

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
 * @param special ids by the name that {@code tokenizer_config.json} gives them, such as {@code eos_token}; {@code eot_token} ends a
 *     turn, {@code eom_token} a message
 * @param spaceInFront whether a space is put in front of a text
 * @param chatTemplate the Jinja template, if there is one
 * @param beginningInFront whether the beginning-of-text token belongs in front of a text
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
        @Nullable String chatTemplate,
        boolean beginningInFront) {
    /** Score of pieces that no two others make: below every score that orders merges. */
    static final double UNREACHABLE = -1e6;

    /** Tokens that end a text too; a Hugging Face folder names them by id alone. */
    static final List<String> FURTHER_ENDS = List.of("eot_token", "eom_token");

    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;
    static final int BYTE = 6;

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
        return kinds.isEmpty() ? NORMAL : Math.toIntExact(kinds.get(id));
    }

    /**
     * The same with a token for every row of a model's embedding: rows without one get a name of their own that no text has.
     *
     * @throws TokenizerException if there are more tokens than rows
     */
    public GgufVocabulary filled(int rows) {
        if (tokens.size() > rows) {
            throw new TokenizerException(source + ": " + tokens.size() + " tokens for a model with a vocabulary of "
                    + rows + ". Do tokenizer.json and config.json belong together?");
        }
        List<String> names = new ArrayList<>(tokens);
        List<Long> types = new ArrayList<>();
        List<Double> points = new ArrayList<>(scores);
        for (int id = 0; id < rows; id++) {
            types.add(id < tokens.size() ? kind(id) : (long) UNUSED);
            if (id >= tokens.size()) {
                names.add("[PAD" + id + "]");
                if (!scores.isEmpty()) {
                    points.add(UNREACHABLE);
                }
            }
        }
        return new GgufVocabulary(
                source,
                model,
                splitting,
                names,
                types,
                merges,
                points,
                special,
                spaceInFront,
                chatTemplate,
                beginningInFront);
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
        ObjectNode settings = Json.PLAIN.createObjectNode();
        special.forEach((name, id) -> {
            if (!FURTHER_ENDS.contains(name)) {
                settings.put(name, tokens.get(id));
            }
        });
        Map<String, String> templates =
                chatTemplate == null ? Map.of() : Map.of(TokenizerFiles.DEFAULT_TEMPLATE, chatTemplate);
        return new TokenizerFiles(
                json.toString(), settings, templates, ends(), id("pad_token"), id("bos_token"), source);
    }

    private List<Integer> ends() {
        List<Integer> ends = new ArrayList<>();
        id("eos_token").ifPresent(ends::add);
        FURTHER_ENDS.forEach(name -> id(name).ifPresent(ends::add));
        return ends;
    }

    private OptionalInt id(String name) {
        Integer id = special.get(name);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Puts the rule into a {@code tokenizer.json} that sets the beginning-of-text token in front. */
    void postProcessor(ObjectNode json) {
        Integer beginning = special.get("bos_token");
        if (!beginningInFront || beginning == null) {
            json.putNull("post_processor");
            return;
        }
        String token = tokens.get(beginning);
        ObjectNode rule = json.putObject("post_processor");
        rule.put("type", "TemplateProcessing");
        for (String inputs : List.of("single", "pair")) {
            var parts = rule.putArray(inputs);
            for (String sequence : inputs.equals("single") ? List.of("A") : List.of("A", "B")) {
                int type = sequence.equals("A") ? 0 : 1;
                parts.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
                parts.addObject().putObject("Sequence").put("id", sequence).put("type_id", type);
            }
        }
        ObjectNode ids = rule.putObject("special_tokens").putObject(token);
        ids.put("id", token);
        ids.putArray("ids").add(beginning);
        ids.putArray("tokens").add(token);
    }

    /** The start of a {@code tokenizer.json}: tokens that are never cut nor merged. */
    ObjectNode jsonWithAddedTokens() {
        ObjectNode json = Json.PLAIN.createObjectNode();
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
        ObjectNode json = Json.PLAIN.createObjectNode();
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
