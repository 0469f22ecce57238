package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.learn.Checkpointed;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Learners;
import org.reft4j.train.learn.MicroBatches;
import org.reft4j.train.learn.StepMetrics;
import org.reft4j.train.learn.TrainerState;
import org.reft4j.train.learn.UpdateLosses;
import org.reft4j.train.loss.LossAverage;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.OptimizerConfig;

/** Later refinements of PPO, in the recipe's own parts, on a model of one layer. */
final class PpoRefinementsTest {
    private static final float TOLERANCE = 1e-6f;
    private static final int WIDTH = 16;
    private static final ModelSource TINY =
            new ModelSource(null, new ModelSource.NewModel(1, WIDTH, 2, 2, 32, 64, 0.2), "f32", "cpu");
    private static final List<Row> ROWS = List.of(
            new Row(Tokens.of(5, 9, 11), Tokens.of(7, 3)), new Row(Tokens.of(8, 20), Tokens.of(30, 31, 32, 33, 3)));
    private static final List<float[]> PAID = List.of(new float[] {0, 1}, new float[] {0, 0, 0, 0, 0.1f});
    private static final int[] BOTH = {0, 1};

    @BeforeAll
    static void start() {
        Torch.start();
    }

    private static Decoder decoder() {
        ModelSources.Source source = ModelSources.open(TINY, 7);
        source.tokenizer().close();
        return source.build(DType.F32, Place.HOST);
    }

    private static PolicyModel withCritic() {
        float[] weight = new float[WIDTH];
        Arrays.fill(weight, 0.1f);
        try (var scope = NativeScope.open()) {
            return PolicyModel.withValueHead(
                    decoder(),
                    scope.keep(Tensors.floats(Place.HOST, weight, 1, WIDTH)),
                    scope.keep(Tensors.floats(Place.HOST, new float[] {0.5f}, 1)));
        }
    }

    private static PpoConfig ppo(Map<String, String> more) {
        return reft(more).ppo();
    }

    private static ReftSettings reft(Map<String, String> more) {
        Map<String, String> settings =
                new LinkedHashMap<>(Map.of("model.path", ".", "steps", "1", "ppo.minibatch", "32"));
        settings.putAll(more);
        return assertInstanceOf(
                ReftSettings.class, ConfigFile.of("reft", settings).config());
    }

    /** The reference is the policy itself, so that there is no KL penalty: what is paid is the reward. */
    private static Experience experience(PolicyModel policy, PolicyModel critic, PpoConfig ppo) {
        return Learners.experience(ROWS, PAID, policy, policy, critic, ppo, 100);
    }

    @Test
    void withACriticsLambdaOfOneReturnsAreWhatIsPaidAndAdvantagesAreNotTouched() {
        try (PolicyModel policy = withCritic()) {
            Experience decoupled = experience(policy, policy, ppo(Map.of("ppo.lambda", "0", "ppo.critic-lambda", "1")));
            Experience coupled = experience(policy, policy, ppo(Map.of("ppo.lambda", "0")));
            assertArrayEquals(new float[] {1, 1}, decoupled.entries().get(0).returns(), TOLERANCE);
            assertArrayEquals(
                    new float[] {.1f, .1f, .1f, .1f, .1f},
                    decoupled.entries().get(1).returns(),
                    TOLERANCE);
            for (int i : BOTH) {
                assertArrayEquals(
                        coupled.entries().get(i).whitened(),
                        decoupled.entries().get(i).whitened(),
                        "lambda of the policy alone");
            }
            // With lambda 0 a return is the value of the next token.
            float[] values = coupled.entries().get(0).values();
            assertArrayEquals(
                    new float[] {values[1], 1}, coupled.entries().get(0).returns(), TOLERANCE);
        }
    }

    /** With alpha 0.4: two tokens give 1 - 1 / 0.8, taken as 0, and five give 1 - 1 / 2. */
    @Test
    void lambdaFollowsTheLengthOfEachCompletion() {
        try (PolicyModel policy = withCritic()) {
            Experience adaptive = experience(policy, policy, ppo(Map.of("ppo.lambda-alpha", "0.4")));
            Experience none = experience(policy, policy, ppo(Map.of("ppo.lambda", "0")));
            Experience half = experience(policy, policy, ppo(Map.of("ppo.lambda", "0.5")));
            assertArrayEquals(
                    none.entries().get(0).advantages(),
                    adaptive.entries().get(0).advantages());
            assertArrayEquals(
                    half.entries().get(1).advantages(),
                    adaptive.entries().get(1).advantages());
        }
    }

