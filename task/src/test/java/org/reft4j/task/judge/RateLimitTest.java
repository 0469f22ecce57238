package org.reft4j.task.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.task.judge.JsonService.RateLimit;

final class RateLimitTest {
    private final FakePauses time = new FakePauses();

    @Test
    void callsAreSpacedEvenly() throws InterruptedException {
        RateLimit rate = new RateLimit(4, time);
        for (int i = 0; i < 4; i++) {
            rate.await();
        }
        assertEquals(List.of(Duration.ofMillis(250), Duration.ofMillis(250), Duration.ofMillis(250)), time.pauses());
    }

    @Test
    void whatWasNotUsedIsNotSaved() throws InterruptedException {
        RateLimit rate = new RateLimit(4, time);
        rate.await();
        time.pause(Duration.ofSeconds(9));
        rate.await();
        rate.await();
        assertEquals(List.of(Duration.ofSeconds(9), Duration.ofMillis(250)), time.pauses());
    }

    @Test
    void withoutALimitNobodyWaits() throws InterruptedException {
        RateLimit rate = new RateLimit(Double.POSITIVE_INFINITY, time);
        rate.await();
        rate.await();
        assertEquals(List.of(), time.pauses());
    }
}
