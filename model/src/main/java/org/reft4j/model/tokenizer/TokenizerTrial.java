package org.reft4j.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.reft4j.ground.files.Json;
import org.reft4j.tensor.Calibration;

/**
 * Tries a {@code tokenizer.json} in a process of its own before it is used in this one. The native library ends its whole process where
 * it meets what it did not foresee: a damaged map of characters, a pattern that runs too long, a decoder that cuts off more than there is.
 * Files without such parts are not tried; for the others it takes a second, once for each content: what was found sound is remembered in
 * the folder {@code tokenizers} beside the calibration.
 */
final class TokenizerTrial {
    /** Parts that do no harm, whatever they are given. */
    private static final Set<String> HARMLESS = Set.of(
            "NFC",
            "NFD",
            "NFKC",
            "NFKD",
            "Lowercase",
            "StripAccents",
            "BertNormalizer",
            "ByteLevel",
            "Metaspace",
            "Whitespace",
            "WhitespaceSplit",
            "BertPreTokenizer",
            "Digits",
            "Punctuation",
            "Sequence",
            "Fuse",
            "ByteFallback",
            "WordPiece",
            "BPEDecoder");
    /** Harmless with a plain text as pattern. */
    private static final Set<String> BY_PATTERN = Set.of("Split", "Replace");

    private static final List<String> RULES = List.of("normalizer", "pre_tokenizer", "decoder");
    /** Length of a text that repeats one letter: longer than a pattern of exponential time needs, and as long as texts get. */
    private static final int REPEATS = 3000;

    private static final int CHUNK = 500;
    private static final int LAST_CHARACTER = 0x1ffff;
    private static final int MOST_IDS = 5000;
    private static final int NESTED = 100;
    private static final long SECONDS = 120;

    private TokenizerTrial() {}

    /**
     * Refuses a file that would end this process.
     *
     * @param source the file, for messages
     * @throws TokenizerException that says what the library said
     */
    static void require(String tokenizerJson, String source) {
        JsonNode root;
        try {
            root = Json.PLAIN.readTree(tokenizerJson);
        } catch (JsonProcessingException e) {
            return; // said in other words by whoever reads it
        }
        refuseDeep(root, source);
        if (RULES.stream().allMatch(rule -> harmless(root.path(rule)))) {
            return;
        }
        Path sound = Calibration.cacheFile().resolveSibling("tokenizers").resolve(digest(tokenizerJson));
        if (Files.exists(sound)) {
            return;
        }
        tryInChild(tokenizerJson, source);
        try {
            Files.createDirectories(sound.toAbsolutePath().resolveSibling(""));
            Files.write(sound, new byte[0]);
        } catch (IOException e) {
            // A home that cannot be written to: it is tried again the next time.
            return;
        }
    }

    /** Tells a rule that cannot fail, and cannot through those within it. */
    private static boolean harmless(JsonNode rule) {
        if (rule.isMissingNode() || rule.isNull()) {
            return true;
        }
        for (String within : List.of("normalizers", "pretokenizers", "decoders")) {
            for (JsonNode each : rule.path(within)) {
                if (!harmless(each)) {
                    return false;
                }
            }
        }
        String type = rule.path("type").asText();
        return HARMLESS.contains(type)
                || (BY_PATTERN.contains(type)
                        && !rule.path("pattern").path("String").asText().isEmpty())
                || (type.equals("Prepend") && !rule.path("prepend").asText().isEmpty())
                || (type.equals("Strip")
                        && rule.path("start").asInt(2) <= 1
                        && rule.path("stop").asInt(1) == 0);
    }

    /** The library's pattern compiler recurses without a bound. */
    private static void refuseDeep(JsonNode root, String source) {
        for (JsonNode pattern : root.findValues("Regex")) {
            int depth = 0;
            int deepest = 0;
            for (char letter : pattern.asText().toCharArray()) {
                depth += letter == '(' ? 1 : letter == ')' ? -1 : 0;
                deepest = Math.max(deepest, depth);
            }
            if (deepest > NESTED) {
                throw refused(source, "a pattern of " + deepest + " groups within one another");
            }
        }
    }

    private static TokenizerException refused(String source, String why) {
        return new TokenizerException(source + ": the tokenizer library would end this program over it (" + why
                + "). Download the file again, or take another tokenizer");
    }

