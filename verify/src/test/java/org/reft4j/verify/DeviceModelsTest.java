package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.ground.files.Json;
import org.reft4j.model.GradientPlan;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.DrawOptions;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.schema.Constraint;
import org.reft4j.model.schema.ResponseFormat;
import org.reft4j.model.schema.TokenTrie;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.OptimizerConfig;

/** Models of all families on a device that is not the processor: the same figures, few copies, and nothing left behind on the host. */
@ResourceLock("engine")
class DeviceModelsTest {
    /** float32 sums in another order, of figures of the size of 1 to 10. */
    private static final double ROUNDING = 1e-5;

    private static final int END = 2;
    private static final List<Tokens> PROMPTS =
            List.of(Tokens.of(5, 6, 7), Tokens.of(9), Tokens.of(11, 12, 13, 14, 15, 16, 17), Tokens.of(20, 21));

    @BeforeAll
    static void oneThread() {
        FakeDevice.require();
        Torch.start(1);
    }

    static List<DeviceFamilies> families() {
        return DeviceFamilies.ALL;
    }

    private static List<Rows.Row> rows() {
        return List.of(
                new Rows.Row(Tokens.of(5, 6, 7), Tokens.of(8, 9, 10, 2)),
                new Rows.Row(Tokens.of(5, 6, 7), Tokens.of(11, 2)),
                new Rows.Row(Tokens.of(12), Tokens.of(13, 14, 15, 16, 17, 18, 19, 20)));
    }

    @Test
    void everyFamilyIsAmongThem() {
        Set<String> tested = new HashSet<>();
        DeviceFamilies.ALL.forEach(each -> tested.add(each.architecture()));
        ModelFamilies.ALL.forEach(family -> assertTrue(tested.containsAll(family.architectures()), family.toString()));
    }

    @ParameterizedTest
    @MethodSource("families")
    void itScoresAndLearnsTheSame(DeviceFamilies family) {
        for (boolean checkpointing : new boolean[] {false, true}) {
            List<float[]> expected = learned(family, Place.HOST, checkpointing);
            List<float[]> found = learned(family, FakeDevice.PLACE, checkpointing);
            assertEquals(expected.size(), found.size());
            for (int i = 0; i < expected.size(); i++) {
                near(expected.get(i), found.get(i), family + ", figure " + i);
            }
        }
    }

    /** Log-probabilities, then every gradient, then the weights after an update. */
    private static List<float[]> learned(DeviceFamilies family, Place place, boolean checkpointing) {
        List<float[]> figures = new ArrayList<>();
        try (PolicyModel policy = PolicyModel.of(family.create(place));
                AdamW optimizer = new AdamW(policy.trained(), List.of(), 1, OptimizerConfig.SFT);
                var _ = NativeScope.open()) {
            policy.plan(new GradientPlan(checkpointing, GradientPlan.LOGIT_BYTES));
            figures.add(Tensors.toFloats(policy.score(Rows.of(place, rows())).logprobs()));
            policy.backwardLikelihood(Rows.of(place, rows()), -0.1);
            policy.trained()
                    .forEach(weight ->
                            figures.add(Tensors.toFloats(weight.value().grad())));
            optimizer.clipAndStep(1e-3);
            figures.add(Tensors.toFloats(policy.score(Rows.of(place, rows())).logprobs()));
            return figures;
        }
    }

