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
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a command writes, and in which form: for people, or as one JSON object. Mixed into the commands that report figures. */
final class Output {
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

    /** A remark, whatever the form of the result. */
    @FormatMethod
    void remark(@FormatString String format, Object... values) {
        err().println(String.format(Locale.ROOT, format, values));
        err().flush();
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

    /** Writes a file beside and renames it. */
    static void write(Path file, String text) {
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            try {
                Files.writeString(beside, text);
                try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(beside);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