    private static String digest(String tokenizerJson) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(String.valueOf(TokenizerTrial.class.getPackage().getImplementationVersion())
                    .getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(tokenizerJson.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void tryInChild(String tokenizerJson, String source) {
        try {
            Path file = Files.createTempFile("reft-tokenizer", ".json");
            Path said = Files.createTempFile("reft-tokenizer", ".txt");
            try {
                Files.writeString(file, tokenizerJson);
                Process child = new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-XX:-CreateCoredumpOnCrash",
                                "-XX:ErrorFile=" + said + ".crash",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                TokenizerTrial.class.getName(),
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
                if (!child.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    child.destroyForcibly().waitFor();
                    throw refused(source, "it took longer than " + SECONDS + " s for a few texts");
                }
                // A fault that it speaks of in order is spoken of by whoever opens the file here.
                if (child.exitValue() > 1) {
                    throw refused(source, reason(Files.readString(said, StandardCharsets.ISO_8859_1)));
                }
            } finally {
                Files.deleteIfExists(file);
                Files.deleteIfExists(said);
                Files.deleteIfExists(Path.of(said + ".crash"));
            }
        } catch (IOException e) {
            throw new TokenizerException(
                    source + ": cannot be tried in a process of its own: " + e.getMessage()
                            + ". Check that Java can be started and that the folder of temporary files can be written",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while trying " + source, e);
        }
    }

    /** The last words of the library: the line after the one that names the place. */
    private static String reason(String said) {
        List<String> lines = said.lines().toList();
        for (int i = 0; i + 1 < lines.size(); i++) {
            if (lines.get(i).contains("panicked at")) {
                return lines.get(i + 1).strip();
            }
        }
        return lines.stream().anyMatch(line -> line.contains("SIGSEGV"))
                ? "it overflows its stack"
                : "it gives no reason";
    }

    /**
     * Opens a file, and has it encode and decode texts that bring faults to light.
     *
     * @param args the file
     */
    public static void main(String[] args) throws IOException {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        byte[] json = Files.readAllBytes(Path.of(args[0]));
        try (ai.djl.huggingface.tokenizers.HuggingFaceTokenizer rules =
                ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
                        new ByteArrayInputStream(json),
                        Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"))) {
            for (String text : texts(Json.PLAIN.readTree(json))) {
                exercise(rules, text);
            }
            for (long id = 0; id < MOST_IDS; id++) {
                var _ = rules.decode(new long[] {id}, false);
            }
        } catch (RuntimeException e) {
            System.exit(1);
        }
    }

    private static void exercise(ai.djl.huggingface.tokenizers.HuggingFaceTokenizer rules, String text) {
        try {
            var _ = rules.decode(rules.encode(text, false, false).getIds(), false);
        } catch (RuntimeException e) {
            // An error in order, such as an unknown token: met again where the text is.
            return;
        }
    }

    /** Every character, and long runs of those that patterns name or are made for. */
    static List<String> texts(JsonNode root) {
        List<String> texts = new ArrayList<>(List.of("", "a", "Hello, w\u00f6rld 12.5\n"));
        for (int from = 1; from < LAST_CHARACTER; from += CHUNK) {
            texts.add(IntStream.range(from, from + CHUNK)
                    .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                    .mapToObj(Character::toString)
                    .collect(Collectors.joining()));
        }
        Set<String> runs = new LinkedHashSet<>(List.of(
                " ", "a", "A", "1", "\n", "\t", "\r\n", ".", "'", "_", "\u00e9", "\u4e2d", " a", "a ", "aA", "a1", ". ",
                " \n"));
        for (JsonNode pattern : root.findValues("Regex")) {
            String letters = pattern.asText()
                    .chars()
                    .filter(Character::isLetterOrDigit)
                    .mapToObj(Character::toString)
                    .distinct()
                    .collect(Collectors.joining());
            letters.chars().mapToObj(Character::toString).forEach(runs::add);
            if (!letters.isEmpty()) {
                runs.add(letters);
            }
            pattern.asText()
                    .chars()
                    .filter(c -> !Character.isLetterOrDigit(c))
                    .mapToObj(Character::toString)
                    .forEach(runs::add);
        }
        for (String run : runs) {
            for (String end : List.of("", "!", "b", "\n")) {
                texts.add(run.repeat(REPEATS / run.length()) + end);
                texts.add(run.repeat(40) + end);
            }
        }
        return texts;
    }
}
