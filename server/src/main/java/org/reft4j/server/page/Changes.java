package org.reft4j.server.page;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.reft4j.server.http.Reply;

/** Tells a page that what it shows has changed, as server-sent events; the page then asks for the parts that it shows. */
final class Changes {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int LOOKS_TO_PING = 5;
    private static final int MOST_SEEN = 1000;

    private final ConcurrentMap<String, Seen> seen = new ConcurrentHashMap<>();

    /** A signature, and when it was looked at in nanoseconds: thousands may watch one job, and one look serves them all. */
    private record Seen(String signature, long at) {
        boolean fresh() {
            return System.nanoTime() - at < LOOK.toNanos() / 2;
        }
    }

    private String signature(String what, Supplier<String> signature) {
        if (seen.size() > MOST_SEEN) {
            seen.values().removeIf(each -> !each.fresh());
        }
        return seen.compute(
                        what,
                        (_, known) ->
                                known != null && known.fresh() ? known : new Seen(signature.get(), System.nanoTime()))
                .signature();
    }

    /**
     * The stream of one watcher.
     *
     * @param what names the thing that is watched, and by whose right
     * @param look gives a text that changes whenever the thing does
     */
    Reply stream(String what, Supplier<String> look) {
        return new Reply.Stream("text/event-stream", out -> {
            String known = signature(what, look);
            send(out, ": here\n\n");
            for (int time = 1; ; time++) {
                try {
                    Thread.sleep(LOOK);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    return;
                }
                String now = signature(what, look);
                if (!now.equals(known)) {
                    known = now;
                    send(out, "event: changed\ndata: \n\n");
                } else if (time % LOOKS_TO_PING == 0) {
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
