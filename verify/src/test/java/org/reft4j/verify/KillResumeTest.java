package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run that is killed at random instants and resumed leaves, byte for byte, what an undisturbed one leaves: metrics, checkpoints and
 * rollouts. The undisturbed one has the machine's processors, the other one of them, so that the number of workers that run programs
 * is seen to change nothing either. Two tests at a time: they wait for processes of one thread each.
 */
@Execution(ExecutionMode.CONCURRENT)
class KillResumeTest {
    private static final int STEPS = 12;
    /** Validation questions, answered twice in a run. */
    private static final int MEASURED = 4;

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final long SEED = Long.getLong("tests.seed", System.nanoTime());

    private final SplittableRandom random = new SplittableRandom(SEED);

    @TempDir
    Path folder;

    /** Folder of the runs that several tests start from, each made once. */
    @TempDir
    private static Path common;

    private static final Map<String, Path> COMMON = new ConcurrentHashMap<>();

    @ParameterizedTest
    @ValueSource(strings = {"n", "p"})
    void supervisedThenReinforced(String cot) throws Exception {
        Path warmup = killedEqualsUndisturbed("sft", Tiny.sft(cot, STEPS), 3);
        killedEqualsUndisturbed("reft", Tiny.from(Tiny.reft(cot, STEPS), warmup.toString()), 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"n", "p"})
    @EnabledIfSystemProperty(
            named = "reft4j.long",
            matches = "true",
            disabledReason = "runs for minutes; -Dreft4j.long=true")
    void manyTimes(String cot) throws Exception {
        Path warmup = killedEqualsUndisturbed("sft", Tiny.sft(cot, 8 * STEPS), 20);
        killedEqualsUndisturbed("reft", Tiny.from(Tiny.reft(cot, 8 * STEPS), warmup.toString()), 20);
    }

    /** A critic with a backbone and an optimiser of its own, and a weight of the KL penalty that moves. */
    @Test
    void separateCritic() throws Exception {
        Path warmup = warmup("n", 2);
        Map<String, String> settings = Tiny.from(Tiny.reft("n", STEPS), warmup.toString());
        settings.put("critic", "separate");
        settings.put("critic-warmup", "2");
        settings.put("ppo.critic-lambda", "1");
        settings.put("ppo.adaptive-kl.target", "0.01");
        settings.put("ppo.adaptive-kl.horizon", "100");
        Path last = killedEqualsUndisturbed("reft", settings, 3);
        assertTrue(Files.exists(last.resolve("trainer/critic/model.safetensors")), "a checkpoint has the critic");
        String metrics = Files.readString(folder.resolve("undisturbed/reft/metrics.jsonl"));
        assertTrue(metrics.contains("\"critic-gradient-norm\":"), metrics);
        assertTrue(
                metrics.contains("\"kl-coefficient\":0.05,"), () -> "the first step that moved the policy: " + metrics);
        assertTrue(metrics.matches("(?s).*\"kl-coefficient\":0\\.0(?!5,).*"), () -> "and it is moved: " + metrics);
    }

    /** Adapters on a frozen base: trained by supervision, then by reinforcement, and both runs resumed. */
    @Test
    void adapters() throws Exception {
        Path base = warmup("n", 2);
        Path warmup = killedEqualsUndisturbed("sft", adapted(Tiny.sft("n", STEPS), base), 2);
        assertTrue(Files.exists(warmup.resolve("adapter_model.safetensors")), "a checkpoint is an adapter");
        assertFalse(Files.exists(warmup.resolve("model.safetensors")), "and has no copy of the base");
        Path last = killedEqualsUndisturbed("reft", adapted(Tiny.reft("n", STEPS), warmup), 2);
        String first = Files.readAllLines(folder.resolve("undisturbed/reft/metrics.jsonl")).stream()
                .filter(line -> line.contains("\"kl-sequence\""))
                .findFirst()
                .orElseThrow();
        assertTrue(first.contains("\"kl-sequence\":0.0,"), () -> "the reference wears the first adapter: " + first);
        for (Path model : List.of(last, folder.resolve("undisturbed/reft"))) {
            Reft.run(
                            folder,
                            "evaluate",
                            "--model",
                            model.toString(),
                            "--data",
                            "wordproblems",
                            "--cot",
                            "n",
                            "--limit",
                            "2",
                            "--max-total-tokens",
                            "200",
                            "--out",
                            "evaluation-" + model.getFileName())
                    .orThrow();
        }
    }

