package org.reft4j.server.http;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Holds back whoever asks too often: each has a number of requests a second, and twice as many at once. */
final class Throttle {
    private static final int REMEMBERED = 10_000;

    private final int perSecond;
    private final Map<String, Bucket> buckets = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > REMEMBERED;
        }
    });

    /** @param perSecond 0 for any number */
    Throttle(int perSecond) {
        this.perSecond = perSecond;
    }

    /** @throws ApiError 429 if there were too many requests of them */
    void require(String who) {
        if (perSecond == 0) {
            return;
        }
        Bucket bucket = buckets.computeIfAbsent(
                who,
                key -> Bucket.builder()
                        .addLimit(
                                limit -> limit.capacity(2L * perSecond).refillGreedy(perSecond, Duration.ofSeconds(1)))
                        .build());
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
        if (!probe.isConsumed()) {
            long wait = Math.max(
                    1, Duration.ofNanos(probe.getNanosToWaitForRefill()).toMillis());
            throw new ApiError(
                            429,
                            "rate_limit_error",
                            null,
                            "rate_limit_exceeded",
                            "Too many requests; this server takes " + perSecond + " a second. Try again in " + wait
                                    + " ms.")
                    .with("Retry-After", Long.toString((wait + 999) / 1000))
                    .with("retry-after-ms", Long.toString(wait));
        }
    }
}
