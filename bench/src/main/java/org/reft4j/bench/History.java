package org.reft4j.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.ground.files.Json;
import org.reft4j.tensor.Calibration;

/** History of measurements with date, machine and sources: a line of {@code bench/history.jsonl} for each run. */
final class History {
    private static final long PATIENCE = 10;

    private final ObjectNode line = Json.PLAIN.createObjectNode();

    History(String what) {
        line.put("what", what);
        line.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        line.put("commit", said("git", "describe", "--always", "--dirty", "--abbrev=10"));
        line.put("machine", machine());
        line.put("cores", Runtime.getRuntime().availableProcessors());
        line.put("threads", torch.get_num_threads());
        line.put("blas", Calibration.blas());
    }

    /** Adds a figure. */
    void put(String name, double value) {
        line.put(name, Math.round(value * 1e4) / 1e4);
    }

    /** The line, as JSON. */
    @Override
    public String toString() {
        return line.toString();
    }

    /** Adds the line to the file. */
    void write() {
        try {
            Files.writeString(
                    Path.of("bench/history.jsonl"),
                    line + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write bench/history.jsonl; run from the repository's root", e);
        }
    }

    private static String machine() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(text -> text.startsWith("model name"))
                    .map(text -> text.substring(text.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.name") + " " + System.getProperty("os.arch");
        }
    }

    private static String said(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(PATIENCE, TimeUnit.SECONDS) && !text.isEmpty() ? text : "unknown";
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
