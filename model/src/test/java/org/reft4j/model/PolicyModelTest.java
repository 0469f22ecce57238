package org.reft4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.model.PolicyModel.Scores;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.GoldenModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.TinyLlama;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** Gradients in parts equal those of one graph. */
class PolicyModelTest {
    /** float32 sums in another order, of gradients of the size of 1. */
    private static final double TOLERANCE = 1e-5;
    /** Logits of three tokens of the 50. */
    private static final long THREE_TOKENS = 3L * 50 * Float.BYTES;

    private static final List<GradientPlan> PLANS = List.of(
            new GradientPlan(false, THREE_TOKENS),
            new GradientPlan(true, GradientPlan.LOGIT_BYTES),
            new GradientPlan(true, THREE_TOKENS));

    @BeforeEach
    void start() {
        Torch.start();
    }

    /** Bends the log-probabilities, as PPO does, so that the gradient depends on their values. */
    private static Tensor bent(Scores scores) {
        Tensor values = scores.values();
        assertTrue(values != null);
        return scores.logprobs().exp().mul(values).add(values.square()).mean();
    }

    private static PolicyModel policy(boolean tied, boolean adapted) {
        Decoder decoder = TinyLlama.create(json -> json.put("tie_word_embeddings", tied), DType.F32);
        if (adapted) {
            decoder = Adapters.fresh(
                    decoder,
                    AdapterConfig.fresh("base", 3, 6, false, "q_proj, up_proj, down_proj, lm_head", "", "the test"),
                    i -> i);
            decoder.trained().forEach(PolicyModelTest::stir);
        }
        try (var scope = NativeScope.open()) {
            float[] weight = new float[32];
            java.util.Arrays.fill(weight, 0.1f);
            PolicyModel policy = PolicyModel.withValueHead(
                    decoder,
                    scope.keep(Tensors.floats(Place.HOST, weight, 1, 32)),
                    scope.keep(Tensors.floats(Place.HOST, new float[1], 1)));
            policy.trained().forEach(parameter -> parameter.value().requires_grad_(true));
            policy.valueHead().forEach(parameter -> parameter.value().requires_grad_(true));
            return policy;
        }
    }

