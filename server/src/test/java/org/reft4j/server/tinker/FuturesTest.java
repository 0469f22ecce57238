package org.reft4j.server.tinker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Caller;
import org.reft4j.server.tinker.Futures.Result;

class FuturesTest {
    /** A request of a project, without anything in it. */
    private record Bare(Caller caller) implements Call {
        @Override
        public String id() {
            return "req";
        }

        @Override
        public String path(String name) {
            return "";
        }

        @Override
        public Optional<String> query(String name) {
            return Optional.empty();
        }

        @Override
        public Map<String, List<String>> query() {
            return Map.of();
        }

        @Override
        public Optional<String> header(String name) {
            return Optional.empty();
        }

        @Override
        public boolean secure() {
            return false;
        }

        @Override
        public ObjectNode body() {
            return Json.PLAIN.createObjectNode();
        }

        @Override
        public InputStream stream() {
            return InputStream.nullInputStream();
        }
    }

    @Test
    void noProjectFillsTheQueue() {
        Futures futures = new Futures(Duration.ofMillis(1), 2);
        Call one = new Bare(new Caller("one", "key", Caller.Role.WRITE));
        Call two = new Bare(new Caller("two", "key", Caller.Role.WRITE));
        CompletableFuture<Result> first = new CompletableFuture<>();
        String id = futures.once(one, "m", 1, () -> first);
        String _ = futures.once(one, "m", 2, CompletableFuture::new);
        ApiError full = assertThrows(ApiError.class, () -> futures.once(one, "m", 3, CompletableFuture::new));
        assertEquals(429, full.status());
        assertEquals(Map.of("Retry-After", "1"), full.headers());
        // What was taken is taken, and another project has a queue of its own.
        assertEquals(id, futures.once(one, "m", 1, CompletableFuture::new));
        String _ = futures.once(two, "m", 3, CompletableFuture::new);
        first.complete(new Result.Value(Json.PLAIN.createObjectNode()));
        String _ = futures.once(one, "m", 3, CompletableFuture::new);
    }
}
