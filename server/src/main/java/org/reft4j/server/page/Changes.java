package org.reft4j.server.page;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import org.reft4j.server.http.Reply;

/** Tells a page that what it shows has changed, as server-sent events; the page then asks for the parts that it shows. */
final class Changes {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int LOOKS_TO_PING = 5;

    private Changes() {}

    /** @param signature changes whenever something did; cheap */
    static Reply stream(Supplier<String> signature) {
        return new Reply.Stream("text/event-stream", out -> {
            String known = signature.get();
            send(out, ": here\n\n");
            for (int look = 1; ; look++) {
                try {
                    Thread.sleep(LOOK);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    return;
                }
                String now = signature.get();
                if (!now.equals(known)) {
                    known = now;
                    send(out, "event: changed\ndata: \n\n");
                } else if (look % LOOKS_TO_PING == 0) {
                    send(out, ": still here\n\n"); // finds out about clients that went away, and about the end of the
                    // server
                }
            }
        });
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
