package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Reply;

/** Work that clients come back for. A request that is sent again gets the future of the first time. */
final class Futures {
    /** Finished futures that are kept. */
    private static final int KEPT = 10_000;

    private final Duration patience;
    private final int most;
    private final Map<String, Pending> byId = new LinkedHashMap<>();
    private final Map<String, String> byKey = new HashMap<>();
    private final Map<String, Integer> waiting = new HashMap<>();

    private record Pending(String project, String key, CompletableFuture<Result> result, Runnable stop) {}

    /** The answer to a request. */
    sealed interface Result {
        record Value(ObjectNode body) implements Result {}

        @SuppressWarnings("ArrayRecordComponent") // handed over, and never compared
        record Message(byte[] body) implements Result {}
    }

    /** Work that was begun; {@code stop} ends it early. */
    record Work(CompletableFuture<Result> result, Runnable stop) {
        /** Work that cannot be stopped, since it changes a learner. */
        static Work of(CompletableFuture<Result> result) {
            return new Work(result, () -> {
                throw ApiError.invalid(
                        "request_id",
                        "Only sampling can be cancelled: what changes a learner is done in the order of asking.");
            });
        }
    }

    /**
     * @param patience of a reply to {@code retrieve_future} that has nothing to tell yet
     * @param most requests of a project that may wait at once
     */
    Futures(Duration patience, int most) {
        this.patience = patience;
        this.most = most;
    }

    /** The id of a request's future; see {@link #once(Call, String, long, Supplier, Consumer)}. */
    String once(Call call, String place, long seq, Supplier<CompletableFuture<Result>> work) {
        return once(call, place, seq, () -> Work.of(work.get()), _ -> {});
    }

    /**
     * The id of a request's future.
     *
     * @param place of the request among all of its model or session, such as {@code run-…/3}; what has none is never the same as another
     * @param done told the id once the work is done
     * @throws ApiError 429 if too many wait
     */
    synchronized String once(Call call, String place, long seq, Supplier<Work> work, Consumer<String> done) {
        String project = call.caller().project();
        String key = project + "\n" + place + "\n" + (seq > 0 ? Long.toString(seq) : Secrets.id("once-"));
        String known = byKey.get(key);
        if (known != null) {
            return known;
        }
        if (waiting.getOrDefault(project, 0) >= most) {
            throw new ApiError(
                            429,
                            "rate_limit_error",
                            null,
                            "too_many_waiting",
                            most + " requests of this project wait already; send this one again when some are done.")
                    .with("Retry-After", "1");
        }
        String id = Secrets.id("fut-");
        Work begun = work.get();
        byId.put(id, new Pending(project, key, begun.result(), begun.stop()));
        byKey.put(key, id);
        waiting.merge(project, 1, Integer::sum);
        var _ = begun.result().whenComplete((_, _) -> {
            left(project);
            done.accept(id);
        });
        trim();
        return id;
    }

    private synchronized void left(String project) {
        waiting.computeIfPresent(project, (_, count) -> count == 1 ? null : count - 1);
    }

    private void trim() {
        Iterator<Pending> oldest = byId.values().iterator();
        while (byId.size() > KEPT && oldest.hasNext()) {
            Pending pending = oldest.next();
            if (pending.result().isDone()) {
                oldest.remove();
                byKey.remove(pending.key());
            }
        }
    }

    /** Forgets answers that the client says it has. */
    synchronized void forget(Call call, List<String> ids) {
        for (String id : ids) {
            Pending pending = byId.get(id);
            if (pending != null
                    && pending.project().equals(call.caller().project())
                    && pending.result().isDone()) {
                byId.remove(id);
                byKey.remove(pending.key());
            }
        }
    }

    /** True if the work was done, and not refused. */
    synchronized boolean succeeded(String id) {
        Pending pending = byId.get(id);
        return pending != null && pending.result().isDone() && !pending.result().isCompletedExceptionally();
    }

    private synchronized Pending find(Call call, String id) {
        Pending pending = byId.get(id);
        if (pending == null || !pending.project().equals(call.caller().project())) {
            // Clients send the request itself again when they are told 410.
            throw new ApiError(
                    410,
                    "invalid_request_error",
                    "request_id",
                    "future_gone",
                    "There is no future " + id + ", or the server was started anew since; send the request again.");
        }
        return pending;
    }

    /** Answers {@code cancel_future}; what is done stays done. */
    Reply cancel(Call call) {
        Pending pending = find(call, new Body(call.body()).text("request_id"));
        if (!pending.result().isDone()) {
            pending.stop().run();
        }
        return Reply.json(Json.PLAIN.createObjectNode());
    }

    /** Answers {@code retrieve_future}. */
    Reply retrieve(Call call) {
        String id = new Body(call.body()).text("request_id");
        Pending pending = find(call, id);
        try {
            return reply(call, pending.result().get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return new Reply.Json(
                    408,
                    Json.PLAIN
                            .createObjectNode()
                            .put("type", "try_again")
                            .put("request_id", id)
                            .put("queue_state", "active"));
        } catch (ExecutionException e) {
            return failed(e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiError(503, "server_error", null, null, "The server ends; send the request again later.");
        }
    }

    private static Reply reply(Call call, Result result) {
        return switch (result) {
            case Result.Value value -> Reply.json(value.body());
            case Result.Message message -> {
                if (!call.header("Accept").orElse("").contains(Wire.TYPE)) {
                    throw new ApiError(
                            406,
                            "invalid_request_error",
                            null,
                            "protobuf_only",
                            "This answer is a protobuf message; send \"Accept: " + Wire.TYPE
                                    + "\", as tinker 0.25 and later do.");
                }
                yield new Reply.Bytes(200, Wire.TYPE, message.body());
            }
        };
    }

    private static Reply failed(@Nullable Throwable why) {
        boolean user = why instanceof ApiError error && error.status() < 500;
        ObjectNode body = Json.PLAIN.createObjectNode();
        body.put("error", why == null ? "The work failed." : String.valueOf(why.getMessage()));
        body.put("category", user ? "user" : "server");
        return Reply.json(body);
    }
}
