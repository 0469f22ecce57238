package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.StepSplit;

final class StepSplitTest {
    private static List<String> steps(StepSplit split, String text) {
        return split.steps(text).stream()
                .map(step -> text.substring(step.start(), step.end()))
                .toList();
    }

    @Test
    void sentencesEndAtStopsAndLines() {
        assertEquals(
                List.of(
                        "Mr. Smith has 3.5 apples.",
                        "Why?",
                        "He bought them!",
                        "Then",
                        "he ate one...",
                        "or two.",
                        "End"),
                steps(
                        StepSplit.SENTENCES,
                        "Mr. Smith has 3.5 apples. Why? He bought them!\nThen\n\nhe ate one... or two.  End"));
    }

    @Test
    void linesEndAtLineEnds() {
        assertEquals(List.of("a. b", "c"), steps(StepSplit.LINES, "\n  a. b \n\n c"));
        assertEquals(List.of(), steps(StepSplit.LINES, " \n "));
    }

    @Test
    void equationsEndBehindTheirResult() {
        assertEquals(
                List.of("So 1 + 1 = 2", "apples, 2 * 2 = 4", ". Done"),
                steps(StepSplit.EQUATIONS, "So 1 + 1 = 2 apples, 2 * 2 = 4. Done"));
    }

    @Test
    void programsHaveLinesAndProseSentences() {
        assertEquals(StepSplit.LINES, StepSplit.of(Cot.PROGRAM));
        assertEquals(StepSplit.SENTENCES, StepSplit.of(Cot.PROSE));
    }
}
