package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.OptionalInt;

/** A tokenizer of six tokens, for tests of what surrounds tokenizers. */
public final class TinyTokenizer {
    public static final int END = 0;
    public static final int PAD = 1;

    static final String JSON = """
            {"version": "1.0", "truncation": {"max_length": 1, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
             "padding": {"strategy": {"Fixed": 8}, "direction": "Left", "pad_to_multiple_of": null, "pad_id": 1,
                         "pad_type_id": 0, "pad_token": "<pad>"},
             "added_tokens": [
               {"id": 0, "content": "<end>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
               {"id": 1, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
             "normalizer": null,
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
             "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<end>", "type_id": 0}},
                 {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"<end>": {"id": "<end>", "ids": [0], "tokens": ["<end>"]}}},
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "", "end_of_word_suffix": "",
                 "fuse_unk": false, "byte_fallback": false, "vocab": {"<end>": 0, "<pad>": 1, "\u0120": 2, "a": 3, "b": 4, "\u00c3": 5},
                 "merges": []}}
            """;

    private TinyTokenizer() {}

    public static Tokenizer open() {
        return HuggingFaceTokenizer.of(files("{}", OptionalInt.of(END), OptionalInt.of(PAD)));
    }

    static TokenizerFiles files(String settings, OptionalInt end, OptionalInt pad) {
        return new TokenizerFiles(
                JSON, json(settings), Map.of(), end.stream().boxed().toList(), pad, OptionalInt.empty(), "tiny");
    }

    public static ObjectNode json(String text) {
        try {
            return (ObjectNode) new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
