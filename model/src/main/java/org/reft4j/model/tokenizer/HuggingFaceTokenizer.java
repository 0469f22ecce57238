package org.reft4j.model.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.Encoding;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.reft4j.ground.files.Json;

/**
 * A tokenizer that follows {@code tokenizer.json}, run by the Hugging Face tokenizers library (through DJL). Truncation and padding
 * settings of the file are ignored.
 *
 * <p>Owns a native object until closed. The native library comes from the jar; it is unpacked once into {@code ~/.djl.ai} (or where
 * {@code ENGINE_CACHE_DIR} says). DJL's downloads and usage reports are switched off before it starts.
 */
public final class HuggingFaceTokenizer implements Tokenizer {
    private static final Map<String, String> OPTIONS =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
    private static final String EOS = "eos_token";
    static final List<String> SPECIAL_KEYS = List.of("bos_token", EOS, "pad_token", "unk_token");

    private final ai.djl.huggingface.tokenizers.HuggingFaceTokenizer rules;
    private final TokenizerFiles files;
    private final Spellings spellings;
    private final EndTokens ends;
    private final OptionalInt padding;
    private final OptionalInt beginningOfText;
    private final Tokens beginning;
    /** Ids from here on are tokens that the model has no rows for. */
    private final int rows;

    private HuggingFaceTokenizer(
            ai.djl.huggingface.tokenizers.HuggingFaceTokenizer rules,
            TokenizerFiles files,
            Spellings spellings,
            int rows) {
        this.rules = rules;
        this.files = files;
        this.spellings = spellings;
        this.rows = rows;
        this.ends = namedEnds();
        this.padding = id(files.padding(), "pad_token");
        OptionalInt named = spelled("bos_token");
        OptionalInt begins = named.isPresent() ? named : files.beginning();
        this.beginningOfText = begins.orElse(0) < known() ? begins : OptionalInt.empty();
        this.beginning = namedBeginning();
        Arrays.stream(beginning.toArray()).forEach(id -> require(id, "the post-processor's token"));
    }

    /**
     * Loads the tokenizer of a Hugging Face folder. A text ends with every token that {@code eos_token_id} names in
     * {@code generation_config.json} and in {@code config.json}, and with {@code eos_token} of {@code tokenizer_config.json}; a plain
     * text is written with the last of these where the ids hold it or there are none, and else with the first id. Padding is the first
     * that is named.
     *
     * @throws TokenizerException if there is no {@code tokenizer.json} or it is not valid
     */
    public static HuggingFaceTokenizer open(Path folder) {
        return of(TokenizerFiles.of(folder));
    }

    /** As {@link #open(Path)}, with another token to end texts, whatever the files say. */
    public static HuggingFaceTokenizer open(Path folder, int endOfText) {
        TokenizerFiles files = TokenizerFiles.of(folder);
        ObjectNode settings = files.settings().deepCopy();
        settings.remove(EOS);
        return of(new TokenizerFiles(
                files.tokenizerJson(),
                settings,
                files.templateFiles(),
                List.of(endOfText),
                files.padding(),
                files.beginning(),
                files.source()));
    }

    /**
     * As {@link #open(Path)}, for a model with so many rows in its embedding. Special tokens after the last row are let pass until a
     * text holds one: Gemma's text models come with those of its models that see.
     *
     * @throws TokenizerException if other tokens have larger ids
     */
    public static HuggingFaceTokenizer of(Path folder, int rows) {
        return of(TokenizerFiles.of(folder), rows);
    }

    static HuggingFaceTokenizer of(TokenizerFiles files) {
        return of(files, Integer.MAX_VALUE);
    }

    static HuggingFaceTokenizer of(TokenizerFiles files, int rows) {
        Spellings spellings = Spellings.read(files.tokenizerJson(), files.source());
        for (int id = rows; id < spellings.size(); id++) {
            if (!spellings.isSpecial(id)) {
                throw new TokenizerException(files.source() + ": token \"" + spellings.of(id) + "\" has id " + id
                        + " (the largest is " + (spellings.size() - 1) + ") but the model has a vocabulary of " + rows
                        + ". Do tokenizer.json and config.json belong together?");
            }
        }
        return new HuggingFaceTokenizer(rules(files), files, spellings, rows);
    }

