package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.reft4j.ground.files.Json;

/**
 * Reads the {@code tokenizer.json} of a pair-merging tokenizer as the vocabulary of a GGUF file: the opposite of {@link ByteLevelJson}
 * and {@link SentencePieceJson}. What a GGUF file cannot say is refused.
 */
final class JsonVocabulary {
    private final TokenizerFiles files;
    private final JsonNode root;
    private final Spellings spellings;

    private JsonVocabulary(TokenizerFiles files, JsonNode root) {
        this.files = files;
        this.root = root;
        this.spellings = Spellings.read(files.tokenizerJson(), files.source());
    }

    /** @throws TokenizerException if the tokenizer is of a kind that GGUF files have no words for */
    static GgufVocabulary read(TokenizerFiles files) {
        try {
            return new JsonVocabulary(files, Json.PLAIN.readTree(files.tokenizerJson())).vocabulary();
        } catch (JsonProcessingException e) {
            throw new TokenizerException(
                    files.source() + ": not valid JSON: " + e.getOriginalMessage() + ". Download the file again", e);
        }
    }

    private GgufVocabulary vocabulary() {
        JsonNode model = root.path("model");
        // Files of older versions leave the type out.
        if (!model.path("type").asText("BPE").equals("BPE")) {
            throw unknown("model " + model.path("type"));
        }
        boolean pieces = model.path("byte_fallback").asBoolean(false);
        List<String> tokens = new ArrayList<>();
        for (int id = 0; id < spellings.size(); id++) {
            // An id that the file leaves out is a row of the embedding that no text reaches.
            tokens.add(spellings.of(id).isEmpty() ? "[PAD" + id + "]" : spellings.of(id));
        }
        Map<String, Integer> special = special();
        return new GgufVocabulary(
                files.source(),
                pieces ? "llama" : "gpt2",
                pieces ? "default" : splitting(),
                tokens,
                kinds(pieces),
                pieces ? List.of() : merges(),
                pieces ? scores() : List.of(),
                special,
                spaceInFront(),
                files.template().orElse(null),
                beginningInFront(special));
    }

    private List<Long> kinds(boolean pieces) {
        Map<Integer, Integer> added = new HashMap<>();
        for (JsonNode token : root.path("added_tokens")) {
            added.put(
                    token.path("id").asInt(),
                    token.path("special").asBoolean() ? GgufVocabulary.CONTROL : GgufVocabulary.USER_DEFINED);
        }
        String unknown = root.path("model").path("unk_token").asText("");
        List<Long> kinds = new ArrayList<>();
        for (int id = 0; id < spellings.size(); id++) {
            String token = spellings.of(id);
            int kind = added.getOrDefault(id, GgufVocabulary.NORMAL);
            if (token.isEmpty()) {
                kind = GgufVocabulary.UNUSED;
            } else if (pieces && token.equals(unknown)) {
                kind = GgufVocabulary.UNKNOWN;
            } else if (pieces && token.matches("<0x[0-9A-F]{2}>")) {
                kind = GgufVocabulary.BYTE;
            }
            kinds.add((long) kind);
        }
        return kinds;
    }

    private List<String> merges() {
        List<String> merges = new ArrayList<>();
        for (String[] pair : pairs()) {
            if (pair[0].indexOf(' ') >= 0 || pair[1].indexOf(' ') >= 0) {
                throw unknown("merges of tokens with spaces");
            }
            merges.add(pair[0] + " " + pair[1]);
        }
        return merges;
    }

    /** SentencePiece orders merges by the score of what they make: the earlier a piece is made, the higher. */
    private List<Double> scores() {
        Map<String, Integer> rank = new HashMap<>();
        List<String[]> pairs = pairs();
        for (int i = 0; i < pairs.size(); i++) {
            rank.putIfAbsent(pairs.get(i)[0] + pairs.get(i)[1], i);
        }
        List<Double> scores = new ArrayList<>();
        for (int id = 0; id < spellings.size(); id++) {
            Integer made = rank.get(spellings.of(id));
            scores.add(made == null ? GgufVocabulary.UNREACHABLE : -(double) made);
        }
        return scores;
    }

