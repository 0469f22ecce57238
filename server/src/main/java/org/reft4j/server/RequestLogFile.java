package org.reft4j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.http.RequestLog;

/** The log of requests in a file, {@code requests.jsonl}, with the one before it beside it. A disk that fails costs lines of the log, not the server. */
final class RequestLogFile implements RequestLog, AutoCloseable {
    private static final long LONGEST = 64L << 20;
    private static final Pattern TIME = Pattern.compile("\"time\":\"([^\"]+)\"");

    private final Path file;
    private final Path old;
    private @Nullable Writer out;
    private long length;
    private long begun;
    private boolean closed;

    private RequestLogFile(Path folder) {
        this.file = folder.resolve("requests.jsonl");
        this.old = folder.resolve("requests.1.jsonl");
    }

    static RequestLogFile in(Path folder) {
        RequestLogFile log = new RequestLogFile(folder);
        try {
            Files.createDirectories(folder);
            var _ = log.open();
        } catch (IOException e) {
            throw new ServerException(folder + " cannot be written to: " + e.getMessage(), e);
        }
        return log;
    }

    private Writer open() throws IOException {
        Writer opened = Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        out = opened;
        length = Files.size(file);
        begun = length == 0 ? System.currentTimeMillis() : begun(file);
        return opened;
    }

    /** The time of the first line, as far as it can be read. */
    private static long begun(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst()
                    .map(line -> TIME.matcher(line))
                    .filter(Matcher::find)
                    .map(time -> Instant.parse(time.group(1)).toEpochMilli())
                    .orElse(System.currentTimeMillis());
        } catch (IOException | UncheckedIOException | DateTimeParseException e) {
            return System.currentTimeMillis();
        }
    }

    /**
     * Deletes lines that are older: a file begins anew after that time, and the one before it goes after as long again.
     *
     * @param kept zero for ever
     */
    synchronized void sweep(Duration kept) throws IOException {
        if (kept.isZero()) {
            return;
        }
        long before = System.currentTimeMillis() - kept.toMillis();
        if (Files.exists(old) && Files.getLastModifiedTime(old).toMillis() < before) {
            Files.delete(old);
        }
        if (out != null && length > 0 && begun < before) {
            turn();
        }
    }

    private void turn() throws IOException {
        end();
        Files.move(file, old, StandardCopyOption.REPLACE_EXISTING);
        var _ = open();
    }

    @Override
    public synchronized void write(ObjectNode line) {
        if (closed) {
            return;
        }
        try {
            Writer now = out;
            if (now == null) {
                now = open();
                now.write('\n'); // the line that a full disk cut off must not take this one with it
            }
            String text = line + "\n";
            now.write(text);
            now.flush();
            length += text.length();
            if (length > LONGEST) {
                turn();
            }
        } catch (IOException e) {
            end(); // the next line tries again
        }
    }

    private void end() {
        Writer now = out;
        out = null;
        if (now != null) {
            try {
                now.close();
            } catch (IOException e) {
                return; // every line was flushed
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        end();
    }
}
