package org.reft4j.train.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The items that each step is told of, by hand. */
final class HeldOutLossTest {
    private final List<List<Integer>> asked = new ArrayList<>();

    private HeldOutLoss loss(int items, int batch) {
        return new HeldOutLoss(items, batch, some -> {
            asked.add(Arrays.stream(some).boxed().toList());
            return Map.of("loss", 2.5);
        });
    }

    @Test
    void batchesFollowEachOtherAndBeginAgain() {
        HeldOutLoss loss = loss(5, 2);
        IntStream.rangeClosed(1, 4)
                .forEach(step -> assertEquals(Map.of("valid-loss", 2.5), loss.at(step, 9), "step " + step));
        assertEquals(List.of(List.of(0, 1), List.of(2, 3), List.of(4, 0), List.of(1, 2)), asked);
    }

    @Test
    void aBatchIsNoLargerThanTheFile() {
        loss(3, 8).at(1, 1);
        loss(3, 8).whole();
        assertEquals(List.of(List.of(0, 1, 2), List.of(0, 1, 2)), asked);
    }

    /** 250 steps have a batch at every third, which are 83 points. */
    @Test
    void longRunsHaveAtMostAHundredPoints() {
        HeldOutLoss loss = loss(1000, 4);
        long points = IntStream.rangeClosed(1, 250)
                .filter(step -> !loss.at(step, 250).isEmpty())
                .count();
        assertEquals(83, points);
        assertEquals(List.of(4, 5, 6, 7), asked.get(1), "the second batch, whatever was left out between");
    }
}
