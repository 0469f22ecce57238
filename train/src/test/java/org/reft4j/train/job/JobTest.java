package org.reft4j.train.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GraderException;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunReader;

/** Runs as a Java program starts them: by a tiny model on sums. */
class JobTest {
    private static final List<Example> SUMS = IntStream.range(0, 24)
            .mapToObj(i -> new Example(
                    i + " plus 1?", Integer.toString(i + 1), i + " + 1 = " + (i + 1) + ". The answer is " + (i + 1)))
            .toList();
    private static final String WARM_UP =
            "{recipe: sft, data: {cot: n}, epochs: 1, batch: 6, max-tokens: 60, evaluate: {max-total-tokens: 60}, model: {new: {layers: 1, width: 32,"
                    + " heads: 2, key-value-heads: 2, feed-forward: 64, context-length: 1024}}}";
    private static final String REFT =
            "{recipe: reft, data: {cot: n}, rollout: {questions: 4, samples: 2, max-prompt-tokens: 40, max-total-tokens: 60}, ppo: {minibatch: 8}}";

    @TempDir
    private Path folder;

    private FinishedJob warmUp() {
        return Job.of(WARM_UP, folder.resolve("warm-up"))
                .examples(SUMS, List.of())
                .start()
                .await();
    }

    private Job reft(Path run, FinishedJob warmUp, int steps) {
        return Job.of(REFT, run)
                .set("model.path", warmUp.model())
                .set("steps", steps)
                .examples(SUMS, List.of())
                .grader((_, completion) -> Grade.Scored.of(completion.length() % 7 / 7.0));
    }

    @Test
    void aGraderOfTheProgramPays() {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Path run = folder.resolve("paid");
        FinishedJob end = Job.of("reft", Map.of("steps", 1, "model.path", warmUp().model()), run)
                .set("rollout", "{questions: 4, samples: 2, max-prompt-tokens: 40, max-total-tokens: 60}")
                .set("ppo.minibatch", 8)
                .set("data.cot", "n")
                .examples(SUMS, List.of())
                .grader((question, _) -> {
                    seen.add(question.text());
                    return Grade.Scored.of(0.25);
                })
                .start()
                .await();

        assertEquals(
                0.25,
                RunReader.of(run)
                        .metrics()
                        .getOrDefault("reward", List.of())
                        .getFirst()
                        .value(),
                1e-6);
        assertTrue(SUMS.stream().map(Example::question).toList().containsAll(seen) && seen.size() > 1, seen.toString());
        assertEquals("paid", end.settings().config().name());
        assertEquals(FinishedJob.of(run).ask("3 plus 1?"), end.ask("3 plus 1?"));
        // Grading is impossible without the program.
        GraderException refused = assertThrows(
                GraderException.class,
                () -> Job.of(run.resolve("config.yaml"), run)
                        .resume(true)
                        .set("steps", 2)
                        .start());
        assertTrue(
                String.valueOf(refused.getMessage()).contains("start the run from that program"), refused.getMessage());
    }

    @Test
    void whatIsStoppedGoesOnToTheByte() throws IOException {
        FinishedJob warmUp = warmUp();
        FinishedJob whole = reft(folder.resolve("whole"), warmUp, 4).start().await();
        Path parted = folder.resolve("parted");
        CountDownLatch two = new CountDownLatch(1);
        AtomicInteger steps = new AtomicInteger();
        CountDownLatch asked = new CountDownLatch(1);
        try (RunningJob running = reft(parted, warmUp, 4)
                .listener(event -> {
                    if (event instanceof RunEvent.Stepped && steps.incrementAndGet() == 2) {
                        two.countDown();
                        await(asked);
                    }
                })
                .start()) {
            await(two);
            assertEquals(RunningJob.State.RUNNING, running.state());
            running.stop();
            asked.countDown();
            FinishedJob stopped = running.await();
            assertEquals(RunningJob.State.ENDED, running.state());
            assertEquals(2, stopped.checkpoint().map(Run.Checkpoint::step).orElse(-1));
        }
        assertThrows(ConfigException.class, () -> reft(parted, warmUp, 4).start(), "it is there already");
        FinishedJob end = reft(parted, warmUp, 4).resume(true).start().await();

        assertArrayEquals(
                Files.readAllBytes(whole.model().resolve("model.safetensors")),
                Files.readAllBytes(end.model().resolve("model.safetensors")));
        assertEquals(
                Files.readString(folder.resolve("whole/metrics.jsonl")),
                Files.readString(parted.resolve("metrics.jsonl")));
    }

    @Test
    void otherQuestionsAreAnotherRun() {
        FinishedJob first = warmUp();
        Job other = Job.of(WARM_UP, first.folder())
                .examples(SUMS.subList(0, 12), List.of())
                .resume(true);
        ConfigException refused = assertThrows(ConfigException.class, other::start);
        assertTrue(String.valueOf(refused.getMessage()).contains("give it the same questions"), refused.getMessage());
    }

    @Test
    void aFailureIsThrownToWhoWaits() {
        RunningJob running = Job.of(WARM_UP, folder.resolve("failing"))
                .examples(SUMS, List.of())
                .listener(event -> {
                    if (event instanceof RunEvent.Stepped) {
                        throw new IllegalStateException("the listener broke");
                    }
                })
                .start();
        IllegalStateException reason = assertThrows(IllegalStateException.class, running::await);
        assertEquals("the listener broke", reason.getMessage());
        assertEquals(RunningJob.State.FAILED, running.state());
        running.close();
    }

    @Test
    void badSettingsAreRefusedBeforeAnythingIsWritten() {
        Path run = folder.resolve("never");
        ConfigException refused = assertThrows(
                ConfigException.class,
                () -> Job.of("{recipe: sft, epoch: 1}", run).start());
        assertTrue(String.valueOf(refused.getMessage()).contains("epoch"), refused.getMessage());
        assertTrue(Files.notExists(run), "no folder is made");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
