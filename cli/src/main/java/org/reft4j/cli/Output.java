package org.reft4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.train.measure.Evaluation;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a command writes, and in which form: for people, or as one JSON object. Mixed into the commands that report figures. */
final class Output {
    /** What a model writes that knows no end is looked at in part. */
    private static final int EXCERPT_LINES = 20;

    private static final int EXCERPT_CHARS = 1500;

    /** What no shell looks at. */
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_./\\\\:@%+=,-]+");

    /** What some shells look at between double quotes too. */
    private static final Pattern ACTIVE = Pattern.compile("[\"$`!]");

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @Option(
            names = "--json",
            description = "Print one JSON object to standard output; progress goes to standard error.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    boolean json() {
        return json;
    }

    /** Standard output: results. */
    PrintWriter out() {
        return command.commandLine().getOut();
    }

    /** Standard error: progress and remarks. */
    PrintWriter err() {
        return command.commandLine().getErr();
    }

    /** A line of the result for people; not printed with {@code --json}. */
    @FormatMethod
    void say(@FormatString String format, Object... values) {
        if (!json) {
            out().println(String.format(Locale.ROOT, format, values));
        }
    }

    /** A path as it may be pasted into a shell, in a command that is printed: in quotes where it has more than plain characters. */
    static String pasted(Path path) {
        String text = path.toString();
        if (PLAIN.matcher(text).matches()) {
            return text;
        }
        // Double quotes are those of every shell; what they do not protect is rare.
        return ACTIVE.matcher(text).find() ? "'" + text.replace("'", "'\\''") + "'" : '"' + text + '"';
    }

    /** A completion without the blank space around it, and no more of it than people read. */
    static String excerpt(String completion) {
        String text = completion.strip();
        int characters = text.codePointCount(0, text.length());
        if (characters <= EXCERPT_CHARS && text.lines().count() <= EXCERPT_LINES) {
            return text;
        }
        String start = text.substring(0, text.offsetByCodePoints(0, Math.min(EXCERPT_CHARS, characters)));
        return start.lines().limit(EXCERPT_LINES).collect(Collectors.joining("\n"))
                + String.format(Locale.ROOT, "\n… (%,d characters in all)", characters);
    }

    /** A remark, whatever the form of the result. */
    @FormatMethod
    void remark(@FormatString String format, Object... values) {
        err().println(String.format(Locale.ROOT, format, values));
        err().flush();
    }

    /** What is left to do after Ctrl-C, for commands that need nothing more to go on. */
    void interrupted() {
        remark("interrupted; the same command goes on from here");
    }

    /** The result for programs; printed only with {@code --json}. */
    void figures(ObjectNode figures) {
        if (json) {
            out().println(text(figures));
            out().flush();
        }
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A number, or null where JSON has none. */
    static JsonNode number(double value) {
        return Double.isFinite(value)
                ? JsonNodeFactory.instance.numberNode(value)
                : JsonNodeFactory.instance.nullNode();
    }

    /** A share for people to read, such as {@code 34.7 %}; a dash where there is none (NaN). */
    static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** A figure for people to read, such as {@code 0.7125}; a dash where there is none (NaN). */
    static String figure(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.4f", value);
    }

    /** A number as people write it, such as {@code 1} or {@code 0.5}. */
    static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Adds the named parts of a score, where there are some. */
    static void parts(ObjectNode json, Map<String, Double> parts) {
        if (!parts.isEmpty()) {
            ObjectNode node = json.putObject("parts");
            parts.forEach((name, score) -> node.set(name, number(score)));
        }
    }

    static String text(JsonNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One line of a JSON Lines file. */
    static String line(JsonNode node) {
        return node.toString();
    }

    /** Adds how many questions were answered right, with the share and its 95 % interval. */
    static void accuracy(ObjectNode figures, Evaluation evaluation) {
        figures.set("accuracy", number(evaluation.accuracy()));
        figures.put("correct", evaluation.correct());
        figures.put("total", evaluation.total());
        figures.set("low", number(evaluation.interval().getLowerBound()));
        figures.set("high", number(evaluation.interval().getUpperBound()));
    }

    /** Writes a file beside and renames it. */
    static void write(Path file, String text) {
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
}