    @Test
    void tokensCountAlikeOrCompletionsDo() {
        try (PolicyModel policy = withCritic();
                var _ = NativeScope.open()) {
            PpoConfig token = ppo(Map.of("ppo.loss-average", "token"));
            assertEquals(LossAverage.TOKEN, token.lossAverage());
            float seventh = 1 / 7f;
            float[] all = new float[7];
            Arrays.fill(all, seventh);
            assertArrayEquals(
                    all,
                    Tensors.toFloats(experience(policy, policy, token)
                            .old(Place.HOST, BOTH, BOTH)
                            .weights()));
            assertArrayEquals(
                    new float[] {seventh, seventh},
                    Tensors.toFloats(experience(policy, policy, token)
                            .old(Place.HOST, new int[] {0}, BOTH)
                            .weights()),
                    "a part of the minibatch counts as in the whole");
            assertArrayEquals(
                    new float[] {.25f, .25f, .1f, .1f, .1f, .1f, .1f},
                    Tensors.toFloats(experience(policy, policy, PpoConfig.REFT)
                            .old(Place.HOST, BOTH, BOTH)
                            .weights()));
        }
    }

    private static List<float[]> gradients(List<Parameter> parameters) {
        List<float[]> gradients = new ArrayList<>();
        try (var _ = NativeScope.open()) {
            for (Parameter parameter : parameters) {
                gradients.add(Tensors.toFloats(parameter.value().grad()));
            }
        }
        return gradients;
    }

    private static List<float[]> sharedGradients(PpoConfig ppo) {
        try (PolicyModel policy = withCritic();
                AdamW optimizer = new AdamW(policy.trained(), policy.valueHead(), 1, OptimizerConfig.REFT);
                var _ = NativeScope.open()) {
            optimizer.zeroGradients();
            Experience experience = experience(policy, policy, ppo);
            Learner learner = new Learner(policy, optimizer, Learners.memory(100));
            var _ = PpoLosses.forwardBackward(learner, learner, experience, BOTH, ppo, false, false);
            return gradients(policy.trained());
        }
    }

    /** As torch leaves parameters without a gradient: the backbone's first update is its first, however often the head was updated before. */
    @Test
    void theTrunkRestsWhileTheHeadLearnsAlone() {
        OptimizerConfig decaying =
                new OptimizerConfig(1e-2, OptimizerConfig.Schedule.CONSTANT, 0, 0.9, 0.999, 1e-8, 0.1, 0);
        List<float[]> start;
        List<float[]> rested;
        List<float[]> head;
        try (PolicyModel policy = withCritic();
                AdamW optimizer = new AdamW(policy.trained(), policy.valueHead(), 1, decaying)) {
            start = weights(policy.trained());
            head = weights(policy.valueHead());
            for (int i = 0; i < 3; i++) {
                optimizer.zeroGradients();
                fillGradients(policy.valueHead());
                assertTrue(optimizer.clipAndStepHead(1e-2) > 0);
            }
            assertAllEqual(start, weights(policy.trained()), "neither moved nor decayed");
            assertFalse(
                    Arrays.equals(head.getFirst(), weights(policy.valueHead()).getFirst()));
            assertEquals(new AdamW.Updates(0, 3), optimizer.updates());
            optimizer.zeroGradients();
            fillGradients(policy.trained());
            optimizer.clipAndStep(1e-2);
            rested = weights(policy.trained());
        }
        try (PolicyModel policy = withCritic();
                AdamW optimizer = new AdamW(policy.trained(), policy.valueHead(), 1, decaying)) {
            optimizer.zeroGradients();
            fillGradients(policy.trained());
            optimizer.clipAndStep(1e-2);
            assertAllEqual(weights(policy.trained()), rested, "to the bit");
            assertFalse(Arrays.equals(start.getFirst(), rested.getFirst()));
        }
    }

    private static void fillGradients(List<Parameter> parameters) {
        try (var _ = NativeScope.open()) {
            parameters.forEach(parameter -> parameter.value().grad().fill_(Tensors.scalar(0.5)));
        }
    }

    private static List<float[]> weights(List<Parameter> parameters) {
        try (var _ = NativeScope.open()) {
            return parameters.stream()
                    .map(parameter -> Tensors.toFloats(parameter.value()))
                    .toList();
        }
    }

