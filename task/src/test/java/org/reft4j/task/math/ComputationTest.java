package org.reft4j.task.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComputationTest {
    @ParameterizedTest
    @CsvSource({
        "(3 * 5) + 7, 22, 1",
        "3 + 5 * 7, 38, 1",
        "(3+5)*7, 56, 1",
        "10 - 4 - 3, 3, 1",
        "8 / (3 - 8 / 3), 24, 1",
        "7 / 2, 7, 2",
        "3 × 4 ÷ 2 − 1, 5, 1",
        "-3 + 5, 2, 1",
        "24, 24, 1",
    })
    void readsAndComputesExactly(String text, long above, long below) {
        Computation read = Computation.read(text).orElseThrow();
        assertTrue(read.comesTo(Rational.of(above, below)), () -> text + " gives " + read.value());
    }

    @Test
    void listsTheNumbersAsWritten() {
        assertEquals(
                List.of(3L, 15L, 3L),
                Computation.read("3 * (15 - 3)").orElseThrow().numbers());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "3 +",
                "(3 + 4",
                "3 + 4 = 7",
                "3 / (2 - 2)",
                "1 1/2",
                "2(3)",
                "(2)(3)",
                "(2) 3",
                "2 ** 3",
                "2 ^ 3",
                "7 // 2",
                "1,000",
                "1.5 * 2",
                "3x",
                "sqrt(9)",
                "2e3",
                "3 % 2",
                "1234567890",
                "3!",
                "three"
            })
    void refusesWhatIsNoExpressionOfWholeNumbers(String text) {
        assertTrue(Computation.read(text).isEmpty(), text);
    }
}
