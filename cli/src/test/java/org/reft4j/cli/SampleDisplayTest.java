package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SampleDisplayTest {
    private final AtomicLong clock = new AtomicLong();
    private final StringWriter shown = new StringWriter();

    private SampleDisplay display(Terminal terminal) {
        return new SampleDisplay(new PrintWriter(shown), terminal, clock::get, 2, 10);
    }

    @Test
    void linesNowAndThenAndAtTheEnd() {
        try (SampleDisplay display = display(Terminal.NONE)) {
            second(1);
            display.at(3, 10);
            second(10);
            // Two questions in 10 seconds, six are left.
            display.at(4, 1000);
            second(11);
            display.at(5, 1100);
            second(20);
            display.at(10, 4000);
        }
        assertEquals(
                List.of(
                        "4 of 10 questions sampled, 100 tokens/s, left 30 s",
                        "10 of 10 questions sampled, 200 tokens/s"),
                shown.toString().lines().toList());
    }

    @Test
    void aTerminalsLineIsDrawnAgain() {
        try (SampleDisplay display = display(new Terminal(true, 30, false))) {
            second(1);
            display.at(2, 50);
            second(2);
            display.at(3, 100);
        }
        assertEquals(
                "\r\u001b[K2 of 10 questions sampled, 50" + "\r\u001b[K3 of 10 questions sampled, 50"
                        + System.lineSeparator(),
                shown.toString());
    }

    private void second(int number) {
        clock.set(TimeUnit.SECONDS.toNanos(number));
    }
}
