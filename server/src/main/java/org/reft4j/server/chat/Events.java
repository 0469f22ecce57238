package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.reft4j.ground.files.Json;

/** Writes server-sent events as OpenAI's clients read them. */
final class Events {
    private final OutputStream out;

    Events(OutputStream out) {
        this.out = out;
    }

    void send(JsonNode data) throws IOException {
        line("data: " + Json.PLAIN.writeValueAsString(data));
    }

    void done() throws IOException {
        line("data: [DONE]");
    }

    /** Keeps the connection open, and finds out that a client went away. */
    void comment() throws IOException {
        line(": waiting");
    }

    private void line(String text) throws IOException {
        out.write((text + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
