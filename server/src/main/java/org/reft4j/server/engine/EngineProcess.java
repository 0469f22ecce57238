package org.reft4j.server.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.worker.EngineJvm;
import org.reft4j.server.worker.HeldMemory;
import org.reft4j.server.worker.Tenant;

/**
 * The engine in a process of its own, so that a crash of native code, or want of memory, costs the requests in it and not the server. It is
 * started by the first request, and again by the first one after a crash.
 */
public final class EngineProcess implements Tenant, AutoCloseable {
    private static final int PATIENCE_SECONDS = 5;
    /** An engine that nobody asked anything for so long may go. */
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final EngineSettings settings;
    private final List<String> options;
    private final AtomicLong ids = new AtomicLong(1);
    private @Nullable Child child;
    private final int most;
    private boolean closed;
    private long asked = System.nanoTime();

    /** @param options more options of the process's JVM, such as {@code -Xmx1g} */
    public EngineProcess(EngineSettings settings, List<String> options) {
        this(settings, options, Integer.MAX_VALUE);
    }

    /** @param most completions that are asked for and not finished; more are refused */
    public EngineProcess(EngineSettings settings, List<String> options, int most) {
        this.settings = settings;
        this.options = List.copyOf(options);
        this.most = most;
    }

    /** Samples; the events come as the tokens do, those of all requests in one stream. */
    public SampleStream sample(List<SampleRequest> requests) {
        Child running = running();
        if (running.waiting.size() + requests.size() > most) {
            throw new ApiError(
                            429,
                            "rate_limit_error",
                            null,
                            "too_many_waiting",
                            "Too many requests wait for the models (limits.waiting is " + most
                                    + " completions); send it again later.")
                    .with("Retry-After", "2");
        }
        long first = ids.getAndAdd(requests.size());
        SampleStream stream = new SampleStream(() -> {
            for (int i = 0; i < requests.size(); i++) {
                running.cancel(first + i);
            }
        });
        for (int i = 0; i < requests.size(); i++) {
            ObjectNode head = Json.PLAIN.createObjectNode().put("id", first + i).put("op", "sample");
            head.set("request", Json.PLAIN.valueToTree(requests.get(i)));
            running.ask(first + i, head, new Asked(stream, i));
        }
        return stream;
    }

    /**
     * Asks a learner to do something, after what was asked of it before.
     *
     * @return fails with an {@link ApiError} if it cannot be done, or if the engine ends first: its learners are then forgotten
     */
    public CompletableFuture<ObjectNode> learn(Verb verb) {
        CompletableFuture<ObjectNode> result = new CompletableFuture<>();
        Child running = running();
        running.teaches = true;
        long id = ids.getAndIncrement();
        ObjectNode head = Json.PLAIN.createObjectNode().put("id", id).put("op", "learn");
        head.set("request", Json.PLAIN.valueToTree(verb));
        running.ask(id, head, new Change(result));
        return result;
    }

    /** A request that waits. */
    private sealed interface Waiting {
        void fail(ApiError error);
    }

    private record Asked(SampleStream stream, int number) implements Waiting {
        @Override
        public void fail(ApiError error) {
            stream.fail(error);
        }
    }

    private record Change(CompletableFuture<ObjectNode> result) implements Waiting {
        @Override
        public void fail(ApiError error) {
            boolean _ = result.completeExceptionally(error);
        }
    }

    /** Process id of the engine, if it runs. */
    public synchronized Optional<Long> pid() {
        return Optional.ofNullable(child).filter(each -> each.process.isAlive()).map(each -> each.process.pid());
    }

    private synchronized Child running() {
        if (closed) {
            throw new ApiError(503, "server_error", null, null, "The server ends; send the request again later.");
        }
        Child now = child;
        if (now == null || !now.process.isAlive() || now.over) {
            now = start();
            child = now;
        }
        asked = System.nanoTime();
        return now;
    }

    @Override
    public long bytes() {
        return pid().map(HeldMemory::of).orElse(0L);
    }

    /** Ends the process if nobody asks for anything and it has no learners; the next request starts it again. */
    @Override
    public void leave() {
        Child idle;
        synchronized (this) {
            idle = child;
            if (idle == null || idle.teaches || !idle.waiting.isEmpty() || System.nanoTime() - asked < IDLE.toNanos()) {
                return;
            }
            child = null;
        }
        idle.end();
    }

