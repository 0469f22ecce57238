package org.reft4j.task.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.text.PythonText;

class PythonTextTest {
    /** As Python 3 prints {@code "...".split()}. */
    @Test
    void wordsAreWhatStandsBetweenWhiteSpace() {
        assertEquals(List.of(), PythonText.split(""));
        assertEquals(List.of(), PythonText.split(" \n\t\u00a0"));
        assertEquals(List.of("a"), PythonText.split("a"));
        assertEquals(List.of("a", "b,", "c"), PythonText.split("  a\u0085b,\u3000\u001cc\n"));
        assertEquals(List.of("a\u200bb"), PythonText.split("a\u200bb"));
    }
}
