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

/** The log of requests in a file, {@code requests.jsonl}, with the one before it beside it. A disk that fails stops the log, not the server. */
final class RequestLogFile implements RequestLog, AutoCloseable {
    private static final long LONGEST = 64L << 20;

    private final Path file;
    private final Path before;
    private @Nullable Writer out;
    private long length;

    private RequestLogFile(Path folder) {
        this.file = folder.resolve("requests.jsonl");
        this.before = folder.resolve("requests.1.jsonl");
    }

    static RequestLogFile in(Path folder) {
        RequestLogFile log = new RequestLogFile(folder);
        try {
            Files.createDirectories(folder);
            log.open();
        } catch (IOException e) {
            throw new ServerException(folder + " cannot be written to: " + e.getMessage(), e);
        }
        return log;
    }

    private void open() throws IOException {
        out = Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        length = Files.size(file);
    }

    @Override
    public synchronized void write(ObjectNode line) {
        try {
            Writer now = out;
            if (now == null) {
                return;
            }
            String text = line + "\n";
            now.write(text);
            now.flush();
            length += text.length();
            if (length > LONGEST) {
                close();
                Files.move(file, before, StandardCopyOption.REPLACE_EXISTING);
                open();
            }
        } catch (IOException e) {
            out = null;
        }
    }

    @Override
    public synchronized void close() {
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
}
