package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class ProgramCodeTest {
    @Test
    void endsAtTheFirstBlankLineWhateverItIsBlankWith() {
        assertEquals("a\nb", ProgramCode.clean("a\nb\n\nc"));
        assertEquals("a", ProgramCode.clean("a\n \t\nb"));
        assertEquals("a", ProgramCode.clean("a\n\u00a0\u3000\nb"));
        assertEquals("a", ProgramCode.clean("a\n\r\nb"));
        assertEquals("a", ProgramCode.clean("a\n"));
        assertEquals("a\nb", ProgramCode.clean("a\nb"));
    }

    @Test
    void isEmptyWhereTheFirstLineIsBlank() {
        assertEquals("", ProgramCode.clean(""));
        assertEquals("", ProgramCode.clean("\ndef solution():\n    return 1"));
        assertEquals("", ProgramCode.clean("  \ndef solution():\n    return 1"));
    }

    @Test
    void keepsNoSolutionBehindABlankLine() {
        assertEquals("x = 1", ProgramCode.clean("x = 1\n\ndef solution():\n    return x"));
    }

    @Test
    void turnsAnExitIntoAPrint() {
        assertEquals("import sys\nprint(1)", ProgramCode.clean("import sys\nsys.exit(1)"));
        assertEquals("\"print\"", ProgramCode.clean("\"sys.exit\""));
    }

    @Test
    void keepsIndentationAndInnerSpace() {
        assertEquals("\tx = 1  \n  y", ProgramCode.clean("\tx = 1  \n  y"));
    }
}