    private static void assertAllEqual(List<float[]> expected, List<float[]> actual, String why) {
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), why);
        }
    }

    @Test
    void aSeparateCriticsLossIsNotInThePolicysGradient() {
        List<float[]> alone;
        try (PolicyModel policy = PolicyModel.of(decoder());
                PolicyModel critic = withCritic();
                AdamW optimizer = new AdamW(policy.trained(), List.of(), 1, OptimizerConfig.REFT);
                AdamW critics = new AdamW(critic.trained(), critic.valueHead(), 1, OptimizerConfig.REFT);
                var _ = NativeScope.open()) {
            optimizer.zeroGradients();
            critics.zeroGradients();
            Experience experience = experience(policy, critic, PpoConfig.REFT);
            MicroBatches memory = Learners.memory(100);
            UpdateLosses losses = PpoLosses.forwardBackward(
                    new Learner(policy, optimizer, memory),
                    new Learner(critic, critics, memory),
                    experience,
                    BOTH,
                    PpoConfig.REFT,
                    false,
                    false);
            alone = gradients(policy.trained());
            assertTrue(critics.clipAndStep(0) > 0, "the critic learns, its backbone too");
            assertTrue(losses.total() != 0);
        }
        List<float[]> weightless = sharedGradients(ppo(Map.of("ppo.value-weight", "0")));
        List<float[]> shared = sharedGradients(PpoConfig.REFT);
        boolean differs = false;
        for (int i = 0; i < alone.size(); i++) {
            assertArrayEquals(weightless.get(i), alone.get(i), "as if the value loss weighed nothing, to the bit");
            differs |= !Arrays.equals(shared.get(i), alone.get(i));
        }
        assertTrue(differs, "a shared backbone gets it");
    }

    @Test
    void whileOnlyASeparateCriticLearnsThePolicyGetsNoGradient() {
        try (PolicyModel policy = PolicyModel.of(decoder());
                PolicyModel critic = withCritic();
                AdamW optimizer = new AdamW(policy.trained(), List.of(), 1, OptimizerConfig.REFT);
                AdamW critics = new AdamW(critic.trained(), critic.valueHead(), 1, OptimizerConfig.REFT);
                var _ = NativeScope.open()) {
            optimizer.zeroGradients();
            critics.zeroGradients();
            Experience experience = experience(policy, critic, PpoConfig.REFT);
            MicroBatches memory = Learners.memory(100);
            var _ = PpoLosses.forwardBackward(
                    new Learner(policy, optimizer, memory),
                    new Learner(critic, critics, memory),
                    experience,
                    BOTH,
                    PpoConfig.REFT,
                    true,
                    false);
            assertEquals(0, optimizer.clipAndStep(0));
            assertTrue(critics.clipAndStep(0) > 0);
        }
    }

    @Test
    void theValuesAreThoseOfThePassThatScores() {
        try (PolicyModel policy = withCritic();
                var _ = NativeScope.open()) {
            assertArrayEquals(
                    Tensors.toFloats(java.util.Objects.requireNonNull(
                            policy.score(Rows.of(Place.HOST, ROWS)).values())),
                    Tensors.toFloats(policy.values(Rows.of(Place.HOST, ROWS))));
        }
    }

    @Test
    void withoutTheNewKeysNothingChanges() {
        ReftSettings config = reft(Map.of("ppo.clip", "0.1", "ppo.lambda", "0.9"));
        assertEquals(0.1, config.ppo().clipAbove());
        assertEquals(0.9, config.ppo().policyLambda(3));
        assertEquals(0.9, config.ppo().returnLambda(3));
        assertEquals(LossAverage.COMPLETION, config.ppo().lossAverage());
        assertNull(config.ppo().adaptiveKl());
        assertFalse(config.separateCritic());
    }

    @Test
    void whatCannotBeIsRefused() {
        refused("ppo.loss-average is constant; expected completion or token", Map.of("ppo.loss-average", "constant"));
        refused("ppo.critic-lambda is 1.5; expected a number in [0, 1]", Map.of("ppo.critic-lambda", "1.5"));
        refused("ppo.critic-lambda is high; expected a number", Map.of("ppo.critic-lambda", "high"));
        refused("ppo.clip-high is 0.0; expected a number above 0", Map.of("ppo.clip-high", "0"));
        refused("ppo.lambda-alpha is -1.0; expected 0 (off) or more", Map.of("ppo.lambda-alpha", "-1"));
        refused("it multiplies, and 0 stays 0", Map.of("ppo.kl", "0", "ppo.adaptive-kl.target", "6"));
        refused("ppo.adaptive-kl.target is 0.0; expected a number of nats", Map.of("ppo.adaptive-kl.target", "0"));
        refused("critic is own; expected shared or separate", Map.of("critic", "own"));
        refused("expected shared, where lora is given", Map.of("critic", "separate", "lora.rank", "4"));
    }

    private static void refused(String message, Map<String, String> settings) {
        String said = String.valueOf(
                assertThrows(ConfigException.class, () -> reft(settings)).getMessage());
        assertTrue(said.contains(message), said);
    }

    /** 64 rollouts of 10,000, an error of at most 0.2: 0.1 x (1 ± 0.2 x 0.0064). */
    @Test
    void theKlCoefficientIsMovedStoredAndPutBack() {
        PpoConfig ppo = ppo(Map.of("ppo.kl", "0.1", "ppo.adaptive-kl.target", "6"));
        KlCoefficient kl = new KlCoefficient(ppo);
        try (PolicyModel policy = withCritic()) {
            StepMetrics metrics = new StepMetrics();
            metrics.measured(experience(policy, policy, ppo), List.of());
            kl.moved(metrics, 64);
            assertEquals(0.1, metrics.value("kl-coefficient"), "that of the step which was");
        }
        assertEquals(0.1 * (1 - 0.2 * 0.0064), kl.objective().kl(), 1e-12, "nothing moved yet: KL is 0");
        KlCoefficient resumed = new KlCoefficient(ppo);
        resumed.restore(saved(kl));
        assertEquals(kl.objective(), resumed.objective());
        assertTrue(saved(new KlCoefficient(PpoConfig.REFT)).isEmpty(), "no new state where it stays");
    }

    private static ObjectNode saved(Checkpointed state) {
        ObjectNode node = TrainerState.empty();
        state.save(node);
        return node;
    }
}
