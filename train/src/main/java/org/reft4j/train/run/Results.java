package org.reft4j.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.train.measure.Evaluation;

/** Results as JSON and as words, the same in files, pages and on a terminal. */
public final class Results {
    /** Most lines shown of a text; some models do not stop writing. */
    private static final int EXCERPT_LINES = 20;

    private static final int EXCERPT_CHARS = 1500;

    private Results() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A number, or null where JSON has none. */
    public static JsonNode number(double value) {
        return Double.isFinite(value)
                ? JsonNodeFactory.instance.numberNode(value)
                : JsonNodeFactory.instance.nullNode();
    }

    /** A share for people to read, such as {@code 34.7 %}; a dash where there is none (NaN). */
    public static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** A figure for people to read, such as {@code 0.7125}; a dash where there is none (NaN). */
    public static String figure(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.4f", value);
    }

    /** A number as people write it, such as {@code 1} or {@code 0.5}. */
    public static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Adds the named parts of a score, where there are some. */
    public static void parts(ObjectNode json, Map<String, Double> parts) {
        if (!parts.isEmpty()) {
            ObjectNode node = json.putObject("parts");
            parts.forEach((name, score) -> node.set(name, number(score)));
        }
    }

    public static String text(JsonNode node) {
        try {
            return Json.PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One line of a JSON Lines file. */
    public static String line(JsonNode node) {
        return node.toString();
    }

    /** Adds how many questions were answered right, with the share and its 95 % interval. */
    public static void accuracy(ObjectNode figures, Evaluation evaluation) {
        figures.set("accuracy", number(evaluation.accuracy()));
        figures.put("correct", evaluation.correct());
        figures.put("total", evaluation.total());
        figures.set("low", number(evaluation.interval().getLowerBound()));
        figures.set("high", number(evaluation.interval().getUpperBound()));
    }

    /** Writes a file under a temporary name and renames it. */
    public static void write(Path file, String text) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            DurableFiles.write(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** A completion without the blank space around it, and no more of it than people read. */
    public static String excerpt(String completion) {
        String text = completion.strip();
        int characters = text.codePointCount(0, text.length());
        if (characters <= EXCERPT_CHARS && text.lines().count() <= EXCERPT_LINES) {
            return text;
        }
        String start = text.substring(0, text.offsetByCodePoints(0, Math.min(EXCERPT_CHARS, characters)));
        return start.lines().limit(EXCERPT_LINES).collect(Collectors.joining("\n"))
                + String.format(Locale.ROOT, "\n… (%,d characters in all)", characters);
    }

    /** The same after a label of twelve characters, with later lines aligned to the first. */
    public static String indented(String completion) {
        return excerpt(completion).replace("\n", "\n            ");
    }

    /** A p-value as papers print it. */
    public static String p(double p) {
        return p < 1e-4 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
    }

    /** Such as {@code 45 s}, {@code 3 min 10 s} or {@code 2 h 5 min}. */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }
}
