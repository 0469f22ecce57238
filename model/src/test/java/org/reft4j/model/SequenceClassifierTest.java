package org.reft4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.SequenceClassifier.Passage;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.TinyLlama;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** Tests a classifier's scores and gradients, and the tokens that it reads, against rows that go through the decoder alone. */
class SequenceClassifierTest {
    /** float32 through two layers, alone and beside others. */
    private static final double TOLERANCE = 1e-5;

    private static final int WIDTH = 32;
    /** Two that share a prompt, a longer one, and one without a chain. */
    private static final List<Passage> PASSAGES = List.of(
            Passage.whole(Tokens.of(4, 5), Tokens.of(6)),
            Passage.whole(Tokens.of(7, 8, 9), Tokens.of(10, 11, 12, 13, 14)),
            Passage.whole(Tokens.of(4, 5), Tokens.of(15, 16, 17)),
            Passage.whole(Tokens.of(20, 21), Tokens.of()));

    private static final float[] WEIGHT = random(2 * WIDTH);

    @BeforeEach
    void start() {
        Torch.start();
    }

    private static float[] random(int size) {
        SplittableRandom random = new SplittableRandom(3);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return values;
    }

    private static SequenceClassifier classifier(Consumer<ObjectNode> change) {
        try (var _ = NativeScope.open()) {
            return SequenceClassifier.of(
                    TinyLlama.create(change, DType.F32),
                    Tensors.floats(Place.HOST, WEIGHT.clone(), SequenceClassifier.CLASSES, WIDTH));
        }
    }

    /** The last hidden state of a text that goes through the decoder alone. */
    private static float[] lastHidden(Tokens text) {
        try (var _ = NativeScope.open();
                Decoder decoder = TinyLlama.create()) {
            long[] ids = java.util.Arrays.stream(text.toArray()).asLongStream().toArray();
            long[] all = new long[ids.length];
            java.util.Arrays.fill(all, 1);
            Tensor hidden = decoder.hidden(
                    Tensors.longs(Place.HOST, ids, 1, ids.length), Tensors.longs(Place.HOST, all, 1, ids.length));
            return Tensors.toFloats(hidden.select(1, ids.length - 1L));
        }
    }

    /** By the logistic function of the difference of the two scores, which is the softmax of two. */
    private static double correct(Tokens text) {
        float[] hidden = lastHidden(text);
        double difference = 0;
        for (int i = 0; i < WIDTH; i++) {
            difference += (WEIGHT[WIDTH + i] - WEIGHT[i]) * hidden[i];
        }
        return 1 / (1 + Math.exp(-difference));
    }

    private static List<Double> expected() {
        return PASSAGES.stream()
                .map(passage -> correct(passage.prompt().concat(passage.chain())))
                .toList();
    }

    @Test
    void judgesTheLastTokenOfEachRowWhateverTheirLengths() {
        try (SequenceClassifier classifier = classifier(_ -> {})) {
            for (int budget : new int[] {4, 1000}) {
                List<List<Double>> found = classifier.probabilities(PASSAGES, budget);
                for (int i = 0; i < PASSAGES.size(); i++) {
                    assertEquals(1, found.get(i).size());
                    assertEquals(expected().get(i), found.get(i).getFirst(), TOLERANCE, "passage " + i);
                }
            }
        }
    }

    @Test
    void judgesWhereverAPassageSays() {
        Tokens chain = Tokens.of(10, 11, 12, 13);
        Passage steps = new Passage(Tokens.of(7, 8), chain, List.of(0, 2, 4));
        try (SequenceClassifier classifier = classifier(_ -> {})) {
            List<Double> found = classifier
                    .probabilities(List.of(PASSAGES.getFirst(), steps), 1000)
                    .get(1);
            assertEquals(correct(Tokens.of(7, 8)), found.get(0), TOLERANCE);
            assertEquals(correct(Tokens.of(7, 8, 10, 11)), found.get(1), TOLERANCE);
            assertEquals(correct(Tokens.of(7, 8).concat(chain)), found.get(2), TOLERANCE);
        }
        assertThrows(IllegalArgumentException.class, () -> new Passage(Tokens.of(1), chain, List.of(5)));
    }

