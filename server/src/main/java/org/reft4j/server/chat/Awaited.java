package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.reft4j.ground.files.Json;
import org.reft4j.server.engine.SampleEvent;
import org.reft4j.server.engine.SampleStream;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Reply;

/**
 * A reply in one piece that completions are waited for. Where they take long, the reply begins with blanks, which JSON allows: so the connection
 * stays open, and a client that went away is noticed and makes room.
 */
final class Awaited {
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration BLANK = Duration.ofSeconds(1);

    private final SampleStream stream;
    private final List<Completed> all = new ArrayList<>();
    private int open;

    private Awaited(SampleStream stream, int requests, int count) {
        this.stream = stream;
        this.open = requests;
        for (int i = 0; i < requests; i++) {
            all.add(new Completed(count));
        }
    }

    /**
     * The reply; closes the stream.
     *
     * @param requests number of prompts
     * @param count completions of each
     */
    static Reply reply(SampleStream stream, int requests, int count, Function<List<Completed>, JsonNode> json) {
        Awaited awaited = new Awaited(stream, requests, count);
        boolean streamed = false;
        try {
            if (awaited.within(SOON)) {
                return Reply.json(json.apply(awaited.all));
            }
            streamed = true;
            return new Reply.Stream("application/json", out -> {
                try (stream) {
                    awaited.write(out, json);
                }
            });
        } finally {
            if (!streamed) {
                stream.close();
            }
        }
    }

    private void write(OutputStream out, Function<List<Completed>, JsonNode> json) throws IOException {
        try {
            do {
                out.write(' ');
                out.flush();
            } while (!within(BLANK));
        } catch (ApiError e) {
            // The status is out already: a reply that breaks off is sent for again by every client.
            throw new IOException("the completion failed: " + e.getMessage(), e);
        }
        out.write(Json.PLAIN.writeValueAsBytes(json.apply(all)));
    }

    /** True if all have come within some time. */
    private boolean within(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (open > 0) {
            long left = end - System.nanoTime();
            SampleStream.Heard heard =
                    left < 0 ? null : stream.next(Duration.ofNanos(left)).orElse(null);
            if (heard == null) {
                return false;
            }
            all.get(heard.request()).take(heard.event());
            open -= heard.event() instanceof SampleEvent.End ? 1 : 0;
        }
        return true;
    }
}
