package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.gguf.GgufFile;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** SmolLM2-135M from its Q4_1 GGUF file, against what the Python reference computes from the same numbers. */
class SmolLm2GoldenTest {
    private static final String MODEL = "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf";
    /** float32 through 30 layers, logits of the size of 30, golden values rounded to 1e-5. */
    private static final double LOGITS = 1e-3;

    private static final double LOGPROB = 1e-3;
    /** Distance of the best two tokens below which either may win (golden README). */
    private static final double MARGIN = 0.01;

    private static JsonNode golden;
    private static Decoder decoder;

    @BeforeAll
    static void load() throws IOException {
        Torch.start();
        golden = new ObjectMapper()
                .readTree(SharedFiles.find("golden/smollm2/golden.json").toFile());
        decoder = open(_ -> {});
    }

    private static Decoder open(Consumer<ObjectNode> change) {
        try (GgufFile file = GgufFile.open(SharedFiles.find(MODEL))) {
            ModelConfig config = file.config();
            change.accept(config.json());
            return ModelFamilies.of(config).build(config, file, DType.F32, Place.HOST);
        }
    }

    @AfterAll
    static void close() {
        if (decoder != null) {
            decoder.close();
        }
    }

    @BeforeEach
    void start() {
        Torch.start();
    }

    private static Tokens ids(JsonNode array) {
        List<Integer> ids = new ArrayList<>();
        array.forEach(id -> ids.add(id.asInt()));
        return Tokens.of(ids.stream().mapToInt(i -> i).toArray());
    }

    /** Together in one padded batch, so that padding and cache are in the path. */
    @Test
    void greedyContinuations() {
        List<Sampler.Draw> draws = new ArrayList<>();
        int length = 0;
        for (JsonNode greedy : golden.path("greedy")) {
            draws.add(new Sampler.Draw(ids(greedy.path("prompt_ids")), 0));
            length = Math.max(length, greedy.path("continuation").size());
        }
        List<Completion> completions = new Sampler(decoder, -1, 64)
                .sample(draws, SamplingConfig.greedy(2048).withMaxTokens(length));
        int compared = 0;
        for (int i = 0; i < draws.size(); i++) {
            JsonNode greedy = golden.path("greedy").path(i);
            Tokens expected = ids(greedy.path("continuation"));
            for (int t = 0; t < expected.size(); t++) {
                compared++;
                int found = completions.get(i).tokens().get(t);
                if (found != expected.get(t)) {
                    double margin = greedy.path("margin_top1_top2").path(t).asDouble();
                    assertTrue(
                            margin <= MARGIN, "prompt " + i + ", token " + t + ": another, with a margin of " + margin);
                    break;
                }
            }
        }
        System.out.println("smollm2: " + draws.size() + " continuations, " + compared + " tokens compared");
        assertTrue(compared > 0);
    }

    @Test
    void likeliestTokensAndTheirLogits() {
        double distance = topDistance(decoder, golden.path("greedy").size());
        System.out.println("smollm2: logits differ by " + distance);
        assertTrue(distance <= LOGITS, () -> "off by " + distance);
    }

    @Test
    void anotherThetaIsNoticed() {
        try (Decoder wrong = open(GoldenModel::changeTheta)) {
            assertTrue(topDistance(wrong, 1) > 100 * LOGITS);
            assertTrue(scoreDistance(wrong, 1) > 100 * LOGPROB);
        }
    }

    @Test
    void logprobsOfAnnotatedPrograms() {
        double distance = scoreDistance(decoder, golden.path("scored").size());
        System.out.println("smollm2: log-probabilities differ by " + distance);
        assertEquals(0, distance, LOGPROB);
    }

    /** The largest difference of the ten highest logits after each prompt. */
    private static double topDistance(Decoder model, int cases) {
        double largest = 0;
        for (int c = 0; c < cases; c++) {
            JsonNode greedy = golden.path("greedy").path(c);
            try (var _ = NativeScope.open()) {
                Tokens prompt = ids(greedy.path("prompt_ids"));
                Tensor hidden = model.hidden(row(prompt), (Tensor) null).select(1, prompt.size() - 1L);
                float[] logits = Tensors.toFloats(model.logits(hidden));
                for (int i = 0; i < greedy.path("top10_ids").size(); i++) {
                    int id = greedy.path("top10_ids").path(i).asInt();
                    double expected = greedy.path("top10_logits").path(i).asDouble();
                    largest = Math.max(largest, Math.abs(expected - logits[id]));
                }
            }
        }
        return largest;
    }

    /** The largest difference of a token's log-probability. */
    private static double scoreDistance(Decoder model, int cases) {
        double largest = 0;
        for (int c = 0; c < cases; c++) {
            JsonNode scored = golden.path("scored").path(c);
            try (var _ = NativeScope.open()) {
                Tokens prompt = ids(scored.path("prompt_ids"));
                Tokens completion = ids(scored.path("completion_ids"));
                Rows rows = Rows.of(Place.HOST, List.of(new Rows.Row(prompt, completion)));
                PolicyModel policy = PolicyModel.of(model);
                float[] logprobs = Tensors.toFloats(policy.score(rows).logprobs());
                for (int t = 0; t < completion.size(); t++) {
                    double expected = scored.path("logprobs").path(t).asDouble();
                    largest = Math.max(largest, Math.abs(expected - logprobs[t]));
                }
            }
        }
        return largest;
    }

    private static Tensor row(Tokens tokens) {
        long[] ids = new long[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokens.get(i);
        }
        return Tensors.longs(Place.HOST, ids, 1, ids.length);
    }
}