    /** Whose steps ask different numbers of questions; with adapters the reference shares the policy's weights. */
    @Test
    void groupRelative() throws Exception {
        Path warmup = warmup("n", STEPS);
        killedEqualsUndisturbed("grpo", Tiny.from(Tiny.grpo("n", STEPS), warmup.toString()), 3);
        Map<String, String> adapters = adapted(Tiny.grpo("n", 2), warmup);
        adapters.put("name", "grpo-adapters");
        Path config = Files.writeString(folder.resolve("grpo-adapters.yaml"), Tiny.yaml("grpo", adapters));
        Reft.run(folder, "train", config.toString(), "--runs", "adapted").orThrow();
        String metrics = Files.readString(folder.resolve("adapted/grpo-adapters/metrics.jsonl"));
        assertTrue(metrics.contains("\"kl-sequence\":0.0,"), () -> "the reference is the bare model: " + metrics);
    }

    /** Two rounds of the one, and the other; from the same warm-up. */
    @ParameterizedTest
    @ValueSource(strings = {"n", "p"})
    void selfTraining(String cot) throws Exception {
        Path warmup = warmup(cot, STEPS);
        Map<String, String> offline = Tiny.from(Tiny.offline(cot), warmup.toString());
        offline.put("iterate", "2");
        killedEqualsUndisturbed("offline-self-training", offline, 3);
        String metrics = Files.readString(folder.resolve("undisturbed/offline-self-training/metrics.jsonl"));
        assertTrue(metrics.contains("\"round\":2.0"), () -> "two rounds: " + metrics);
        assertFalse(metrics.contains("no sample was right"), () -> "something was kept: " + metrics);
        Map<String, String> online = Tiny.from(Tiny.online(cot, STEPS), warmup.toString());
        killedEqualsUndisturbed("online-self-training", online, 3);
        String learned = Files.readString(folder.resolve("undisturbed/online-self-training/metrics.jsonl"));
        assertTrue(learned.matches("(?s).*\"kept\":[1-9].*"), () -> "something was kept: " + learned);
    }

    /** Recipes that train on stored samples; the preference recipes score these under a reference first. */
    @ParameterizedTest
    @ValueSource(strings = {"dpo", "kto", "weighted-regression", "reward-model"})
    void storedSamples(String recipe) throws Exception {
        Path warmup = warmup("n", STEPS);
        Path samples = samples(warmup);
        killedEqualsUndisturbed(recipe, Tiny.from(Tiny.stored(recipe, samples.toString()), warmup.toString()), 3);
    }

