package org.reft4j.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The {@code reft} command as a process of its own, as its users start it.
 */
final class Reft {
    private static final long LIMIT_SECONDS = 240;

    private Reft() {}

    /**
     * Result of a finished process.
     *
     * @param exit the exit status; 128 + 9 after SIGKILL
     */
    record Outcome(int exit, String out, String err) {
        /** The lines of standard error that are not empty. */
        List<String> errors() {
            return err.lines().filter(line -> !line.isBlank()).toList();
        }

        /** This outcome, if the command succeeded. */
        Outcome orThrow() {
            if (exit != 0) {
                throw new AssertionError("exit status " + exit + "\n" + err + "\n" + out);
            }
            return this;
        }
    }

    /** Runs the program in a directory until it ends by itself. */
    static Outcome run(Path directory, String... arguments) {
        return finish(directory, Program.get().command(List.of(arguments)));
    }

    /** Runs the program after a line of shell, such as {@code ulimit -f 100}. */
    static Outcome runAfter(String shell, Path directory, String... arguments) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", shell + "; exec \"$@\"", "sh"));
        command.addAll(Program.get().command(List.of(arguments)));
        return finish(directory, command);
    }

    /** Starts the program and leaves it running; what it writes is appended to {@code log}. */
    static Process start(Path directory, Path log, String... arguments) {
        return start(directory, log, Program.get().command(List.of(arguments)));
    }

    /** The same, as on a machine with one processor. */
    static Process startOnOneProcessor(Path directory, Path log, String... arguments) {
        return start(directory, log, Program.get().commandOnOneProcessor(List.of(arguments)));
    }

    private static Process start(Path directory, Path log, List<String> command) {
        try {
            return builder(directory, command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the program", e);
        }
    }

    private static ProcessBuilder builder(Path directory, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        // Models of these tests are too small to gain from threads, and threads that wait for one another crawl on a
        // busy machine.
        builder.environment().put("OMP_NUM_THREADS", System.getProperty("tests.threads", "1"));
        return builder;
    }

    private static Outcome finish(Path directory, List<String> command) {
        try {
            // Files rather than pipes, so that no thread has to drain them; outside the directory, whose listing is
            // compared.
            Path out = Files.createTempFile("reft-out", ".txt");
            Path err = Files.createTempFile("reft-err", ".txt");
            Process process = builder(directory, command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError("still running after " + LIMIT_SECONDS + " s: " + Files.readString(err));
            }
            Outcome outcome = new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
            Files.delete(out);
            Files.delete(err);
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run the program", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the program", e);
        }
    }
}
