package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.reft4j.ground.files.Json;

/** Vocabulary of {@code tokenizer.json} as it spells its tokens, without the rules. */
final class Spellings {
    private static final String SPACE = "\u2581";
    private static final Pattern BYTE_TOKEN = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
    /** Far above any vocabulary; an id beyond it is a damaged file. */
    private static final int LARGEST = 1 << 24;

    /** Spellings by id; an id that the file leaves out is an empty text. */
    private final String[] byId;

    private final BitSet special;
    private final boolean inBytes;
    /** True if U+2581 stands for a space. */
    private final boolean inSpaces;
    /** True if tokens such as {@code <0xE5>} are bytes. */
    private final boolean withByteTokens;

    private Spellings(String[] byId, BitSet special, String decoder) {
        this.byId = byId;
        this.special = special;
        this.inBytes = decoder.contains("\"ByteLevel\"");
        this.inSpaces = decoder.contains("\"Metaspace\"") || decoder.contains(SPACE);
        this.withByteTokens = decoder.contains("\"ByteFallback\"");
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
        return new Spellings(byId, special, root.path("decoder").toString());
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

    /** True if a token is an added one that stands for no text. */
    boolean isSpecial(int id) {
        return special.get(id);
    }

    /** A token that is not whole characters, as a reader can make sense of it. */
    String readable(int id) {
        return inBytes ? ByteLetters.read(byId[id]).orElse(byId[id]) : byId[id];
    }

    /** The bytes that a token adds to a text; empty for special ones and for ids without a token. */
    Optional<byte[]> bytes(int id) {
        String spelling = byId[id];
        if (special.get(id) || spelling.isEmpty()) {
            return Optional.empty();
        }
        if (inBytes) {
            return Optional.of(ByteLetters.bytes(spelling).orElseGet(() -> spelling.getBytes(StandardCharsets.UTF_8)));
        }
        if (withByteTokens && BYTE_TOKEN.matcher(spelling).matches()) {
            return Optional.of(new byte[] {(byte) Integer.parseInt(spelling.substring(3, 5), 16)});
        }
        return Optional.of((inSpaces ? spelling.replace(SPACE, " ") : spelling).getBytes(StandardCharsets.UTF_8));
    }

    OptionalInt id(String token) {
        for (int id = 0; id < byId.length; id++) {
            if (byId[id].equals(token)) {
                return OptionalInt.of(id);
            }
        }
        return OptionalInt.empty();
    }

    /**
     * The letters that byte-level vocabularies spell bytes with: printable Latin-1 characters stand for themselves, the other bytes, in
     * their order, for the letters from U+0100 on.
     *
     * <p>Source: {@code bytes_to_unicode} of GPT-2's encoder.
     */
    private static final class ByteLetters {
        private static final int[] BYTE_BY_LETTER = table();

        private ByteLetters() {}

        private static int[] table() {
            int[] table = new int[0x200];
            Arrays.fill(table, -1);
            int next = 0x100;
            for (int value = 0; value < 0x100; value++) {
                boolean printable = (value >= '!' && value <= '~') || (value >= 0xA1 && value != 0xAD);
                table[printable ? value : next++] = value;
            }
            return table;
        }

        /** Text of a spelling, with bytes that are no whole character as {@code <0xE5>}; empty if it is not spelled in bytes. */
        static Optional<String> read(String spelling) {
            return bytes(spelling).map(ByteLetters::text);
        }

        /** The bytes of a spelling; empty if it is not spelled in bytes. */
        static Optional<byte[]> bytes(String spelling) {
            byte[] bytes = new byte[spelling.length()];
            for (int i = 0; i < bytes.length; i++) {
                int letter = spelling.charAt(i);
                if (letter >= BYTE_BY_LETTER.length || BYTE_BY_LETTER[letter] < 0) {
                    return Optional.empty();
                }
                bytes[i] = (byte) BYTE_BY_LETTER[letter];
            }
            return Optional.of(bytes);
        }

        private static String text(byte[] bytes) {
            StringBuilder text = new StringBuilder();
            for (int at = 0; at < bytes.length; ) {
                int length = characterLength(bytes, at);
                if (length == 0) {
                    text.append(String.format(Locale.ROOT, "<0x%02X>", bytes[at]));
                    at++;
                } else {
                    text.append(new String(bytes, at, length, StandardCharsets.UTF_8));
                    at += length;
                }
            }
            return text.toString();
        }

        /** Bytes of the whole UTF-8 character at a place, 0 if there is none. */
        private static int characterLength(byte[] bytes, int at) {
            int lead = bytes[at] & 0xFF;
            int length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
            boolean whole = length <= bytes.length - at
                    && new String(bytes, at, length, StandardCharsets.UTF_8).indexOf('\uFFFD') < 0;
            return whole ? length : 0;
        }
    }
}
