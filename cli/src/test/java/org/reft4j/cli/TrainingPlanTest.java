package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.cli.TrainingPlan.Shape;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.tensor.DType;
import org.reft4j.train.recipe.ConfigFile;
import org.reft4j.train.recipe.ReftConfig;
import org.reft4j.train.recipe.SftConfig;

final class TrainingPlanTest {
    private static final String MODEL =
            "{layers: 1, width: 8, heads: 2, key-value-heads: 1, feed-forward: 16, context-length: 64}";
    /** SmolLM2-135M. */
    private static final Shape SMOL = new Shape(49152, 30, 576, 9, 3, 64, 1536, true, true);

    @Test
    void countsTheParametersOfAKnownModel() {
        assertEquals(134_515_008, SMOL.parameters());
        // Queries and outputs 8 x 8 each, keys and values 8 x 4 each, gated layer 3 x 8 x 16, two norms; embedding,
        // last norm.
        assertEquals(2 * 64 + 2 * 32 + 3 * 128 + 16 + 100 * 8 + 8, tiny(true).parameters());
        assertEquals(tiny(true).parameters() + 100 * 8, tiny(false).parameters());
    }

    /** Under GPT-2's own keys: four matrices of 8 x 8, two of 8 x 32, two norms; embedding, last norm. */
    @Test
    void knowsTheSizesOfOtherFamilies() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.putArray("architectures").add("GPT2LMHeadModel");
        json.put("vocab_size", 100).put("n_embd", 8).put("n_layer", 1).put("n_head", 2);
        Shape shape = Shape.of(new ModelConfig(json, "config.json"));
        assertEquals(4 * 64 + 2 * 8 * 32 + 16 + 100 * 8 + 8, shape.parameters());
        assertEquals(2L * 3 * 10 * 8 * 4, shape.cacheBytes(3, 10));
    }

    @Test
    void explainsReinforcedFineTuning() {
        ReftConfig config = (ReftConfig) ConfigFile.of(
                        "reft",
                        Map.of(
                                "model.new", MODEL,
                                "steps", "20",
                                "rollout.questions", "8",
                                "rollout.samples", "4",
                                "rollout.max-total-tokens", "400",
                                "evaluate.max-total-tokens", "300",
                                "evaluate.batch", "10",
                                "ppo.minibatch", "16",
                                "micro-batch-tokens", "1000"))
                .config();
        TrainingPlan plan = TrainingPlan.reft(config, 2500, tiny(true), DType.F32);
        String text = plan.text();
        assertTrue(text.contains("8 questions x 4 samples = 32 rollouts a step, each at most 400 tokens"), text);
        assertTrue(
                text.contains("32 rollouts / 16 a minibatch = 2 minibatches, x 2 PPO epochs = 4 updates a step"), text);
        assertTrue(text.contains("2500 training questions / 8 a step = 313 steps an epoch"), text);
        assertTrue(text.contains("20 steps = 640 rollouts, 80 updates, 0.06 epochs"), text);
        long weights = 4 * tiny(true).parameters();
        assertEquals(weights, plan.memory().get("weights (float32)"));
        assertEquals(weights, plan.memory().get("gradients"));
        assertEquals(2 * weights, plan.memory().get("optimiser (two moments)"));
        assertEquals(weights, plan.memory().get("reference model"));
        assertEquals(2L * 32 * 400 * 4 * 4, plan.memory().get("KV cache"), "1 layer, 1 head of 4, float32");
        assertEquals(3L * 4 * 1000 * 100, plan.memory().get("logits peak"));
    }

    @Test
    void explainsSupervisedTraining() {
        SftConfig config = (SftConfig) ConfigFile.of("sft", Map.of("model.new", MODEL, "batch", "16", "epochs", "2.5"))
                .config();
        TrainingPlan plan = TrainingPlan.sft(config, 300, tiny(true), DType.BF16);
        String text = plan.text();
        assertTrue(text.contains("300 annotated questions / 16 a batch = 19 steps an epoch (the last of 12)"), text);
        assertTrue(text.contains("19 steps an epoch x 2.5 epochs = 48 steps"), text);
        assertEquals(2 * tiny(true).parameters(), plan.memory().get("weights (bfloat16 copy for products)"));
        assertEquals(48L, plan.figures().path("batch").path("steps").asLong());
    }

    @Test
    void cacheAndTrainingTakeTurns() {
        TrainingPlan plan = new TrainingPlan(
                java.util.List.of(),
                Map.of(),
                Map.of("weights (float32)", 10L, "KV cache", 7L, "activations peak", 5L, "logits peak", 4L),
                1);
        assertEquals(10 + 9, plan.totalBytes());
    }

    private static Shape tiny(boolean tied) {
        return new Shape(100, 1, 8, 2, 1, 4, 16, true, tied);
    }
}
