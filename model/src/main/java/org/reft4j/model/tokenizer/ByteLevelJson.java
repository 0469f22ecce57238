package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes the {@code tokenizer.json} of a byte-level pair-merging tokenizer that a GGUF file describes. */
final class ByteLevelJson {
    /** Llama 3's way to cut text: contractions, words, up to three digits, punctuation, line ends, blanks. */
    static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** Qwen 2's way to cut text: the same with single digits. */
    static final String QWEN2 = LLAMA3.replace("{1,3}", "");

    private final GgufVocabulary vocabulary;

    ByteLevelJson(GgufVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    ObjectNode build() {
        ObjectNode json = vocabulary.jsonWithAddedTokens();
        json.putNull("normalizer");
        splitting(json);
        vocabulary.postProcessor(json);
        byteLevel(json.putObject("decoder"), true);
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE");
        model.putNull("dropout").putNull("unk_token");
        model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
        model.put("fuse_unk", false).put("byte_fallback", false);
        model.put("ignore_merges", vocabulary.splitting().startsWith("llama"));
        model.set("vocab", vocabulary.vocabularyJson());
        ArrayNode merges = model.putArray("merges");
        for (String merge : vocabulary.merges()) {
            int space = merge.indexOf(' ', 1);
            if (space < 0 || space == merge.length() - 1) {
                throw new TokenizerException(vocabulary.source() + ": tokenizer.ggml.merges holds \"" + merge
                        + "\"; expected two tokens with a space between. Download or convert the file again");
            }
            merges.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
        }
        return json;
    }

    private void splitting(ObjectNode json) {
        switch (vocabulary.splitting()) {
            // A file without a rule was written before the key existed, when GPT-2's was the only one.
            case "gpt-2", "default", "" -> byteLevel(json.putObject("pre_tokenizer"), true);
            case "smollm", "starcoder", "refact", "command-r", "codeshell" -> {
                ArrayNode steps = sequence(json);
                steps.addObject().put("type", "Digits").put("individual_digits", true);
                byteLevel(steps.addObject(), true);
            }
            case "llama-bpe", "llama-v3", "llama3" -> byRegex(json, LLAMA3);
            case "qwen2", "deepseek-r1-qwen" -> {
                json.putObject("normalizer").put("type", "NFC");
                byRegex(json, QWEN2);
            }
            default ->
                throw new TokenizerException(
                        vocabulary.source() + ": tokenizer.ggml.pre is \"" + vocabulary.splitting()
                                + "\"; expected gpt-2, smollm, llama-bpe, qwen2 or default. Put the model's tokenizer.json beside the file");
        }
    }

    private static void byRegex(ObjectNode json, String regex) {
        ArrayNode steps = sequence(json);
        ObjectNode split = steps.addObject();
        split.put("type", "Split").put("behavior", "Isolated").put("invert", false);
        split.putObject("pattern").put("Regex", regex);
        byteLevel(steps.addObject(), false);
    }

    private static ArrayNode sequence(ObjectNode json) {
        ObjectNode sequence = json.putObject("pre_tokenizer");
        sequence.put("type", "Sequence");
        return sequence.putArray("pretokenizers");
    }

    private static void byteLevel(ObjectNode step, boolean cut) {
        step.put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", cut);
    }
}
