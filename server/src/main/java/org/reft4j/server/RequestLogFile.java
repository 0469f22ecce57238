package org.reft4j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.http.RequestLog;

/** The log of requests in a file, {@code requests.jsonl}, with the one before it beside it. A disk that fails costs lines of the log, not the server. */
final class RequestLogFile implements RequestLog, AutoCloseable {
    private static final long LONGEST = 64L << 20;

    private final Path file;
    private final Path before;
    private @Nullable Writer out;
    private long length;
    private boolean closed;

    private RequestLogFile(Path folder) {
        this.file = folder.resolve("requests.jsonl");
        this.before = folder.resolve("requests.1.jsonl");
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
        return opened;
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
                end();
                Files.move(file, before, StandardCopyOption.REPLACE_EXISTING);
                var _ = open();
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