    /** Killed between two parts of the samples, in either round. */
    @Test
    void whileSampling() throws Exception {
        Path warmup = warmup("n", STEPS);
        Map<String, String> settings = Tiny.from(Tiny.offline("n"), warmup.toString());
        settings.put("iterate", "2");
        Left expected = Left.of(undisturbed("undisturbed", "offline-self-training", settings));
        Path config = folder.resolve("offline-self-training.yaml");
        Path run = folder.resolve("killed/offline-self-training");
        for (String part : List.of("round-1/part-000001", "round-1/part-000003", "round-2/part-000002")) {
            Path stored = run.resolve("samples").resolve(part + ".jsonl");
            Process process = Reft.start(
                    folder, folder.resolve("killed.log"), "train", config.toString(), "--runs", "killed", "--resume");
            while (!Files.exists(stored) && process.isAlive()) {
                boolean _ = process.waitFor(1, TimeUnit.MILLISECONDS);
            }
            process.destroyForcibly();
            assertTrue(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), () -> "still running after " + LIMIT);
            assertTrue(Files.exists(stored), () -> read(folder.resolve("killed.log")));
        }
        Reft.run(folder, "train", config.toString(), "--runs", "killed", "--resume")
                .orThrow();
        Left actual = Left.of(run);
        assertEquals(expected.metrics(), actual.metrics());
        assertEquals(expected.checkpoints(), actual.checkpoints());
        assertEquals(expected.rows(), actual.rows());
    }

    /** The last checkpoint of a supervised run. */
    private static Path warmup(String cot, int steps) {
        return lastCheckpoint(common("warm-up-" + cot + "-" + steps, "sft", Tiny.sft(cot, steps)));
    }

    /** A run that has drawn some right and some wrong samples of most questions. */
    private static Path samples(Path warmup) {
        Map<String, String> settings = Tiny.from(Tiny.offline("n"), warmup.toString());
        settings.put("rollout.samples", "12");
        settings.put("grader.soft", "120"); // so that some are wrong
        settings.put("grader.hard", "240");
        return common("samples", "offline-self-training", settings);
    }

    private static Path common(String name, String recipe, Map<String, String> settings) {
        return COMMON.computeIfAbsent(name, folder -> {
            try {
                return trained(Files.createDirectory(common.resolve(folder)), "runs", recipe, settings);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Map<String, String> adapted(Map<String, String> settings, Path base) {
        Map<String, String> changed = Tiny.from(settings, base.toString());
        changed.put("lora.rank", "3");
        changed.put("lora.modules-to-save", "norm");
        changed.put("activation-checkpointing", "true");
        return changed;
    }

    @Test
    void anotherSeedIsSeen() throws Exception {
        Map<String, String> settings = Tiny.sft("n", 2);
        Path one = undisturbed("one", "sft", settings);
        settings.put("seed", "8");
        Path other = undisturbed("other", "sft", settings);
        assertNotEquals(Left.of(one).checkpoints(), Left.of(other).checkpoints());
        assertNotEquals(Left.of(one).metrics(), Left.of(other).metrics());
    }

    /** Returns the undisturbed run's last checkpoint. */
    private Path killedEqualsUndisturbed(String recipe, Map<String, String> settings, int kills) throws Exception {
        settings.put("checkpoint-every", "3");
        boolean answers = settings.containsKey("evaluate.questions");
        settings.put(answers ? "evaluate.every" : "evaluate-every", "6");
        long begin = System.nanoTime();
        Path undisturbed = undisturbed("undisturbed", recipe, settings);
        Duration whole = Duration.ofNanos(System.nanoTime() - begin);
        Path killed = killed("killed", recipe, settings, kills, whole);

        Left expected = Left.of(undisturbed);
        Left actual = Left.of(killed);
        assertEquals(expected.metrics(), actual.metrics(), "metrics.jsonl" + seed());
        assertEquals(expected.checkpoints(), actual.checkpoints(), "checkpoints" + seed());
        assertEquals(expected.rows(), actual.rows(), "rollouts.sqlite" + seed());
        assertTrue(expected.checkpoints().size() > 4, () -> "few files in the checkpoints: " + expected.checkpoints());
        assertTrue(
                !answers || expected.rows().size() >= 2 * MEASURED,
                () -> expected.rows().size() + " rows");
        return lastCheckpoint(undisturbed);
    }

    private Path undisturbed(String runs, String recipe, Map<String, String> settings) throws IOException {
        return trained(folder, runs, recipe, settings);
    }

    private static Path trained(Path folder, String runs, String recipe, Map<String, String> settings)
            throws IOException {
        Path config = Files.writeString(folder.resolve(recipe + ".yaml"), Tiny.yaml(recipe, settings));
        Reft.run(folder, "train", config.toString(), "--runs", runs).orThrow();
        return folder.resolve(runs).resolve(recipe);
    }

    private Path killed(String runs, String recipe, Map<String, String> settings, int kills, Duration whole)
            throws IOException, InterruptedException {
        Path config = Files.writeString(folder.resolve(recipe + ".yaml"), Tiny.yaml(recipe, settings));
        Path run = folder.resolve(runs).resolve(recipe);
        Path log = folder.resolve(recipe + ".log");
        List<String> instants = new ArrayList<>();
        for (int left = kills; ; left--) {
            Process process =
                    Reft.startOnOneProcessor(folder, log, "train", config.toString(), "--runs", runs, "--resume");
            if (left > 0) {
                instants.add(letLive(process, run, whole));
                // Only this process is killed: its children, such as the workers that run programs, must notice that it
                // is gone.
                process.destroyForcibly();
            }
            boolean over = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertTrue(over, () -> "still running after " + LIMIT);
            if (process.exitValue() == 0) {
                break;
            }
            assertEquals(left > 0 ? 128 + 9 : 0, process.exitValue(), () -> "exit status" + seed() + "\n" + read(log));
        }
        System.out.println(recipe + " was killed " + instants + seed());
        return run;
    }

    /** Waits until a random instant: of the start now and then, else of the work, which shows in the run's metrics. */
    private String letLive(Process process, Path run, Duration whole) throws IOException, InterruptedException {
        int ahead = random.nextInt(8);
        if (ahead == 0) {
            long start = random.nextLong(whole.toMillis());
            boolean _ = process.waitFor(start, TimeUnit.MILLISECONDS);
            return start + " ms after its start";
        }
        int before = lines(run);
        while (lines(run) < before + ahead && process.isAlive()) {
            boolean _ = process.waitFor(1, TimeUnit.MILLISECONDS);
        }
        long within = random.nextLong(30);
        boolean _ = process.waitFor(within, TimeUnit.MILLISECONDS);
        return within + " ms after line " + (before + ahead) + " of its metrics";
    }

    private static int lines(Path run) throws IOException {
        Path metrics = run.resolve("metrics.jsonl");
        if (!Files.exists(metrics)) {
            return 0;
        }
        int lines = 0;
        for (byte letter : Files.readAllBytes(metrics)) {
            lines += letter == '\n' ? 1 : 0;
        }
        return lines;
    }

    private static Path lastCheckpoint(Path run) {
        return Left.checkpointFolders(run).getLast();
    }

    private static String seed() {
        return ", -Dtests.seed=" + SEED;
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
