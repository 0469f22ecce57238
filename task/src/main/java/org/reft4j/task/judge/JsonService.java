package org.reft4j.task.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.text.OneLine;

/**
 * An address that takes JSON and gives JSON. A call has one deadline for all its attempts; what may pass (no connection, 408, 409, 429,
 * 5xx) is tried again, later each time. Redirects are followed on the same host and port only, since headers carry keys. Whatever the
 * other side does is a {@link Outcome}, not an exception. Safe for many threads.
 */
public final class JsonService {
    private static final int MOST_REDIRECTS = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);

    private final URI address;
    private final Map<String, String> headers;
    private final Limits limits;
    private final Pauses time;
    private final Semaphore places;
    private final RateLimit rate;
    private final boolean guarded;

    public JsonService(URI address, Map<String, String> headers, Limits limits, Pauses time) {
        this(address, headers, limits, time, false);
    }

    /** @param guarded true if its address is a stranger's, and is refused where it lies in a private network at the time of a call */
    public JsonService(URI address, Map<String, String> headers, Limits limits, Pauses time, boolean guarded) {
        this.guarded = guarded;
        if (guarded) {
            PublicNames.guard(address.getHost());
        }
        this.address = address;
        this.headers = Map.copyOf(headers);
        this.limits = limits;
        this.time = time;
        places = new Semaphore(limits.concurrency, true);
        rate = new RateLimit(limits.perSecond, time);
    }

    /**
     * Limits of requests to the server.
     *
     * @param concurrency calls at once, at least 1
     * @param perSecond attempts begun in a second; infinite for no limit
     * @param retries attempts after the first
     * @param largestReply in bytes
     */
    public record Limits(int concurrency, double perSecond, int retries, int largestReply) {}

    /** Outcome of a call. */
    public sealed interface Outcome {
        /** A status of 200 to 299 with JSON. */
        record Replied(JsonNode body) implements Outcome {}

        /** No reply in time. */
        record Silent(String reason) implements Outcome {}

        /** No connection, another status or a redirect to elsewhere. */
        record Broken(String reason) implements Outcome {}

        /** A reply that is not JSON or too large. */
        record Rubbish(String reason) implements Outcome {}
    }

    /** An attempt's end, and whether and when another might end better. */
    private record Attempt(Outcome outcome, boolean again, OptionalLong pauseSeconds) {
        static Attempt last(Outcome outcome) {
            return new Attempt(outcome, false, OptionalLong.empty());
        }
    }

    /** One client for all: it holds a thread and its connections, and none of a service's secrets. */
    private static final class Client {
        private static final HttpClient HTTP = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                // Small servers stumble over the offer of HTTP/2 that a POST would carry.
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /**
     * Posts a body and waits for the reply.
     *
     * @param timeout for all attempts and the pauses between them, not for waiting until a place is free or the rate allows it
     */
    public Outcome post(JsonNode body, Duration timeout) {
        // Not written as bytes by Jackson, which refuses half a surrogate pair: models write such things.
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        try {
            places.acquire();
        } catch (InterruptedException e) {
            return interrupted();
        }
        try {
            return attempts(bytes, timeout);
        } catch (InterruptedException e) {
            return interrupted();
        } finally {
            places.release();
        }
    }

    private static Outcome interrupted() {
        Thread.currentThread().interrupt();
        return new Outcome.Broken("interrupted while waiting for a reply");
    }

    private Outcome attempts(byte[] body, Duration timeout) throws InterruptedException {
        long deadline = time.nanos() + timeout.toNanos();
        for (int tried = 0; ; tried++) {
            long asked = time.nanos();
            rate.await();
            deadline += time.nanos() - asked;
            Attempt attempt = attempt(address, body, deadline, timeout, 0);
            if (!attempt.again || tried == limits.retries) {
                return attempt.outcome;
            }
            Duration pause = attempt.pauseSeconds.isPresent()
                    ? Duration.ofSeconds(attempt.pauseSeconds.getAsLong())
                    : pause(tried, body);
            if (pause.toNanos() >= deadline - time.nanos()) {
                return attempt.outcome;
            }
            time.pause(pause);
        }
    }

    /** Doubled each time; between half of that and all of it, so that calls that failed together do not return together. */
    private static Duration pause(int tried, byte[] body) {
        long whole = Math.min(FIRST_PAUSE.toMillis() << Math.min(tried, 10), LONGEST_PAUSE.toMillis());
        long spread = Math.floorMod(Arrays.hashCode(body) * 31L + tried, whole / 2 + 1);
        return Duration.ofMillis(whole - spread);
    }

    private Attempt attempt(URI at, byte[] body, long deadline, Duration timeout, int redirects)
            throws InterruptedException {
        long left = deadline - time.nanos();
        String silent = at + " gave no reply within " + timeout.toMillis() / 1000.0 + " s";
        if (left <= 0) {
            return Attempt.last(new Outcome.Silent(silent));
        }
        if (guarded) {
            try {
                PublicNames.require(at.getHost());
            } catch (UnknownHostException e) {
                return Attempt.last(new Outcome.Broken(at + " cannot be asked: " + OneLine.of(e.getMessage())));
            }
        }
        CompletableFuture<HttpResponse<Optional<byte[]>>> reply =
                Client.HTTP.sendAsync(request(at, body), _ -> new LimitedBody(limits.largestReply));
        try {
            HttpResponse<Optional<byte[]>> response = reply.get(left, TimeUnit.NANOSECONDS);
            if (response.statusCode() / 100 == 3) {
                return redirected(response, at, body, deadline, timeout, redirects);
            }
            return read(response, at);
        } catch (TimeoutException e) {
            return Attempt.last(new Outcome.Silent(silent));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof IOException io ? io : e;
            return new Attempt(
                    new Outcome.Broken(at + " cannot be asked: " + OneLine.of(cause)), true, OptionalLong.empty());
        } finally {
            reply.cancel(true);
        }
    }

    private HttpRequest request(URI at, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(at)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .header("Content-Type", "application/json")
                .header("Accept", "application/json");
        headers.forEach(request::setHeader);
        return request.build();
    }

    private Attempt redirected(
            HttpResponse<?> response, URI at, byte[] body, long deadline, Duration timeout, int redirects)
            throws InterruptedException {
        String location = response.headers().firstValue("Location").orElse("");
        Optional<URI> next = resolved(at, location);
        if (next.isEmpty() || !sameHost(next.get(), at)) {
            return Attempt.last(new Outcome.Broken(at + " redirects to " + OneLine.of(location)
                    + ", which is refused: give the address of the service itself"));
        }
        if (redirects == MOST_REDIRECTS) {
            return Attempt.last(new Outcome.Broken(at + " redirects without end"));
        }
        return attempt(next.get(), body, deadline, timeout, redirects + 1);
    }

    private static Optional<URI> resolved(URI at, String location) {
        try {
            return location.isEmpty() ? Optional.empty() : Optional.of(at.resolve(location));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean sameHost(URI one, URI other) {
        return other.getScheme().equalsIgnoreCase(one.getScheme())
                && other.getHost().equalsIgnoreCase(one.getHost())
                && other.getPort() == one.getPort();
    }

    private Attempt read(HttpResponse<Optional<byte[]>> response, URI at) {
        int status = response.statusCode();
        if (status / 100 != 2) {
            boolean again = status == 408 || status == 409 || status == 429 || status >= 500;
            String said = OneLine.of(new String(response.body().orElse(new byte[0]), StandardCharsets.UTF_8));
            String reason = at + " replied with status " + status + (said.isEmpty() ? "" : ": " + said);
            return new Attempt(new Outcome.Broken(reason), again, retryAfter(response));
        }
        if (response.body().isEmpty()) {
            return Attempt.last(new Outcome.Rubbish(at + " replied with more than " + limits.largestReply + " bytes"));
        }
        byte[] bytes = response.body().get();
        try {
            JsonNode body = Json.WHOLE.readTree(bytes);
            if (!body.isMissingNode()) {
                return Attempt.last(new Outcome.Replied(body));
            }
        } catch (JsonProcessingException e) {
            // said below
        } catch (IOException e) {
            // of an array of bytes there is none but the above, and of text that is not UTF-8
        }
        return Attempt.last(new Outcome.Rubbish(
                at + " replied with what is not JSON: " + OneLine.of(new String(bytes, StandardCharsets.UTF_8))));
    }

    private static OptionalLong retryAfter(HttpResponse<?> response) {
        try {
            return response.headers().firstValueAsLong("Retry-After");
        } catch (NumberFormatException e) {
            return OptionalLong.empty(); // a date
        }
    }

    /** The body of a reply, or nothing where it is larger than allowed; what comes after the limit is not read. */
    private static final class LimitedBody implements HttpResponse.BodySubscriber<Optional<byte[]>> {
        private final int limit;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<Optional<byte[]>> body = new CompletableFuture<>();
        private Flow.@Nullable Subscription source;

        LimitedBody(int limit) {
            this.limit = limit;
        }

        @Override
        public CompletionStage<Optional<byte[]>> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            source = subscription;
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                if (bytes.size() + buffer.remaining() > limit) {
                    body.complete(Optional.empty());
                    if (source != null) {
                        source.cancel();
                    }
                    return;
                }
                byte[] piece = new byte[buffer.remaining()];
                buffer.get(piece);
                bytes.writeBytes(piece);
            }
        }

        @Override
        public void onError(Throwable failure) {
            body.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            body.complete(Optional.of(bytes.toByteArray()));
        }
    }

    /** Lets so many calls begin in a second, evenly spaced. Safe for many threads. */
    static final class RateLimit {
        private final long interval;
        private final Pauses time;
        private long next; // guarded by this
        private boolean begun; // guarded by this

        /** @param perSecond more than 0; infinite for no limit */
        RateLimit(double perSecond, Pauses time) {
            interval = Double.isInfinite(perSecond)
                    ? 0
                    : (long) (Duration.ofSeconds(1).toNanos() / perSecond);
            this.time = time;
        }

        /** Returns when the caller's turn has come. */
        void await() throws InterruptedException {
            long wait = reserve();
            if (wait > 0) {
                time.pause(Duration.ofNanos(wait));
            }
        }

        private synchronized long reserve() {
            long now = time.nanos();
            long turn = begun ? Math.max(now - next, 0) + next : now;
            begun = true;
            next = turn + interval;
            return turn - now;
        }
    }
}
