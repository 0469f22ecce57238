package org.reft4j.server.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.reft4j.server.http.ApiError;

/** Events of {@link SampleRequest}s that were put together, for one reader. Closing it tells the engine that nobody waits any more. */
public final class SampleStream implements AutoCloseable {
    private final BlockingQueue<Told> queue = new LinkedBlockingQueue<>();
    private final Runnable cancel;

    private sealed interface Told {}

    private record Event(Heard heard) implements Told {}

    private record Failure(ApiError error) implements Told {}

    SampleStream(Runnable cancel) {
        this.cancel = cancel;
    }

    /**
     * An event.
     *
     * @param request number of the request that it is about
     */
    public record Heard(int request, SampleEvent event) {}

    void put(int request, SampleEvent event) {
        queue.add(new Event(new Heard(request, event)));
    }

    void fail(ApiError error) {
        queue.add(new Failure(error));
    }

    /**
     * The next event; empty if none came in time.
     *
     * @throws ApiError if the request has failed
     */
    public Optional<Heard> next(Duration patience) {
        try {
            return switch (queue.poll(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                case null -> Optional.empty();
                case Event event -> Optional.of(event.heard());
                case Failure failure -> throw failure.error();
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiError(503, "server_error", null, null, "The server ends; send the request again later.");
        }
    }

    @Override
    public void close() {
        cancel.run();
    }
}