    private static void near(float[] expected, float[] found, String what) {
        assertEquals(expected.length, found.length, what);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], ROUNDING * Math.max(1, Math.abs(expected[i])), what);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void itSamplesTheSame(DeviceFamilies family) {
        try (Decoder there = family.create(Place.HOST);
                Decoder here = family.create(FakeDevice.PLACE)) {
            List<Sampler.Draw> draws = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                draws.add(new Sampler.Draw(PROMPTS.get(i % PROMPTS.size()), i));
            }
            for (SamplingConfig config : List.of(
                    SamplingConfig.sampling(0.7, 0, 1, 20),
                    SamplingConfig.sampling(1, 5, 0.9, 20).withSupports())) {
                List<Completion> expected = new Sampler(there, END, 6).sample(draws, config);
                List<Completion> found = new Sampler(here, END, 6).sample(draws, config);
                for (int i = 0; i < draws.size(); i++) {
                    assertEquals(expected.get(i).tokens(), found.get(i).tokens());
                    near(expected.get(i).logprobs(), found.get(i).logprobs(), family + ", log-probabilities");
                    assertEquals(expected.get(i).supports(), found.get(i).supports());
                }
            }
        }
    }

    /** In 16-bit numbers attention has them too, and the cache: rounded, but no mixed call. */
    @ParameterizedTest
    @MethodSource("families")
    void bfloat16StaysNear(DeviceFamilies family) {
        Place coarse = Place.on("fake:0", DType.BF16);
        assertEquals(DType.BF16, coarse.attention());
        try (PolicyModel there = PolicyModel.of(family.create(Place.HOST));
                PolicyModel here = PolicyModel.of(family.create(coarse));
                var _ = NativeScope.open()) {
            float[] expected =
                    Tensors.toFloats(there.score(Rows.of(Place.HOST, rows())).logprobs());
            float[] found = Tensors.toFloats(here.score(Rows.of(coarse, rows())).logprobs());
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found[i], 0.5, "log-probability " + i);
            }
            var completions = new Sampler(here.decoder(), END, 4)
                    .sample(
                            List.of(new Sampler.Draw(PROMPTS.get(0), 1), new Sampler.Draw(PROMPTS.get(2), 2)),
                            SamplingConfig.sampling(1, 0, 1, 12));
            assertEquals(2, completions.size());
        }
    }

    /** Copies of a step: tokens and uniforms go up in one piece, what is allowed in another, and what was drawn comes back. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDecodingStepCopiesLittle(boolean constrained) {
        ModelSource source =
                new ModelSource(null, new ModelSource.NewModel(2, 32, 2, 1, 64, 256, 0.2), "f32", "fake:0");
        var opened = ModelSources.open(source, 7);
        try (Tokenizer tokenizer = opened.tokenizer();
                Decoder decoder = opened.build(DType.F32, FakeDevice.PLACE)) {
            EndTokens ends = constrained ? EndTokens.of(tokenizer.endOfText().orElseThrow()) : EndTokens.NONE;
            List<Sampler.Draw> draws = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                draws.add(new Sampler.Draw(
                        PROMPTS.get(i % PROMPTS.size()),
                        i,
                        DrawOptions.NONE,
                        constrained ? constraint(tokenizer, ends).start() : null));
            }
            FakeDevice.Counts few = copies(decoder, ends, draws, 10);
            FakeDevice.Counts many = copies(decoder, ends, draws, 30);
            FakeDevice.Counts more = many.since(few);
            assertTrue(more.uploads() <= 2 * 20, () -> more + " for 20 steps");
            assertTrue(more.downloads() <= 20, () -> more + " for 20 steps");
            assertEquals(0, more.reads(), () -> more + " for 20 steps");
            assertTrue(more.downloads() >= 20, () -> "nothing is counted: " + more);
        }
    }

    /** A long text, so that no row ends early. */
    private static Constraint constraint(Tokenizer tokenizer, EndTokens ends) {
        ObjectNode schema = Json.PLAIN.createObjectNode().put("type", "object").put("additionalProperties", false);
        schema.putObject("properties").putObject("t").put("type", "string").put("minLength", 100);
        schema.putArray("required").add("t");
        ObjectNode format = Json.PLAIN
                .createObjectNode()
                .put("type", "json_schema")
                .put("name", "long")
                .put("strict", true);
        format.set("schema", schema);
        return Constraint.of(ResponseFormat.read(format).orElseThrow(), TokenTrie.of(tokenizer, ends));
    }

    private static FakeDevice.Counts copies(Decoder decoder, EndTokens ends, List<Sampler.Draw> draws, int tokens) {
        FakeDevice.Counts before = FakeDevice.counts();
        List<Completion> completions =
                new Sampler(decoder, ends, draws.size()).sample(draws, SamplingConfig.sampling(1, 0, 1, tokens));
        for (int i = 0; i < draws.size(); i++) {
            assertEquals(
                    tokens - draws.get(i).prompt().size(),
                    completions.get(i).tokens().size());
        }
        return FakeDevice.counts().since(before);
    }

    /** Fails for operands on two devices, by the operator's name: in the words, or else that of the function that was called. */
    private static void refused(String operator, org.junit.jupiter.api.function.Executable work) {
        RuntimeException thrown = assertThrows(RuntimeException.class, work);
        String message = thrown.toString();
        assertTrue(message.contains("found at least two devices, fake"), message);
        String named = message.contains("(operator aten::")
                ? message.replaceFirst("(?s).*\\(operator aten::([a-z_]+).*", "$1")
                : thrown.getStackTrace()[0].getMethodName();
        assertEquals(operator, named, message);
    }

    @Test
    void aTensorLeftOnTheHostIsFoundInTheModel() {
        try (PolicyModel policy = PolicyModel.of(DeviceFamilies.ALL.getFirst().create(FakeDevice.PLACE));
                var _ = NativeScope.open()) {
            Parameter weight = policy.trained().getLast();
            weight.rebind(Tensors.at(Place.HOST, weight.value().detach()));
            refused("mm", () -> policy.score(Rows.of(FakeDevice.PLACE, rows())));
        }
    }

    @Test
    void aTensorLeftOnTheHostIsFoundInTheLoss() {
        try (PolicyModel policy = PolicyModel.of(DeviceFamilies.ALL.getFirst().create(FakeDevice.PLACE))) {
            policy.trained().forEach(weight -> weight.value().requires_grad_(true));
            refused(
                    "mul",
                    () -> policy.backward(Rows.of(FakeDevice.PLACE, rows()), scores -> {
                        float[] weights =
                                new float[Math.toIntExact(scores.logprobs().numel())];
                        return scores.logprobs()
                                .mul(Tensors.floats(Place.HOST, weights, weights.length))
                                .sum();
                    }));
        }
    }

    @Test
    void aTensorLeftOnTheHostIsFoundInTheOptimiser() throws ReflectiveOperationException {
        try (PolicyModel policy = PolicyModel.of(DeviceFamilies.ALL.getFirst().create(FakeDevice.PLACE));
                AdamW optimizer = new AdamW(policy.trained(), List.of(), 1, OptimizerConfig.SFT);
                var _ = NativeScope.open()) {
            policy.backwardLikelihood(Rows.of(FakeDevice.PLACE, rows()), -0.1);
            Field field = AdamW.class.getDeclaredField("first");
            field.setAccessible(true);
            Tensor moments = (Tensor) field.get(optimizer);
            field.set(optimizer, NativeScope.own(Tensors.zeros(Place.HOST, DType.F32, moments.numel())));
            moments.close();
            refused("lerp_", () -> optimizer.clipAndStep(1e-3));
        }
    }

    /** The sampler is given logits on the host by a decoder that is not. */
    @Test
    void aTensorLeftOnTheHostIsFoundInTheSampler() {
        try (Decoder decoder = DeviceFamilies.ALL.getFirst().create(FakeDevice.PLACE)) {
            Decoder careless = (Decoder) Proxy.newProxyInstance(
                    Decoder.class.getClassLoader(), new Class<?>[] {Decoder.class}, (_, method, arguments) -> {
                        try {
                            Object result = method.invoke(decoder, arguments);
                            return method.getName().equals("logits") ? Tensors.at(Place.HOST, (Tensor) result) : result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            refused(
                    "mul",
                    () -> new Sampler(careless, END, 4)
                            .sample(
                                    List.of(new Sampler.Draw(PROMPTS.getFirst(), 1)),
                                    SamplingConfig.sampling(1, 0, 1, 5)));
        }
    }

    /** A device would find out later, and could not be used afterwards. */
    @Test
    void unknownTokensAreRefusedBeforeTheDeviceSeesThem() {
        Tokens unknown = Tokens.of(5, DeviceFamilies.VOCABULARY);
        for (Place place : List.of(Place.HOST, FakeDevice.PLACE)) {
            try (PolicyModel policy =
                            PolicyModel.of(DeviceFamilies.ALL.getFirst().create(place));
                    var _ = NativeScope.open()) {
                String expected = "token 50 is not among the model's 50";
                for (Rows.Row row : List.of(new Rows.Row(unknown, Tokens.of(1)), new Rows.Row(Tokens.of(1), unknown))) {
                    assertEquals(
                            expected,
                            assertThrows(
                                            IllegalArgumentException.class,
                                            () -> policy.score(Rows.of(place, List.of(row))))
                                    .getMessage());
                }
                assertEquals(
                        expected,
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> new Sampler(policy.decoder(), END, 4)
                                                .sample(
                                                        List.of(new Sampler.Draw(unknown, 1)),
                                                        SamplingConfig.sampling(1, 0, 1, 5)))
                                .getMessage());
            }
        }
    }

    /** Two completions of a short prompt: one line under a mask on the processor, two lines without one on a device. */
    @Test
    void shortPromptsAreNotSharedOffTheProcessor() {
        try (var _ = NativeScope.open()) {
            assertEquals(2, Rows.of(Place.HOST, rows()).tokens().size(0));
            assertEquals(3, Rows.of(FakeDevice.PLACE, rows()).tokens().size(0));
            int[] ids = new int[600];
            java.util.Arrays.fill(ids, 7);
            List<Rows.Row> large =
                    List.of(new Rows.Row(Tokens.of(ids), Tokens.of(1)), new Rows.Row(Tokens.of(ids), Tokens.of(2)));
            assertEquals(1, Rows.of(FakeDevice.PLACE, large).tokens().size(0));
            assertArrayEquals(
                    new int[] {0, 1}, Rows.groups(FakeDevice.PLACE, large, 1000).getFirst());
        }
    }
}
