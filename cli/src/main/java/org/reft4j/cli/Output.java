package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Sheet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Output of a command: text for people, or one JSON object. Mixed into the commands that report figures. */
final class Output {
    /** Words that no shell interprets. */
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_./\\\\:@%+=,-]+");

    /** Characters that some shells interpret between double quotes too. */
    private static final Pattern ACTIVE = Pattern.compile("[\"$`!]");

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

    /** A result in the form that is asked for. */
    void show(Sheet sheet) {
        lines(sheet);
        figures(sheet.figures());
    }

    /** A result's lines, where more is to come. */
    void lines(Sheet sheet) {
        sheet.lines().forEach(line -> say("%s", line));
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

    /** A remark, whatever the form of the result. */
    @FormatMethod
    void remark(@FormatString String format, Object... values) {
        err().println(String.format(Locale.ROOT, format, values));
        err().flush();
    }

    /** Tells how to continue after Ctrl-C, for commands that continue when they are simply run again. */
    void interrupted() {
        remark("interrupted; the same command goes on from here");
    }

    /** The result for programs; printed only with {@code --json}. */
    void figures(ObjectNode figures) {
        if (json) {
            out().println(Results.text(figures));
            out().flush();
        }
    }
}
