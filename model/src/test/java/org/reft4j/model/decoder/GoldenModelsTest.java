package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** Every golden model of a known family: logits, loss, gradients and greedy text as the Python reference computes them. */
class GoldenModelsTest {
    /** float32 sums in another order; logits are of the size of 10. */
    private static final double LOGITS = 1e-4;
    /** Tolerance, as a share of the largest entry of the tensor. */
    private static final double GRADIENT = 1e-4;
    /**
     * Share of the largest entry of all tensors: a gradient with no entry above it is 0 but for rounding. A bias of keys is: without
     * rotary positions it adds the same to all scores of a query.
     */
    static final double NOTHING = 1e-6;

    private static final double LOSS = 1e-5;
    /** A wrong variant must be this many tolerances away. */
    private static final double WRONG = 20;

    private static final int LABELS_FROM = 3;
    private static final long IGNORED = -100;

    @BeforeEach
    void start() {
        Torch.start();
    }

    private static Stream<DynamicTest> each(Consumer<GoldenModel> test) {
        List<GoldenModel> models = GoldenModel.known();
        assertFalse(models.isEmpty(), "no golden model is of a known family");
        return models.stream()
                .map(model -> DynamicTest.dynamicTest(model.name(), () -> {
                    try (var _ = NativeScope.open()) {
                        test.accept(model);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> logitsOfRightPaddedRows() {
        return each(model -> {
            double distance = rightDistance(model, _ -> {});
            assertTrue(distance <= LOGITS, () -> model.name() + " is off by " + distance);
        });
    }

    @TestFactory
    Stream<DynamicTest> logitsOfLeftPaddedRows() {
        return each(model -> {
            double distance = leftDistance(model, true);
            assertTrue(distance <= LOGITS, () -> model.name() + " is off by " + distance);
        });
    }

    @TestFactory
    Stream<DynamicTest> aWrongSettingIsNoticed() {
        return each(model -> assertTrue(rightDistance(model, GoldenModel::tamper) > WRONG * LOGITS));
    }

    @TestFactory
    Stream<DynamicTest> paddingThatIsNotMaskedIsNoticed() {
        return each(model -> assertTrue(leftDistance(model, false) > WRONG * LOGITS));
    }

    @TestFactory
    Stream<DynamicTest> lossAndGradients() {
        return each(model -> {
            try (Decoder decoder = model.load();
                    SafetensorsFile golden = model.values()) {
                double loss = backward(decoder, golden, LABELS_FROM);
                assertEquals(model.json("golden.json").path("loss").asDouble(), loss, LOSS);
                double nothing = nothing(decoder, golden);
                double worst = 0;
                for (Parameter parameter : decoder.parameters()) {
                    double distance = gradientDistance(parameter, golden, nothing);
                    assertTrue(distance <= GRADIENT, () -> parameter.name() + " is off by " + distance);
                    worst = Math.max(worst, distance);
                }
                System.out.printf(
                        Locale.ROOT,
                        "golden %s: %d gradients agree within %.1e%n",
                        model.name(),
                        decoder.parameters().size(),
                        worst);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> labelsOnThePromptAreNoticed() {
        return each(model -> {
            try (Decoder decoder = model.load();
                    SafetensorsFile golden = model.values()) {
                double loss = backward(decoder, golden, 1);
                double nothing = nothing(decoder, golden);
                // By one of them: a label more need not move every gradient far.
                boolean byLoss = Math.abs(model.json("golden.json").path("loss").asDouble() - loss) > WRONG * LOSS;
                boolean byGradient = decoder.parameters().stream()
                        .filter(p -> largest(p, golden) > nothing)
                        .anyMatch(p -> gradientDistance(p, golden, nothing) > WRONG * GRADIENT);
                assertTrue(byLoss || byGradient, "a label on the prompt is not noticed");
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> greedyTextThroughTheCache() {
        return each(model -> assertEquals(model.tokens("greedy"), greedy(model)));
    }

    /** Rows in the cache are as good as whole rows, and padding that it is not told of is noticed. */
    @TestFactory
    Stream<DynamicTest> cachedRowsScoreLikeWholeRows() {
        return each(model -> {
            try (Decoder decoder = model.load();
                    SafetensorsFile golden = model.values()) {
                long[] mask = Tensors.toLongs(golden.read("left_mask"));
                float[] expected = Tensors.toFloats(golden.read("left_logits"));
                assertTrue(GoldenModel.distance(expected, stepwise(decoder, golden, 6, true), mask) <= LOGITS);
                assertTrue(GoldenModel.distance(expected, stepwise(decoder, golden, 6, false), mask) > WRONG * LOGITS);
            }
        });
    }

    /** bf16 products are coarse, but must be the same function: far from any other theta's logits. */
    @TestFactory
    Stream<DynamicTest> bfloat16ProductsStayNear() {
        return each(model -> {
            try (Decoder decoder = model.load(_ -> {}, DType.BF16);
                    SafetensorsFile golden = model.values()) {
                float[] expected = Tensors.toFloats(golden.read("logits"));
                Tensor hidden = decoder.hidden(golden.read("ids"), (Tensor) null);
                float[] found = Tensors.toFloats(decoder.logits(hidden));
                double error = 0;
                double size = 0;
                for (int i = 0; i < expected.length / 2; i++) {
                    error += Math.pow(expected[i] - found[i], 2);
                    size += Math.pow(expected[i], 2);
                }
                assertTrue(Math.sqrt(error / size) < 0.05, "relative error " + Math.sqrt(error / size));
            }
        });
    }

    private static double rightDistance(GoldenModel model, Consumer<ObjectNode> change) {
        try (Decoder decoder = model.load(change);
                SafetensorsFile golden = model.values();
                var _ = NativeScope.open()) {
            float[] found = Tensors.toFloats(decoder.logits(decoder.hidden(golden.read("ids"), (Tensor) null)));
            return GoldenModel.distance(
                    Tensors.toFloats(golden.read("logits")), found, Tensors.toLongs(golden.read("mask")));
        }
    }

    private static double leftDistance(GoldenModel model, boolean masked) {
        try (Decoder decoder = model.load();
                SafetensorsFile golden = model.values()) {
            @Nullable Tensor mask = masked ? golden.read("left_mask") : null;
            float[] found = Tensors.toFloats(decoder.logits(decoder.hidden(golden.read("left_ids"), mask)));
            return GoldenModel.distance(
                    Tensors.toFloats(golden.read("left_logits")), found, Tensors.toLongs(golden.read("left_mask")));
        }
    }

    /** The loss of {@code golden.json}, with gradients left in the parameters. */
    static double backward(Decoder decoder, SafetensorsFile golden, int labelsFrom) {
        Tensor ids = golden.read("ids");
        long[] labels = Tensors.toLongs(ids);
        long[] mask = Tensors.toLongs(golden.read("mask"));
        int rows = (int) ids.size(0);
        int length = (int) ids.size(1);
        long[] targets = new long[rows * length];
        Arrays.fill(targets, IGNORED);
        for (int row = 0; row < rows; row++) {
            for (int t = labelsFrom; t < length; t++) {
                int at = row * length + t;
                if (mask[at] == 1) {
                    targets[at - 1] = labels[at];
                }
            }
        }
        if (Adapters.active(decoder).isEmpty()) {
            decoder.parameters().forEach(parameter -> parameter.value().requires_grad_(true));
        }
        try (var _ = Torch.recordGradients()) {
            Tensor logits = decoder.logits(decoder.hidden(ids, (Tensor) null)).view(rows * (long) length, -1);
            Tensor loss = torch.cross_entropy_loss(
                    logits,
                    Tensors.longs(Place.HOST, targets, targets.length),
                    new TensorOptional(), /* mean */
                    1,
                    IGNORED,
                    0.0);
            loss.backward();
            return Tensors.toDouble(loss);
        }
    }

    private static double gradientDistance(Parameter parameter, SafetensorsFile golden, double nothing) {
        return gradientDistance(parameter, golden.read("grad." + parameter.name()), nothing);
    }

    /**
     * Distance of a gradient from the expected one, as a share of the largest entry.
     *
     * @param nothing what is rounding and no gradient
     */
    static double gradientDistance(Parameter parameter, Tensor gradient, double nothing) {
        float[] expected = Tensors.toFloats(gradient);
        float[] found = Tensors.toFloats(GoldenModel.gradient(parameter));
        double largest = largest(expected);
        if (largest <= nothing && largest(found) <= nothing) {
            return 0;
        }
        return GoldenModel.distance(expected, found, 1) / largest;
    }

    private static double largest(Parameter parameter, SafetensorsFile golden) {
        return largest(Tensors.toFloats(golden.read("grad." + parameter.name())));
    }

    static double largest(float[] entries) {
        double largest = 0;
        for (float entry : entries) {
            largest = Math.max(largest, Math.abs(entry));
        }
        return largest;
    }

    private static double nothing(Decoder decoder, SafetensorsFile golden) {
        return NOTHING
                * decoder.parameters().stream()
                        .mapToDouble(p -> largest(p, golden))
                        .max()
                        .orElseThrow();
    }

    private static Tokens greedy(GoldenModel model) {
        try (Decoder decoder = model.load()) {
            Tokens prompt = model.tokens("greedy_prompt");
            SamplingConfig config =
                    SamplingConfig.greedy(prompt.size() + model.tokens("greedy").size());
            List<Completion> completions =
                    new Sampler(decoder, -1, 4).sample(List.of(new Sampler.Draw(prompt, 0)), config);
            return completions.getFirst().tokens();
        }
    }

    /** Left-padded rows, the first columns at once and the others one by one. */
    private static float[] stepwise(Decoder decoder, SafetensorsFile golden, int first, boolean padded) {
        Tensor ids = golden.read("left_ids");
        long[] mask = Tensors.toLongs(golden.read("left_mask"));
        int rows = (int) ids.size(0);
        int length = (int) ids.size(1);
        int[] padding = new int[rows];
        for (int i = 0; i < mask.length; i++) {
            padding[i / length] += (int) (1 - mask[i]);
        }
        try (KvCache cache = decoder.cache(rows, length)) {
            if (padded) {
                cache.padLeft(padding);
            }
            Tensor[] hidden = new Tensor[length - first + 1];
            hidden[0] = decoder.hidden(ids.narrow(1, 0, first), cache);
            for (int t = first; t < length; t++) {
                hidden[t - first + 1] = decoder.hidden(ids.narrow(1, t, 1), cache);
            }
            return Tensors.toFloats(decoder.logits(Tensors.cat(1, hidden)));
        }
    }
}
