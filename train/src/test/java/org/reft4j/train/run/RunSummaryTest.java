package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.RunReader.Measured;

class RunSummaryTest {
    private static final String CONFIG = """
            recipe: reft
            model: {path: models/m}
            data: {path: mine.jsonl}
            grader:
              type: multi
              graders:
                right: {type: string_check, operation: eq}
              calculate_output: right
            """;

    @TempDir
    private Path folder;

    private static Evaluation evaluation(int right) {
        List<Evaluation.Answered> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            boolean correct = i < right;
            answers.add(new Evaluation.Answered(
                    "q" + i,
                    "?",
                    "1",
                    "1",
                    correct ? "correct" : "wrong",
                    "1",
                    correct,
                    "end-of-text",
                    correct ? 1 : 0));
        }
        return new Evaluation(answers, 100, 2);
    }

    private static KeptRollout rollout(int step, int sample) {
        return Kept.row(step, "q", sample, "?", "1", "1", 7, "correct", "1", 1, "end-of-text", null);
    }

    private RunReader run(int steps) {
        try (RunFolder run = RunFolder.open(folder.resolve("run"), CONFIG, Map.of(), false, List.of())) {
            run.emit(new RunEvent.Started(0, steps, "reft"));
            run.emit(new RunEvent.Evaluated(0, "validation", evaluation(3)));
            StoryRecipe.checkpoint(run, 0, 0.3);
            for (int step = 1; step <= steps; step++) {
                run.emit(new RunEvent.RolledOut(step, List.of(rollout(step, 0), rollout(step, 1))));
                run.emit(new RunEvent.Stepped(
                        step, steps, Map.of("reward", step / 10.0, "length-mean", 7.0), Map.of("seconds", 3.0)));
                if (step == 2 || step == steps) {
                    int right = step == 2 ? 6 : 5;
                    run.emit(new RunEvent.Evaluated(step, "validation", evaluation(right)));
                    StoryRecipe.checkpoint(run, step, right / 10.0);
                }
            }
        }
        return RunReader.of(folder.resolve("run"));
    }

    @Test
    void aFewFiguresOfARun() {
        RunSummary summary = RunSummary.of(run(4));
        assertEquals("reft", summary.recipe());
        assertEquals("models/m", summary.model());
        assertEquals("mine.jsonl", summary.data());
        assertEquals(4, summary.steps());
        assertEquals(Optional.of(new RunSummary.Reward(0.1, 0.4, 1)), summary.reward());
        assertEquals(Optional.of(0.3), summary.baseline().map(Measured::accuracy));
        assertEquals(Optional.of(2), summary.best().map(Measured::step));
        assertEquals(Optional.of(0.5), summary.last().map(Measured::accuracy));
        // Four steps of three seconds, three measurements of two.
        assertEquals(18, summary.seconds(), 1e-9);
        // Four steps of two completions of seven tokens.
        assertEquals(56, summary.sampled());
    }

    /** The means of 0.1 to 0.5 and of 1.6 to 2.0. */
    @Test
    void endsOfALongRunAreMeans() {
        RunSummary.Reward reward = RunSummary.of(run(20)).reward().orElseThrow();
        assertEquals(5, reward.over());
        assertEquals(0.3, reward.first(), 1e-9);
        assertEquals(1.8, reward.last(), 1e-9);
    }

    @Test
    void thePageShowsTheGraderAsItIsWritten() throws IOException {
        RunReader reader = run(4);
        Path html = folder.resolve("report.html");
        Report.write(List.of(new Report.Labelled("run", reader)), html, Optional.empty());
        String page = Files.readString(html);
        String yaml =
                "type: multi\\ngraders:\\n  right:\\n    type: string_check\\n    operation: eq\\ncalculate_output: right";
        assertTrue(page.contains("\"grader\":\"" + yaml + "\""), page.substring(page.indexOf("id=\"data\"")));
        assertFalse(page.contains("grader.type"), "it is not shown key by key");
    }
}
