package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Reply;

/** The sampling requests that are done, client by client, in the order in which they were: what {@code retrieve_futures} tells. */
final class Completions {
    /** Requests of a client's clone have numbers of their own from this one times the clone's on. */
    private static final long CLONE = 1_000_000_000;

    private static final int KEPT = 10_000;

    private final Duration patience;
    private final Futures futures;
    private final Map<Line, Queue> queues = new ConcurrentHashMap<>();

    /** One client of a sampler; 0 is the one that made it. */
    private record Line(String sampler, long client) {}

    private static final class Queue {
        private final TreeMap<Long, String> done = new TreeMap<>();
        private long last;
    }

    Completions(Duration patience, Futures futures) {
        this.patience = patience;
        this.futures = futures;
    }

    private Queue queue(String sampler, long client) {
        return queues.computeIfAbsent(new Line(sampler, client), _ -> new Queue());
    }

    void add(String sampler, long seq, String id) {
        Queue queue = queue(sampler, seq / CLONE);
        synchronized (queue) {
            queue.done.put(++queue.last, id);
            if (queue.done.size() > KEPT) {
                queue.done.pollFirstEntry();
            }
            queue.notifyAll();
        }
    }

    void forget(String sampler) {
        queues.keySet().removeIf(line -> line.sampler().equals(sampler));
    }

    /** Answers {@code retrieve_futures}: what was done after a cursor, waited for if there is nothing. */
    Reply retrieve(Call call, Sessions sessions) {
        Body body = new Body(call.body());
        Body target = body.object("target");
        Sessions.Sampler sampler = sessions.sampler(call, target.text("sampling_session_id"));
        long client = target.integer("cloned_sampler_id", 0, CLONE, 0);
        long cursor = body.integer("prev_cursor", 0, Long.MAX_VALUE, 0);
        double longest = patience.toMillis() / 1e3;
        double seconds = body.number("timeout", 0, Double.MAX_VALUE, longest);
        List<String> retrieved = new ArrayList<>();
        for (JsonNode id : body.json().path("retrieved_request_ids")) {
            retrieved.add(id.asText());
        }
        futures.forget(call, retrieved);
        Queue queue = queue(sampler.id(), client);
        long end = System.nanoTime() + (long) (Math.min(seconds, longest) * 1e9);
        Map<Long, String> news;
        synchronized (queue) {
            queue.done.headMap(cursor, true).clear();
            for (long left = end - System.nanoTime();
                    queue.done.isEmpty() && left > 0;
                    left = end - System.nanoTime()) {
                pause(queue, left);
            }
            news = new TreeMap<>(queue.done);
        }
        ObjectNode reply = Json.PLAIN.createObjectNode();
        ArrayNode all = reply.putArray("completions");
        long last = cursor;
        for (Map.Entry<Long, String> each : news.entrySet()) {
            String state = futures.succeeded(each.getValue()) ? "finished" : "failed";
            all.addObject().put("state", state).put("request_id", each.getValue());
            last = Math.max(last, each.getKey());
        }
        return Reply.json(reply.put("cursor", last));
    }

    private static void pause(Queue queue, long nanos) {
        try {
            queue.wait(Math.max(1, Duration.ofNanos(nanos).toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiError(503, "server_error", null, null, "The server ends; send the request again later.");
        }
    }
}
