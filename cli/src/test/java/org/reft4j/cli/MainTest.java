package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.DataException;
import org.reft4j.train.ConfigException;
import org.reft4j.train.DivergedException;
import org.reft4j.train.run.RunException;
import picocli.CommandLine;

final class MainTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {"quickstart", "train", "evaluate", "generate", "grade", "data", "rollouts", "report", "doctor"})
    void everyCommandTeaches(String command) {
        Cli help = Cli.run(command, "--help").done();
        assertTrue(help.out().contains("Usage: reft " + command), help.out());
        assertTrue(help.out().contains("Examples:"), help.out());
        assertTrue(help.out().contains("reft " + command + " "), "an example of itself");
        assertEquals("", help.err(), "no complaint of picocli about a format");
        assertTrue(Cli.run("--help").done().out().contains("  " + command + " "), "in the list of commands");
    }

    @Test
    void withoutAnythingItHelps() {
        assertEquals(Cli.run("--help").done().out(), Cli.run().done().out());
        assertTrue(Cli.run("--version").done().out().startsWith("reft "));
    }

    @Test
    void completesWords() {
        assertTrue(Cli.run("generate-completion").done().out().contains("complete -F"));
    }

    @Test
    void suggestsTheRightCommandAndOption() {
        Cli command = Cli.run("trian");
        assertEquals(2, command.status());
        assertTrue(command.err().contains("Did you mean: reft train"), command.err());
        Cli option = Cli.run("evaluate", "--modle", "x", "--data", "y");
        assertEquals(2, option.status());
        assertTrue(option.err().startsWith("reft: "), option.err());
        Cli missing = Cli.run("evaluate", "--data", "y");
        assertEquals(2, missing.status());
        assertEquals(
                "reft: Missing required option: '--model=MODEL'\nTry: reft evaluate --help\n",
                missing.err().replace("\r", ""));
        assertEquals(2, Cli.run("data", "wordproblems", "--cot", "x").status());
    }

    @Test
    void badInputIsOneLineAndStatusTwo() {
        Path missing = folder.resolve("none.yaml");
        Cli cli = Cli.run("train", missing);
        assertEquals(2, cli.status());
        assertEquals("reft: " + missing + ": there is no such file", cli.err().strip());
        assertEquals("", cli.out());
    }

    @Test
    void debugShowsWhereItArose() {
        Cli cli = Cli.run("train", folder.resolve("none.yaml"), "--debug");
        assertTrue(cli.err().contains("ConfigException"), cli.err());
        assertTrue(cli.err().contains("\tat org.reft4j."), cli.err());
    }

    @Test
    void eachKindOfErrorHasItsStatus() {
        assertEquals(2, status(new ConfigException("c")));
        assertEquals(2, status(new DataException("d")));
        assertEquals(1, status(new DivergedException("e")));
        assertEquals(1, status(new RunException("f")));
        assertEquals(
                "reft: cannot write x: NoSpace: disk full",
                errorOf(new java.io.UncheckedIOException("cannot write x", new NoSpaceException())));
    }

    @Test
    void theUnexpectedLeavesALog() throws IOException {
        String error = errorOf(new IllegalStateException("first line\nsecond"));
        Matcher matcher = Pattern.compile("reft: unexpected error: first line \\(details: (.*)\\)")
                .matcher(error);
        assertTrue(matcher.matches(), error);
        Path log = Path.of(matcher.group(1));
        String text = Files.readString(log);
        assertTrue(text.contains("IllegalStateException: first line"), text);
        assertTrue(text.contains("arguments: [data]"), text);
        Files.delete(log);
    }

    @Test
    void outOfMemorySaysWhatToDo() {
        String error = errorOf(new RuntimeException(
                "[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory"));
        assertTrue(error.contains("micro-batch-tokens"), error);
        assertFalse(error.contains("details"), error);
    }

    private static int status(Exception e) {
        return handle(e, new StringWriter());
    }

    private static String errorOf(Exception e) {
        StringWriter err = new StringWriter();
        assertEquals(1, handle(e, err));
        return err.toString().strip();
    }

    private static int handle(Exception e, StringWriter err) {
        CommandLine commandLine = new CommandLine(new DataCommand()).setErr(new PrintWriter(err));
        return new Failures(() -> false).handleExecutionException(e, commandLine, commandLine.parseArgs("data"));
    }

    /** An exception like the JDK's own, with only a path or a phrase as its message. */
    private static final class NoSpaceException extends IOException {
        private static final long serialVersionUID = 1L;

        NoSpaceException() {
            super("disk full");
        }
    }
}
