package org.reft4j.server.engine;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Futures by session and number: a request that is sent again gets the future of the first time. */
final class Idempotence {
    /** Finished futures that are kept. */
    private static final int KEPT = 10_000;

    private final Map<Engine.Request, CompletableFuture<?>> futures = new LinkedHashMap<>();

    /** The caller asks for the same type each time. */
    @SuppressWarnings("unchecked")
    synchronized <T> CompletableFuture<T> once(Engine.Request request, Supplier<CompletableFuture<T>> work) {
        CompletableFuture<?> known = futures.get(request);
        if (known != null) {
            return (CompletableFuture<T>) known;
        }
        CompletableFuture<T> future = work.get();
        futures.put(request, future);
        Iterator<CompletableFuture<?>> oldest = futures.values().iterator();
        while (futures.size() > KEPT && oldest.hasNext()) {
            if (oldest.next().isDone()) {
                oldest.remove();
            }
        }
        return future;
    }
}