    /** The merges, which files spell as lists of two or as texts with a space. */
    private List<String[]> pairs() {
        List<String[]> pairs = new ArrayList<>();
        for (JsonNode merge : root.path("model").path("merges")) {
            String[] pair = merge.isArray()
                    ? new String[] {merge.path(0).asText(), merge.path(1).asText()}
                    : merge.asText().split(" ", 2);
            if (pair.length != 2 || pair[0].isEmpty() || pair[1].isEmpty()) {
                throw new TokenizerException(
                        files.source() + ": merge " + merge + "; expected two tokens. Download the file again");
            }
            pairs.add(pair);
        }
        return pairs;
    }

    /** The name of the rule by which text is cut, as the pre-tokenizer spells it out. */
    private String splitting() {
        List<JsonNode> steps = new ArrayList<>();
        JsonNode rule = root.path("pre_tokenizer");
        if (rule.path("type").asText().equals("Sequence")) {
            rule.path("pretokenizers").forEach(steps::add);
        } else {
            steps.add(rule);
        }
        if (steps.isEmpty() || !steps.getLast().path("type").asText().equals("ByteLevel")) {
            throw unknown("pre-tokenizer " + rule);
        }
        JsonNode last = steps.getLast();
        // Ones that come with the older Rust names lack the key, which then is true.
        boolean cut = last.path("use_regex").asBoolean(true);
        JsonNode first = steps.getFirst();
        if (steps.size() == 1 && cut) {
            return "gpt-2";
        }
        if (steps.size() == 2
                && cut
                && first.path("type").asText().equals("Digits")
                && first.path("individual_digits").asBoolean()) {
            return "smollm";
        }
        if (steps.size() == 2 && !cut && first.path("type").asText().equals("Split")) {
            String regex = first.path("pattern").path("Regex").asText();
            if (regex.equals(ByteLevelJson.LLAMA3)) {
                return "llama-bpe";
            }
            if (regex.equals(ByteLevelJson.QWEN2)) {
                return "qwen2";
            }
        }
        throw unknown("pre-tokenizer " + rule);
    }

    private boolean spaceInFront() {
        String rules = root.path("normalizer").toString();
        JsonNode cut = root.path("pre_tokenizer");
        String scheme = cut.path("prepend_scheme").asText("");
        return rules.contains("\"Prepend\"")
                || cut.path("add_prefix_space").asBoolean(false)
                || scheme.equals("always")
                || scheme.equals("first");
    }

    private boolean beginningInFront(Map<String, Integer> special) {
        Integer beginning = special.get("bos_token");
        if (beginning == null) {
            return false;
        }
        try (Tokenizer tokenizer = HuggingFaceTokenizer.of(files)) {
            return Arrays.stream(tokenizer.beginning().toArray()).anyMatch(id -> id == beginning);
        }
    }

    private Map<String, Integer> special() {
        Map<String, Integer> special = new TreeMap<>();
        for (String key : HuggingFaceTokenizer.SPECIAL_KEYS) {
            TokenizerFiles.token(files.settings(), key)
                    .map(spellings::id)
                    .orElse(OptionalInt.empty())
                    .ifPresent(id -> special.put(key, id));
        }
        ends(special);
        put(special, "pad_token", files.padding());
        files.beginning().ifPresent(id -> special.putIfAbsent("bos_token", id));
        return special;
    }

    /** The written end of text as a folder's tokenizer chooses it; the others under the names that are left. */
    private void ends(Map<String, Integer> special) {
        Set<Integer> all = new LinkedHashSet<>(files.ends());
        Integer usual = special.get("eos_token");
        if (!all.isEmpty() && !all.contains(usual)) {
            special.put("eos_token", files.ends().getFirst());
        }
        if (usual != null) {
            all.add(usual);
        }
        all.remove(special.get("eos_token"));
        if (all.size() > GgufVocabulary.FURTHER_ENDS.size()) {
            throw unknown((all.size() + 1) + " tokens that end a text (eos_token_id)");
        }
        Iterator<String> names = GgufVocabulary.FURTHER_ENDS.iterator();
        all.forEach(id -> special.put(names.next(), id));
    }

    private void put(Map<String, Integer> special, String key, OptionalInt id) {
        if (id.isPresent()) {
            special.put(key, id.getAsInt());
        }
    }

    private TokenizerException unknown(String what) {
        String shown = what.length() > 200 ? what.substring(0, 200) + "..." : what;
        return new TokenizerException(files.source() + ": " + shown + " cannot be said in GGUF; written are"
                + " SentencePiece with bytes for unknown characters, and byte-level merging that cuts as gpt-2, smollm,"
                + " llama-bpe or qwen2. Keep the model as a Hugging Face folder");
    }
}
