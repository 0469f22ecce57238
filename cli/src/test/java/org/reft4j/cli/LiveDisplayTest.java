package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunEvent;

final class LiveDisplayTest {
    private final StringWriter text = new StringWriter();
    private long now = 1_000_000_000L;

    @Test
    void aFileGetsAPlainLineNowAndThen() {
        try (LiveDisplay display = display(Terminal.NONE)) {
            display.on(new RunEvent.Started(0, 100, "reft"));
            for (int step = 1; step <= 10; step++) {
                now += 1_000_000_000L;
                display.on(stepped(step));
                display.on(new RunEvent.Progress(step, "sampling", 1, 2, "rows"));
            }
        }
        List<String> lines = text.toString().lines().toList();
        assertEquals("reft: 100 steps", lines.get(0));
        assertEquals(
                "step 1/100  reward 0.500  right 25 %  loss 0.1235  sampling 412 tok/s  left 1 min 39 s", lines.get(1));
        assertEquals("step 6/100", lines.get(2).substring(0, 10), "five seconds later");
        assertEquals(3, lines.size(), text.toString());
        assertFalse(text.toString().contains("\u001b"), "no control characters");
    }

    /** A round that samples for ten minutes before its first update. */
    @Test
    void aFileHearsOfALongPhaseOnceAMinute() {
        try (LiveDisplay display = display(Terminal.NONE)) {
            display.on(new RunEvent.Started(0, 0, "offline-self-training"));
            for (int part = 1; part <= 20; part++) {
                now += 30_000_000_000L;
                display.on(
                        part < 20
                                ? new RunEvent.Progress(1, "sampling", part, 20, "parts")
                                : new RunEvent.Progress(1, "sampling", 345, 0, "tokens"));
            }
            display.on(stepped(1));
            for (int step = 2; step <= 7; step++) {
                now += 1_000_000_000L;
                display.on(stepped(step));
            }
        }
        List<String> lines = text.toString().lines().toList();
        assertEquals("offline-self-training: as many steps as there will be samples for", lines.get(0));
        assertEquals("step 1 | sampling 2/20 parts", lines.get(1));
        assertEquals("step 1 | sampling 345 tokens", lines.get(10));
        assertEquals(
                "step 1/100  reward 0.500  right 25 %  loss 0.1235  sampling 412 tok/s",
                lines.get(11), "sampling is no measure of training");
        assertTrue(lines.get(12).startsWith("step 6/100") && lines.get(12).endsWith("left 1 min 34 s"), lines.get(12));
        assertEquals(13, lines.size(), text.toString());
    }

    @Test
    void aTerminalGetsOneLineThatIsDrawnAgain() {
        try (LiveDisplay display = display(new Terminal(true, 40, false))) {
            display.on(new RunEvent.Started(0, 100, "reft"));
            for (int step = 1; step <= 3; step++) {
                now += 1_000_000_000L;
                display.on(stepped(step));
            }
            display.on(new RunEvent.Progress(4, "sampling", 30, 128, "rows"));
        }
        assertEquals(2, text.toString().chars().filter(c -> c == '\n').count(), text.toString());
        for (String drawn : text.toString().split("\r\u001b\\[K", -1)) {
            assertTrue(drawn.strip().length() < 40, "wraps: " + drawn);
        }
        assertTrue(text.toString().endsWith("…" + System.lineSeparator()), text.toString());
    }

    @Test
    void aMeasurementWithoutQuestionsIsNoAccuracy() {
        try (LiveDisplay display = display(Terminal.NONE)) {
            display.on(new RunEvent.Evaluated(5, "validation", new Evaluation(List.of(), 0, 0)));
        }
        assertTrue(text.toString().contains("step 5: no validation questions to measure by"), text.toString());
    }

    @Test
    void measurementsAndWarningsStay() {
        Evaluation evaluation = new Evaluation(
                List.of(
                        new Evaluation.Answered("a", "", "", "", "correct", "1", true, "end-of-text", 1),
                        new Evaluation.Answered("b", "", "", "", "wrong", "1", false, "end-of-text", 0.1)),
                10,
                1);
        try (LiveDisplay display = display(new Terminal(true, 200, true))) {
            display.on(new RunEvent.Evaluated(0, "validation", evaluation));
            display.on(new RunEvent.Started(50, 100, "reft"));
            display.on(new RunEvent.Evaluated(50, "validation", evaluation));
            display.on(new RunEvent.Warned(51, "KL is high"));
            display.on(new RunEvent.Finished(60, RunEvent.Outcome.STOPPED));
        }
        String shown = text.toString().replaceAll("\u001b\\[[0-9;]*[mK]|\r", "");
        assertTrue(
                shown.contains(
                        "before training: validation accuracy 50.0 % (1 of 2, 95 % interval 9.5 to 90.5), mean reward"
                                + " 0.550"),
                shown);
        assertTrue(shown.contains("reft: going on after step 50 of 100"), shown);
        assertTrue(shown.contains("step 50: validation accuracy 50.0 % (1 of 2, 95 % interval 9.5 to 90.5)"), shown);
        assertTrue(shown.contains("warning, step 51: KL is high"), shown);
        assertTrue(shown.contains("stopped after step 60"), shown);
    }