    private static ai.djl.huggingface.tokenizers.HuggingFaceTokenizer rules(TokenizerFiles files) {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        TokenizerTrial.require(files.tokenizerJson(), files.source());
        byte[] json = files.tokenizerJson().getBytes(StandardCharsets.UTF_8);
        try {
            return ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(json), OPTIONS);
        } catch (EngineException | LinkageError e) {
            throw new TokenizerException(
                    "the native tokenizer library does not load on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ": " + rootMessage(e)
                            + ". It is unpacked into ~/.djl.ai: check that this folder can be written, or set ENGINE_CACHE_DIR",
                    e);
        } catch (IOException | RuntimeException e) {
            // DJL passes on every failure of the Rust library as a bare RuntimeException.
            throw new TokenizerException(
                    files.source() + ": not a tokenizer that can be used: " + e.getMessage()
                            + ". Download the file again",
                    e);
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    @Override
    public Tokens encode(String text) {
        int[] ids = ids(wellFormed(text));
        for (int id : ids) {
            if (id >= rows) {
                throw new TokenizerException(files.source() + ": the text holds the token \"" + spellings.of(id)
                        + "\" (id " + id + "), which the model, with a vocabulary of " + rows + ", does not know");
            }
        }
        return Tokens.of(ids);
    }

    private int[] ids(String text) {
        try {
            Encoding encoding = rules.encode(text, false, false);
            return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
        } catch (RuntimeException e) {
            // DJL passes on every failure of the Rust library as a bare RuntimeException.
            throw new TokenizerException(
                    files.source() + ": a text cannot be encoded: " + e.getMessage()
                            + ". Download the file again, or take another tokenizer",
                    e);
        }
    }

    @Override
    public String decode(Tokens tokens) {
        return decode(true, tokens.toArray());
    }

    @Override
    public String piece(int id) {
        if (id < 0 || id >= spellings.size()) {
            return String.format(Locale.ROOT, "<%d>", id);
        }
        String text = decode(false, id);
        // A token that is a part of a character has no text of its own: its spelling says more.
        return text.isEmpty() || text.indexOf('\uFFFD') >= 0 ? spellings.readable(id) : text;
    }

    @Override
    public Optional<byte[]> bytes(int id) {
        return id < 0 || id >= known() ? Optional.empty() : spellings.bytes(id);
    }

    private String decode(boolean skipSpecial, int... ids) {
        return rules.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
    }

    /** The library works on UTF-8, which cannot say half a surrogate pair. */
    private static String wellFormed(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text)
                ? text
                : text.codePoints()
                        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? '\uFFFD' : c)
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
    }

    @Override
    public int vocabularySize() {
        return spellings.size();
    }

    @Override
    public OptionalInt endOfText() {
        return ends.known();
    }

    @Override
    public EndTokens ends() {
        return ends;
    }

    @Override
    public OptionalInt beginningOfText() {
        return beginningOfText;
    }

    @Override
    public Tokens beginning() {
        return beginning;
    }

    @Override
    public OptionalInt padding() {
        return padding;
    }

    @Override
    public void save(Path folder) {
        ObjectNode settings = settings();
        ObjectNode special = Json.PLAIN.createObjectNode();
        for (String key : SPECIAL_KEYS) {
            TokenizerFiles.token(settings, key).ifPresent(token -> special.put(key, token));
        }
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(TokenizerFiles.TOKENIZER), files.tokenizerJson());
            Files.writeString(
                    folder.resolve(TokenizerFiles.SETTINGS),
                    Json.PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(settings) + "\n");
            Files.writeString(
                    folder.resolve(TokenizerFiles.SPECIAL),
                    Json.PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(special) + "\n");
            files.writeTemplates(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    folder + ": the tokenizer cannot be written (" + e.getMessage()
                            + "). Check free space and permissions",
                    e);
        }
    }

    /** The settings with the tokens that are in force. */
    private ObjectNode settings() {
        ObjectNode settings = files.settings().deepCopy();
        if (!settings.has("tokenizer_class")) {
            settings.put("tokenizer_class", "PreTrainedTokenizerFast");
        }
        ends.known().ifPresent(id -> settings.put(EOS, spellings.of(id)));
        padding.ifPresent(id -> settings.put("pad_token", spellings.of(id)));
        return settings;
    }

    private EndTokens namedEnds() {
        files.ends().forEach(id -> require(id, EOS));
        OptionalInt usual = spelled(EOS);
        if (files.ends().isEmpty()) {
            return EndTokens.of(usual.orElse(-1));
        }
        boolean listed = usual.isPresent() && files.ends().contains(usual.getAsInt());
        EndTokens ends = new EndTokens(listed ? usual.getAsInt() : files.ends().getFirst(), Set.copyOf(files.ends()));
        return usual.isPresent() ? ends.with(usual.getAsInt()) : ends;
    }

    /**
     * Tokens that the post-processor of {@code tokenizer.json} puts in front of a text, unless {@code add_bos_token} of
     * {@code tokenizer_config.json} says otherwise, as older versions of transformers and llama.cpp's converter go by it. What it puts
     * after a text is no part of a prompt.
     */
    private Tokens namedBeginning() {
        Tokens front = PostProcessing.inFront(files);
        JsonNode said = files.settings().path("add_bos_token");
        if (!said.isBoolean() || beginningOfText.isEmpty()) {
            return front;
        }
        Tokens token = Tokens.of(beginningOfText.getAsInt());
        if (said.asBoolean()) {
            return front.isEmpty() ? token : front;
        }
        return front.equals(token) ? Tokens.of() : front;
    }

    private OptionalInt id(OptionalInt named, String key) {
        named.ifPresent(id -> require(id, key));
        return named.isPresent() ? named : spelled(key);
    }

    /** The id of a token of {@code tokenizer_config.json}; none where the model has no such token. */
    private OptionalInt spelled(String key) {
        return TokenizerFiles.token(files.settings(), key).map(spellings::id).orElse(OptionalInt.empty());
    }

    /** Number of tokens that both have, the tokenizer and the model. */
    private int known() {
        return Math.min(spellings.size(), rows);
    }

    private void require(int id, String key) {
        if (id >= known()) {
            throw new TokenizerException(files.source() + ": " + key + " has id " + id + " but the largest id is "
                    + (known() - 1) + ". Do tokenizer.json and config.json belong together?");
        }
    }

    @Override
    public Map<String, String> chatTemplates() {
        return files.chatTemplates();
    }

    @Override
    public Map<String, String> specialTokens() {
        return files.specialTokens();
    }

    @Override
    public String source() {
        return files.source();
    }

    @Override
    public void close() {
        rules.close();
    }
}