    /** Gradient of the summed cross-entropy with labels 1, 0, 1, 0: by a row of the weight, (p - y) times the hidden state. */
    @Test
    void theGradientIsThatOfTheFormula() {
        float[] labels = {0, 1, 1, 0, 0, 1, 1, 0};
        List<float[]> backbones = new ArrayList<>();
        for (boolean checkpointing : new boolean[] {false, true}) {
            try (SequenceClassifier classifier = classifier(_ -> {});
                    var _ = NativeScope.open()) {
                classifier.plan(new GradientPlan(checkpointing, GradientPlan.LOGIT_BYTES));
                classifier.backbone().forEach(each -> each.value().requires_grad_(true));
                Parameter head = classifier.head().getFirst();
                head.value().requires_grad_(true);
                Tensor target = Tensors.floats(Place.HOST, labels, 4, 2);
                classifier.backward(
                        PASSAGES,
                        scores -> scores.log_softmax(1).mul(target).sum().neg());
                float[] found = Tensors.toFloats(head.value().grad());
                for (int i = 0; i < WIDTH; i++) {
                    double sum = 0;
                    for (int p = 0; p < PASSAGES.size(); p++) {
                        Passage passage = PASSAGES.get(p);
                        sum += (expected().get(p) - labels[2 * p + 1])
                                * lastHidden(passage.prompt().concat(passage.chain()))[i];
                    }
                    assertEquals(sum, found[WIDTH + i], TOLERANCE * 10, "weight " + i);
                    assertEquals(-sum, found[i], TOLERANCE * 10, "weight " + i);
                    if (i > 2) {
                        break; // each number loads the model anew
                    }
                }
                Parameter embedding = classifier.backbone().getFirst();
                backbones.add(Tensors.toFloats(embedding.value().grad()));
            }
        }
        double norm = 0;
        for (int i = 0; i < backbones.getFirst().length; i++) {
            norm += Math.abs(backbones.getFirst()[i]);
            assertEquals(backbones.getFirst()[i], backbones.get(1)[i], TOLERANCE, "embedding " + i);
        }
        assertTrue(norm > 0.1, "the backbone learns too");
    }

    @Test
    void isSavedAsTransformersHasItAndReadBack(@TempDir Path folder) {
        try (SequenceClassifier written = classifier(
                        json -> json.put("tie_word_embeddings", false).put("vocab_size", 1024));
                Tokenizer tokenizer = Tokenizers.small()) {
            ModelFolder.save(folder.resolve("m"), written.config(), written.weights(), tokenizer, DType.F32);
            ModelFolder model = ModelFolder.open(folder.resolve("m"));
            assertEquals("LlamaForSequenceClassification", model.config().architecture());
            assertTrue(ClassifierConfig.is(model.config()));
            assertEquals(2, model.config().json().path("id2label").size());
            try (var weights = model.weights()) {
                assertTrue(weights.has("score.weight") && weights.has("model.norm.weight"));
                assertFalse(weights.has("lm_head.weight"), "a classifier has no output layer");
            }
            try (SequenceClassifier read = SequenceClassifier.load(model, DType.F32, Place.HOST)) {
                assertEquals(written.probabilities(PASSAGES, 1000), read.probabilities(PASSAGES, 1000));
                assertEquals("LlamaForSequenceClassification", read.config().architecture(), "can be written again");
            }
        }
    }

    @Test
    void whatIsNoClassifierIsRefused(@TempDir Path folder) {
        try (Decoder decoder = TinyLlama.create(json -> json.put("vocab_size", 1024), DType.F32);
                Tokenizer tokenizer = Tokenizers.small()) {
            var weights = new java.util.LinkedHashMap<String, Tensor>();
            decoder.parameters().forEach(each -> weights.put(each.name(), each.value()));
            ModelFolder.save(folder.resolve("m"), decoder.config(), weights, tokenizer, DType.F32);
        }
        ModelFolder model = ModelFolder.open(folder.resolve("m"));
        FormatException refused =
                assertThrows(FormatException.class, () -> SequenceClassifier.load(model, DType.F32, Place.HOST));
        assertTrue(String.valueOf(refused.getMessage()).contains("the architecture is LlamaForCausalLM"));
        assertThrows(
                UnsupportedModelException.class,
                () -> ClassifierConfig.of(
                        TinyLlama.config(json -> json.putArray("architectures").add("CodeGenForCausalLM"))));
    }
}
