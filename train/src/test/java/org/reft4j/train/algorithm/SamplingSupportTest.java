package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.tensor.Torch;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** Whole runs of a tiny model that draws from its likeliest tokens alone, and is trained among them. */
class SamplingSupportTest {
    /** Log-probabilities of single tokens in float32, by two passes in other groups. */
    private static final double ROUNDING = 1e-5;

    @TempDir
    Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.start(1);
    }

    /** @param recipe a recipe, followed by its settings, separated by spaces */
    private KeptRun train(String name, String recipe, int stopBehind, Optional<Run.Checkpoint> from, String... more) {
        Map<String, String> settings = TinyRuns.settings(SamplingTemperatureTest.model(folder, 1));
        TinyRuns.sample(settings, 180);
        settings.put("rollout.temperature", "0.7");
        settings.put("rollout.top-p", "0.8");
        settings.put("evaluate.max-total-tokens", "170");
        settings.put("grader", "{type: length, unit: characters, soft: 0, hard: 500}");
        TinyRuns.unguarded(settings, recipe.split(" ", 2)[0]);
        return TinyRuns.train(folder.resolve(name), stopBehind, from, recipe, settings, more);
    }

    /** Policy, old policy and reference are the same at first: no difference may show, although each has a forward pass of its own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpo",
                "grpo rollout.top-k=5",
                "grpo loss.minibatch=8",
                "grpo lora.rank=4",
                "reft",
                "reft rollout.top-k=5",
                "reft critic=separate",
                "reft lora.rank=4"
            })
    void whatIsTrainedIsWhatWasSampled(String recipe) {
        KeptRun run = train("run", recipe, 0, Optional.empty());
        Map<String, Double> first = run.steps().getFirst().metrics();
        assertEquals(0, first.getOrDefault("kl-sequence", 1.0), 20 * ROUNDING, "the sum over up to 20 tokens");
        assertEquals(0, first.getOrDefault("kl-k2", 1.0), ROUNDING * ROUNDING);
        assertEquals(0, first.getOrDefault("logprob-gap-max", 1.0), ROUNDING);
        assertEquals(0.0, first.get("clip-fraction-first"));
        if (!recipe.contains("minibatch")) {
            assertEquals(List.of(1.0, 1.0), run.metric("ratio-mean"), "one update a step is on-policy");
        }
        double kl = run.metric("kl-k3").getLast();
        assertTrue(kl > 0 && kl < 1, () -> "moved: " + run.metric("kl-k3"));
        assertEquals(0, run.metric("logprob-gap-max").getLast(), ROUNDING);
        assertTrue(first.getOrDefault("entropy", 0.0) > 0.1, first::toString);
    }

    /** However narrow the range of clipping, a pass of its own measures the same old policy; and the second update has moved. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpo loss.minibatch=8 loss.clip-low=1e-4 loss.clip-high=1e-4",
                "reft ppo.minibatch=8 ppo.clip=1e-4"
            })
    void theOldPolicyIsMeasuredAmongTheSameTokens(String recipe) {
        KeptRun run = train("narrow", recipe, 0, Optional.empty());
        assertEquals(List.of(0.0, 0.0), run.metric("clip-fraction-first"));
        assertTrue(run.metric("clip-fraction").getFirst() > 0, () -> "moved: " + run.metric("clip-fraction"));
    }

    /** A certain token has no gradient: of one token alone nothing is learned, whatever is paid. */
    @Test
    void oneTokenTeachesNothing() {
        KeptRun run = train("one", "grpo", 0, Optional.empty(), "rollout.top-k", "1", "control", "random");
        assertEquals(
                List.of(0.0, 0.0), run.metric("entropy").stream().map(Math::abs).toList());
        assertEquals(List.of(0.0, 0.0), run.metric("gradient-norm"));
        assertEquals(List.of(0.0, 0.0), run.metric("kl-k3"));
    }

    /** The same as far as the last bit. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpo steps=3 loss.minibatch=8 rollout.mixed-only=true refill=2 control=random",
                "reft steps=3 ppo.minibatch=8 ppo.epochs=2"
            })
    void resumesWhereItStopped(String recipe) throws IOException {
        KeptRun whole = train("whole", recipe, 0, Optional.empty());
        KeptRun first = train("parts", recipe, 1, Optional.empty());
        KeptRun second = train("parts", recipe, 0, first.latest());
        List<Map<String, Double>> parts = new ArrayList<>();
        first.steps().forEach(step -> parts.add(step.metrics()));
        second.steps().forEach(step -> parts.add(step.metrics()));
        assertEquals(whole.steps().stream().map(RunEvent.Stepped::metrics).toList(), parts);
        assertEquals(3, parts.size());
        for (String file : List.of("model.safetensors", "trainer/state.safetensors", "trainer/state.json")) {
            assertEquals(
                    -1,
                    Files.mismatch(
                            folder.resolve("whole/step-3").resolve(file),
                            folder.resolve("parts/step-3").resolve(file)),
                    file);
        }
    }

    /** The filtered likelihood of self-training is that of all tokens, whatever was drawn from. */
    @Test
    void selfTrainingLearnsAmongAllTokens() {
        KeptRun run = train(
                "self",
                "online-self-training",
                0,
                Optional.empty(),
                "rollout.top-k",
                "1",
                "grader",
                "{type: length, unit: characters, soft: 499, hard: 500}",
                "prompt.stop",
                "[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, ' ', '.', '1', '2']");
        assertTrue(run.metric("kept").getFirst() > 0, () -> "kept: " + run.metric("kept"));
        double loss = run.metric("loss-samples").getFirst();
        assertTrue(loss > 0.1, () -> "among the one token that was left it would be 0: " + loss);
    }
}