    private Child start() {
        List<String> arguments = List.of(
                Long.toString(settings.memoryBytes()),
                Long.toString(settings.cacheBytes()),
                Integer.toString(settings.rows()),
                settings.compute());
        try {
            return new Child(EngineJvm.of(EngineMain.class, options, arguments)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new ApiError(
                    503, "server_error", null, "engine_not_started", "The engine cannot be started: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        Child last;
        synchronized (this) {
            closed = true;
            last = child;
        }
        if (last != null) {
            last.end();
        }
    }

    /** A started process with the requests that it works on. */
    private static final class Child {
        private final Process process;
        private final DataOutputStream out;
        private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
        private volatile boolean over;
        /** It has, or had, learners, which live in it alone. */
        private volatile boolean teaches;

        Child(Process process) {
            this.process = process;
            this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
            Thread.ofPlatform().name("engine-answers").daemon().start(this::listen);
        }

        void ask(long id, ObjectNode head, Waiting asked) {
            waiting.put(id, asked);
            send(head);
            if (over) {
                failAll();
            }
        }

        void cancel(long id) {
            if (waiting.remove(id) != null && !over) {
                send(Json.PLAIN.createObjectNode().put("id", id).put("op", "cancel"));
            }
        }

        private void send(ObjectNode head) {
            try {
                new Frame(head).write(out);
            } catch (IOException e) {
                // It is gone; whoever listens finds out, and tells all that wait.
                over = true;
            }
        }

        private void listen() {
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
                Optional<Frame> frame = Frame.read(in);
                while (frame.isPresent()) {
                    take(frame.get().head());
                    frame = Frame.read(in);
                }
            } catch (IOException e) {
                process.destroyForcibly();
            } finally {
                over = true;
                failAll();
            }
        }

        private void take(ObjectNode head) throws IOException {
            long id = head.path("id").asLong();
            String event = head.path("event").asText();
            Waiting asked = waiting.get(id);
            if (asked == null) {
                return;
            }
            if (event.equals("error")) {
                waiting.remove(id);
                asked.fail(new ApiError(
                        head.path("status").asInt(),
                        head.path("type").asText(),
                        text(head.path("param")),
                        text(head.path("code")),
                        head.path("message").asText()));
                return;
            }
            head.remove(List.of("id", "event"));
            switch (asked) {
                case Asked sampling -> tell(id, sampling, event, head);
                case Change change -> {
                    waiting.remove(id);
                    boolean _ = change.result().complete(head.withObjectProperty("answer"));
                }
            }
        }

        private void tell(long id, Asked asked, String event, ObjectNode head) throws IOException {
            SampleEvent told = switch (event) {
                case "prompt" -> Json.PLAIN.treeToValue(head, SampleEvent.Prompt.class);
                case "text" -> Json.PLAIN.treeToValue(head, SampleEvent.Text.class);
                case "finish" -> Json.PLAIN.treeToValue(head, SampleEvent.Finish.class);
                default -> new SampleEvent.End();
            };
            if (told instanceof SampleEvent.End) {
                waiting.remove(id);
            }
            asked.stream().put(asked.number(), told);
        }

        private static @Nullable String text(JsonNode node) {
            return node.isTextual() ? node.asText() : null;
        }

        private void failAll() {
            for (Long id : List.copyOf(waiting.keySet())) {
                Waiting asked = waiting.remove(id);
                if (asked != null) {
                    asked.fail(new ApiError(503, "server_error", null, "engine_ended", ended()));
                }
            }
        }

        private String ended() {
            try {
                boolean done = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
                int code = done ? process.exitValue() : 0;
                return "The engine ended while it worked on this request (exit code " + code
                        + (code == 137 ? ", perhaps for want of memory" : "") + "); send the request again.";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "The engine ended while it worked on this request; send the request again.";
            }
        }

        void end() {
            try {
                out.close();
                if (!process.waitFor(Duration.ofSeconds(PATIENCE_SECONDS))) {
                    process.destroyForcibly();
                }
            } catch (IOException e) {
                process.destroyForcibly();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
