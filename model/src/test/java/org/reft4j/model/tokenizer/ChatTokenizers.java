package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Writes the small tokenizer with special tokens of one's own, laid out as models have them that chat. */
public final class ChatTokenizers {
    /** As Llama 3 Instruct: every turn ends with {@code <|eot_id|>}; the template writes the beginning itself. */
    public static final String LLAMA =
            "{{ bos_token }}{% for m in messages %}<|head|>{{ m.role }}\n\n{{ m.content | trim }}<|eot_id|>"
                    + "{% endfor %}{% if add_generation_prompt %}<|head|>assistant\n\n{% endif %}";

    /** Template as Gemma 3's: a line end stands after each end of turn. */
    public static final String GEMMA = "{{ bos_token }}{% for m in messages %}<start_of_turn>"
            + "{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n"
            + "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SMALL = "/org/reft4j/model/tokenizer/small/tokenizer.json";

    /** The first id of a token of one's own. */
    public static final int FIRST = 1024;

    private ChatTokenizers() {}

    /** Writes {@code tokenizer.json}; the tokens get ids from {@link #FIRST} on. */
    public static ObjectNode write(Path folder, List<String> special) throws IOException {
        ObjectNode json;
        try (InputStream in = Objects.requireNonNull(ChatTokenizers.class.getResourceAsStream(SMALL))) {
            json = (ObjectNode) JSON.readTree(in);
        }
        ArrayNode added = (ArrayNode) json.path("added_tokens");
        for (int i = 0; i < special.size(); i++) {
            added.addObject()
                    .put("id", FIRST + i)
                    .put("content", special.get(i))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        Files.createDirectories(folder);
        save(folder, json);
        return json;
    }

    /** A post-processor that puts a token in front of texts, and perhaps another after them. */
    public static void surround(ObjectNode json, String front, int frontId, String behind, int behindId) {
        ObjectNode rule = json.putObject("post_processor");
        rule.put("type", "TemplateProcessing");
        ArrayNode single = rule.putArray("single");
        ObjectNode tokens = rule.putObject("special_tokens");
        single.addObject().putObject("SpecialToken").put("id", front).put("type_id", 0);
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        token(tokens, front, frontId);
        if (!behind.isEmpty()) {
            single.addObject().putObject("SpecialToken").put("id", behind).put("type_id", 0);
            token(tokens, behind, behindId);
        }
        rule.putArray("pair");
    }

    private static void token(ObjectNode tokens, String text, int id) {
        ObjectNode token = tokens.putObject(text).put("id", text);
        token.putArray("ids").add(id);
        token.putArray("tokens").add(text);
    }

    /** Writes {@code tokenizer.json} again. */
    public static void save(Path folder, ObjectNode json) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), JSON.writeValueAsString(json));
    }
}
