package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class TimedPatternTest {
    private static TimedPattern pattern(String text) {
        return new TimedPattern(Pattern.compile(text), Duration.ofMillis(50));
    }

    @Test
    void searchesAsPatternsDo() {
        assertTrue(pattern("b+").find("abbc"));
        assertFalse(pattern("b+").matches("abbc"));
        assertTrue(pattern("a(b+)c").matches("abbc"));
        assertFalse(pattern("x").find("abbc"));
    }

    @Test
    void givesUpInTime() {
        String text = "a".repeat(100) + "b";
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            assertThrows(
                    TimedPattern.TooSlowException.class,
                    () -> pattern("^(.*a){20}$").find(text));
            assertThrows(
                    TimedPattern.TooSlowException.class,
                    () -> pattern("(.*a){20}").matches(text));
        });
    }

    @Test
    void aStackThatIsTooShortIsNoEnd() {
        String text = "ab".repeat(1_000_000);
        assertThrows(
                TimedPattern.TooSlowException.class,
                () -> new TimedPattern(Pattern.compile("(a|b)*c"), Duration.ofSeconds(20)).matches(text));
    }
}
