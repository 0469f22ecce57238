package org.reft4j.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class WholeProgressTest {
    private static final double EXACT = 1e-9;

    private long now;
    private final WholeProgress progress = new WholeProgress(
            List.of(
                    new WholeProgress.Part("one", 1),
                    new WholeProgress.Part("two", 2),
                    new WholeProgress.Part("three", 5)),
            () -> now);

    private void pass(int seconds) {
        now += seconds * 1_000_000_000L;
    }

    @Test
    void aPartTellsOfThoseBehindIt() {
        progress.begin(0);
        pass(4);
        assertEquals(OptionalDouble.empty(), progress.left(OptionalDouble.empty()), "nothing is known yet");
        // The first part takes ten seconds in all, and is an eighth of the work.
        assertEquals(6 + 70, progress.left(OptionalDouble.of(6)).orElseThrow(), EXACT);
        pass(6);
        progress.begin(1);
        assertEquals("part 2 of 3, two", progress.title());
        assertEquals(20 + 50, progress.left(OptionalDouble.empty()).orElseThrow(), EXACT);
        pass(8);
        // Slower than thought: three eighths take fifty seconds.
        assertEquals(32 + 5 * 50 / 3.0, progress.left(OptionalDouble.of(32)).orElseThrow(), EXACT);
    }

    @Test
    void partsDoneBeforehandSayNothing() {
        progress.begin(2);
        assertEquals(OptionalDouble.empty(), progress.left(OptionalDouble.empty()));
        pass(1);
        assertEquals(9, progress.left(OptionalDouble.of(9)).orElseThrow(), EXACT);
    }
}