    @Test
    void theTestIsNoPartOfTheLastStep() {
        try (LiveDisplay display = display(Terminal.NONE)) {
            display.on(new RunEvent.Started(0, 1, "reft"));
            display.on(stepped(1));
            display.on(new RunEvent.Finished(1, RunEvent.Outcome.DONE));
            now += 61_000_000_000L;
            display.on(new RunEvent.Progress(1, "testing", 30, 1000, "questions"));
        }
        assertEquals(
                "step 1/100 | testing 30/1000 questions",
                text.toString().lines().toList().getLast());
    }

    @Test
    void aTerminalKeepsTheLastStepAboveTheEnd() {
        try (LiveDisplay display = display(new Terminal(true, 200, false))) {
            display.on(new RunEvent.Started(0, 1, "reft"));
            display.on(stepped(1));
            display.on(new RunEvent.Finished(1, RunEvent.Outcome.DONE));
        }
        List<String> kept = Arrays.stream(text.toString().split("\n"))
                .map(line -> line.substring(line.lastIndexOf('\r') + 1))
                .toList();
        assertTrue(kept.get(1).contains("step 1/100"), text.toString());
        assertTrue(kept.get(2).contains("all 1 steps done"), text.toString());
        assertEquals(3, kept.size(), text.toString());
    }

    @Test
    void anotherRunStartsAfresh() {
        try (LiveDisplay display = display(Terminal.NONE)) {
            display.on(new RunEvent.Started(0, 2, "reft"));
            display.on(stepped(1));
            display.on(new RunEvent.Started(0, 3, "sft"));
            display.on(new RunEvent.Stepped(1, 3, Map.of("loss", 2.0), Map.of()));
        }
        assertEquals(
                "step 1/3  loss 2.0000  left 0 s",
                text.toString().lines().toList().getLast());
    }

    @Test
    void saysDurationsAsPeopleDo() {
        assertEquals("45 s", Results.duration(45.4));
        assertEquals("3 min 10 s", Results.duration(190));
        assertEquals("2 h 5 min", Results.duration(2 * 3600 + 5 * 60 + 59));
    }

    @Test
    void obeysTheTerminal() {
        assertEquals(Terminal.NONE, Terminal.of("", Map.of()));
        assertEquals(Terminal.NONE, Terminal.of("80", Map.of("TERM", "dumb")));
        assertEquals(new Terminal(true, 80, true), Terminal.of("80", Map.of("TERM", "xterm")));
        assertEquals(new Terminal(true, 80, false), Terminal.of("80", Map.of("NO_COLOR", "1")));
        assertEquals(new Terminal(true, 80, true), Terminal.of("80", Map.of("NO_COLOR", "")), "empty does not count");
        assertEquals(new Terminal(true, 100, true), Terminal.of("0", Map.of()), "a size nobody knows");
    }

    @Test
    void showsThePartsOfTheRewardWhereTheyAreFew() {
        LiveDisplay display = display(Terminal.NONE);
        display.on(new RunEvent.Stepped(
                1,
                100,
                new TreeMap<>(Map.of("reward", 0.7, "grade/style", 0.25, "grade/sound", 1.0, "grade/sound.sums", 0.5)),
                Map.of()));
        assertTrue(text.toString().contains("reward 0.700  sound 1.000  style 0.250"), text.toString());
        display.on(new RunEvent.Stepped(
                100, 100, Map.of("reward", 0.7, "grade/a-part-with-a-long-name-of-forty-letters", 1.0), Map.of()));
        assertFalse(text.toString().contains("forty"), text.toString());
    }

    private LiveDisplay display(Terminal terminal) {
        return new LiveDisplay(new PrintWriter(text), terminal, () -> now);
    }

    private static RunEvent stepped(int step) {
        return new RunEvent.Stepped(
                step,
                100,
                Map.of("reward", 0.5, "score-correct", 0.25, "loss-total", 0.12345),
                Map.of("sample-tokens-per-second", 412.0));
    }
}
