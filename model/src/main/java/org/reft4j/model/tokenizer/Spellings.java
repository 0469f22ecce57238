package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.reft4j.ground.files.Json;

/** How {@code tokenizer.json} spells its tokens: the vocabulary without the rules. */
final class Spellings {
    /** Far above any vocabulary; an id beyond it is a damaged file. */
    private static final int LARGEST = 1 << 24;

    /** By id; an id that the file leaves out is an empty text. */
    private final String[] byId;

    private final BitSet special;
    private final boolean inBytes;

    private Spellings(String[] byId, BitSet special, boolean inBytes) {
        this.byId = byId;
        this.special = special;
        this.inBytes = inBytes;
    }

    /** @throws TokenizerException if the text is not a {@code tokenizer.json} with a vocabulary */
    static Spellings read(String tokenizerJson, String source) {
        JsonNode root;
        try {
            root = Json.PLAIN.readTree(tokenizerJson);
        } catch (JsonProcessingException e) {
            throw new TokenizerException(
                    source + ": not valid JSON: " + e.getOriginalMessage() + ". Download the file again", e);
        }
        SortedMap<Integer, String> found = new TreeMap<>();
        JsonNode vocabulary = root.path("model").path("vocab");
        if (vocabulary.isObject()) {
            for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
                put(found, token.getValue(), token.getKey(), source);
            }
        } else {
            // Unigram models list [token, score] pairs; the place is the id.
            for (int id = 0; id < vocabulary.size(); id++) {
                found.put(id, vocabulary.path(id).path(0).asText());
            }
        }
        BitSet special = new BitSet();
        for (JsonNode token : root.path("added_tokens")) {
            put(found, token.path("id"), token.path("content").asText(), source);
            special.set(token.path("id").asInt(), token.path("special").asBoolean());
        }
        if (found.isEmpty()) {
            throw new TokenizerException(
                    source + ": no vocabulary under \"model\"; expected a tokenizer.json of Hugging Face"
                            + " tokenizers. Download the file again");
        }
        String[] byId = new String[found.lastKey() + 1];
        Arrays.fill(byId, "");
        found.forEach((id, text) -> byId[id] = text);
        checkMerges(root.path("model"), source);
        return new Spellings(byId, special, root.path("decoder").toString().contains("\"ByteLevel\""));
    }

    /** The native library cuts the prefix off the second token of a merge without looking, and takes the program down with it. */
    private static void checkMerges(JsonNode model, String source) {
        String prefix = model.path("continuing_subword_prefix").asText("");
        if (prefix.isEmpty() || model.path("continuing_subword_prefix").isNull()) {
            return;
        }
        for (JsonNode merge : model.path("merges")) {
            String text = merge.asText("");
            String second = merge.isArray() ? merge.path(1).asText() : text.substring(text.indexOf(' ') + 1);
            if (!second.startsWith(prefix)) {
                throw new TokenizerException(source + ": merge " + merge + " does not go on with \"" + prefix
                        + "\" (continuing_subword_prefix). The file is damaged: download it again");
            }
        }
    }

    private static void put(Map<Integer, String> into, JsonNode id, String token, String source) {
        if (!id.isInt() || id.asInt() < 0 || id.asInt() > LARGEST) {
            throw new TokenizerException(source + ": token \"" + token + "\" has id " + id
                    + "; expected a number from 0 to " + LARGEST + ". The file is damaged");
        }
        into.put(id.asInt(), token);
    }

    /** One more than the largest id. */
    int size() {
        return byId.length;
    }

    String of(int id) {
        return byId[id];
    }

    /** Whether a token is an added one that stands for no text. */
    boolean isSpecial(int id) {
        return special.get(id);
    }

    /** A token that is not whole characters, as a reader can make sense of it. */
    String readable(int id) {
        return inBytes ? ByteLetters.read(byId[id]).orElse(byId[id]) : byId[id];
    }

    OptionalInt id(String token) {
        for (int id = 0; id < byId.length; id++) {
            if (byId[id].equals(token)) {
                return OptionalInt.of(id);
            }
        }
        return OptionalInt.empty();
    }
}