    /** B starts at zero, and then A gets no gradient. */
    private static void stir(Parameter parameter) {
        SplittableRandom random = new SplittableRandom(parameter.name().length());
        try (var _ = NativeScope.open()) {
            float[] values = new float[Math.toIntExact(parameter.value().numel())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextDouble() - 0.5);
            }
            parameter.value().copy_(Tensors.floats(Place.HOST, values, Tensors.shape(parameter.value())));
        }
    }

    private static List<Rows.Row> rows() {
        SplittableRandom random = new SplittableRandom(5);
        List<Rows.Row> rows = new ArrayList<>();
        for (int length : new int[] {7, 4, 1}) {
            rows.add(new Rows.Row(
                    Tokens.of(random.ints(5, 0, 50).toArray()),
                    Tokens.of(random.ints(length, 0, 50).toArray())));
        }
        return rows;
    }

    private static List<float[]> gradients(PolicyModel policy) {
        List<float[]> gradients = new ArrayList<>();
        List<Parameter> all = new ArrayList<>(policy.trained());
        all.addAll(policy.valueHead());
        try (var _ = NativeScope.open()) {
            for (Parameter parameter : all) {
                Tensor gradient = parameter.value().grad();
                gradients.add(
                        gradient.defined()
                                ? Tensors.toFloats(gradient)
                                : new float[Math.toIntExact(parameter.value().numel())]);
            }
        }
        return gradients;
    }

    private static List<float[]> gradients(boolean tied, boolean adapted, GradientPlan plan) {
        try (PolicyModel policy = policy(tied, adapted);
                var _ = NativeScope.open()) {
            policy.plan(plan);
            policy.backward(Rows.of(Place.HOST, rows()), PolicyModelTest::bent);
            return gradients(policy);
        }
    }

    private static double distance(List<float[]> expected, List<float[]> found) {
        double largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            largest = Math.max(largest, GoldenModel.distance(expected.get(i), found.get(i), 1));
        }
        return largest;
    }

    @Test
    void partsAddUpToTheWhole() {
        for (boolean tied : new boolean[] {true, false}) {
            for (boolean adapted : new boolean[] {true, false}) {
                List<float[]> whole = gradients(tied, adapted, GradientPlan.FAST);
                assertTrue(whole.stream().allMatch(PolicyModelTest::someNonZero), "every gradient is there");
                for (GradientPlan plan : PLANS) {
                    double distance = distance(whole, gradients(tied, adapted, plan));
                    assertTrue(distance <= TOLERANCE, plan + " is off by " + distance);
                }
            }
        }
    }

    /** The twin: without the part of the gradient that comes through the critic, the comparison fails. */
    @Test
    void aMissingPartIsNoticed() {
        Function<Scores, Tensor> withoutCritic =
                scores -> scores.logprobs().exp().mean();
        try (PolicyModel policy = policy(true, false);
                var _ = NativeScope.open()) {
            policy.plan(PLANS.getLast());
            policy.backward(Rows.of(Place.HOST, rows()), withoutCritic);
            assertTrue(distance(gradients(true, false, GradientPlan.FAST), gradients(policy)) > 100 * TOLERANCE);
        }
    }

    /** The gradient of a critic alone is that of its values in one graph, the log-probabilities weighing nothing. */
    @Test
    void aCriticsGradientReachesItsTrunk() {
        List<float[]> expected;
        try (PolicyModel policy = policy(true, false);
                var _ = NativeScope.open()) {
            policy.backward(
                    Rows.of(Place.HOST, rows()),
                    scores ->
                            squares(scores.values()).add(scores.logprobs().sum().mul(Tensors.scalar(0))));
            expected = gradients(policy);
        }
        List<GradientPlan> plans = new ArrayList<>(List.of(GradientPlan.FAST));
        plans.addAll(PLANS);
        for (GradientPlan plan : plans) {
            try (PolicyModel critic = policy(true, false);
                    var _ = NativeScope.open()) {
                critic.plan(plan);
                critic.backwardCritic(Rows.of(Place.HOST, rows()), PolicyModelTest::squares);
                List<float[]> found = gradients(critic);
                assertTrue(found.stream().allMatch(PolicyModelTest::someNonZero), "every gradient is there");
                double distance = distance(expected, found);
                assertTrue(distance <= TOLERANCE, plan + " is off by " + distance);
            }
        }
    }

    private static Tensor squares(@Nullable Tensor values) {
        assertTrue(values != null);
        return values.square().mean();
    }

    private static boolean someNonZero(float[] values) {
        for (float value : values) {
            if (value != 0) {
                return true;
            }
        }
        return false;
    }

    @Test
    void likelihoodsAddUpToo() {
        double[] sums = new double[PLANS.size() + 1];
        List<List<float[]>> all = new ArrayList<>();
        List<GradientPlan> plans = new ArrayList<>(List.of(GradientPlan.FAST));
        plans.addAll(PLANS);
        for (GradientPlan plan : plans) {
            try (PolicyModel policy = policy(false, false);
                    var _ = NativeScope.open()) {
                policy.plan(plan);
                sums[all.size()] = policy.backwardLikelihood(Rows.of(Place.HOST, rows()), -0.1);
                all.add(gradients(policy));
            }
        }
        for (int i = 1; i < sums.length; i++) {
            assertEquals(sums[0], sums[i], TOLERANCE);
            assertTrue(distance(all.getFirst(), all.get(i)) <= TOLERANCE);
        }
    }

    /** Micro-batches change nothing: eight rows at once or one by one. */
    @Test
    void oneTimesEightIsEightTimesOne() {
        List<Rows.Row> rows = new ArrayList<>(rows());
        rows.addAll(rows());
        rows.addAll(rows().subList(0, 2));
        List<List<float[]>> found = new ArrayList<>();
        for (int budget : new int[] {1000, 1}) {
            try (PolicyModel policy = policy(true, false);
                    var _ = NativeScope.open()) {
                List<int[]> groups = Rows.groups(Place.HOST, rows, budget);
                assertEquals(budget == 1 ? 8 : 1, groups.size());
                for (int[] group : groups) {
                    policy.backwardLikelihood(
                            Rows.of(
                                    Place.HOST,
                                    java.util.Arrays.stream(group)
                                            .mapToObj(rows::get)
                                            .toList()),
                            -1.0 / 34);
                }
                found.add(gradients(policy));
            }
        }
        double distance = distance(found.get(0), found.get(1));
        assertTrue(distance <= TOLERANCE, "off by " + distance);
    }

    @Test
    void scoresWithoutGradientsAreMadeInPartsToo() {
        try (PolicyModel policy = policy(true, true);
                var _ = NativeScope.open()) {
            float[] whole =
                    Tensors.toFloats(policy.score(Rows.of(Place.HOST, rows())).logprobs());
            policy.plan(PLANS.getFirst());
            float[] parts =
                    Tensors.toFloats(policy.score(Rows.of(Place.HOST, rows())).logprobs());
            assertArrayEquals(whole, parts, (float) TOLERANCE);
        }
    }

    /** Which of 50 tokens is the likeliest, asked one by one; told once of each, in one piece, in parts and computed again. */
    @Test
    void tellsWhichTokensAreTheLikeliest() {
        List<Rows.Row> rows = new ArrayList<>();
        for (Rows.Row row : rows()) {
            // Every other token is the model's own choice.
            int[] tokens = new int[row.completion().size()];
            for (int t = 0; t < tokens.length; t++) {
                Tokens before = Tokens.of(java.util.Arrays.copyOf(tokens, t));
                tokens[t] = t % 2 == 0
                        ? likeliest(row.prompt(), before)
                        : row.completion().get(t);
            }
            rows.add(new Rows.Row(row.prompt(), Tokens.of(tokens)));
        }
        List<Boolean> expected = new ArrayList<>();
        for (Rows.Row row : rows) {
            for (int t = 0; t < row.completion().size(); t++) {
                expected.add(row.completion().get(t)
                        == likeliest(row.prompt(), row.completion().slice(0, t)));
            }
        }
        assertTrue(expected.contains(true) && expected.contains(false), expected.toString());
        List<GradientPlan> plans = new ArrayList<>(List.of(GradientPlan.FAST));
        plans.addAll(PLANS);
        for (GradientPlan plan : plans) {
            assertEquals(
                    expected,
                    told(plan, (policy, hits) -> policy.score(Rows.of(Place.HOST, rows), hits)),
                    plan + ": scored");
            assertEquals(
                    expected,
                    told(
                            plan,
                            (policy, hits) -> policy.backward(Rows.of(Place.HOST, rows), hits, PolicyModelTest::bent)),
                    plan + ": learned");
            assertEquals(
                    expected,
                    told(plan, (policy, hits) -> policy.backwardLikelihood(Rows.of(Place.HOST, rows), -0.1, hits)),
                    plan + ": supervised");
        }
    }

    private static List<Boolean> told(GradientPlan plan, java.util.function.BiConsumer<PolicyModel, TokenHits> pass) {
        TokenHits hits = new TokenHits();
        try (PolicyModel policy = policy(true, false);
                var _ = NativeScope.open()) {
            policy.plan(plan);
            pass.accept(policy, hits);
        }
        List<Boolean> told = new ArrayList<>();
        for (int i = 0; i < hits.tokens(); i++) {
            told.add(hits.among(i + 1) > hits.among(i));
        }
        return told;
    }

    private static int likeliest(Tokens prompt, Tokens before) {
        List<Rows.Row> all = new ArrayList<>();
        for (int token = 0; token < 50; token++) {
            all.add(new Rows.Row(prompt, before.append(token)));
        }
        try (PolicyModel policy = policy(true, false);
                var _ = NativeScope.open()) {
            int best = 0;
            float most = Float.NEGATIVE_INFINITY;
            for (int token = 0; token < all.size(); token++) {
                float[] logprobs = Tensors.toFloats(policy.score(Rows.of(Place.HOST, List.of(all.get(token))))
                        .logprobs());
                if (logprobs[logprobs.length - 1] > most) {
                    most = logprobs[logprobs.length - 1];
                    best = token;
                }
            }
            return best;
        }
    }
}
