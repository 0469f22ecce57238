package org.reft4j.train.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.ModelFamilies;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.tensor.DType;

/** Memory worked out by hand. */
class MemoryPlanTest {
    private static final ModelSizes TINY = new ModelSizes(100, 8, 1, 2, 1, 4, 16, true, 64, true);
    private static final ModelSizes SMOL = new ModelSizes(49152, 576, 30, 9, 3, 64, 1536, true, 8192, true);
    private static final ModelSizes CODELLAMA = new ModelSizes(32016, 4096, 32, 32, 32, 128, 11008, true, 16384, false);
    private static final long GIBI = 1L << 30;

    private static RecipeConfig reft(Map<String, String> more) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "model.path", ".",
                "steps", "20",
                "rollout.questions", "8",
                "rollout.samples", "4",
                "rollout.max-total-tokens", "400",
                "evaluate.max-total-tokens", "300",
                "evaluate.batch", "10",
                "ppo.minibatch", "16"));
        settings.putAll(more);
        return ConfigFile.of("reft", settings).config();
    }

    @Test
    void countsTheParametersOfKnownModels() {
        assertEquals(134_515_008, SMOL.parameters());
        assertEquals(6_738_546_688L, CODELLAMA.parameters());
        // Queries and outputs 8 x 8 each, keys and values 8 x 4 each, gated layer 3 x 8 x 16, two norms; embedding,
        // last norm.
        assertEquals(2 * 64 + 2 * 32 + 3 * 128 + 16 + 100 * 8 + 8, TINY.parameters());
    }

    /** Under GPT-2's own keys: four matrices of 8 x 8, two of 8 x 32, two norms; embedding, last norm. */
    @Test
    void knowsTheSizesOfOtherFamilies() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.putArray("architectures").add("GPT2LMHeadModel");
        json.put("vocab_size", 100).put("n_embd", 8).put("n_layer", 1).put("n_head", 2);
        ModelConfig config = new ModelConfig(json, "config.json");
        ModelSizes sizes = ModelFamilies.of(config).sizes(config);
        assertEquals(4 * 64 + 2 * 8 * 32 + 16 + 100 * 8 + 8, sizes.parameters());
    }

    @Test
    void trainingWholeTakesTheModelFiveTimes() {
        MemoryPlan plan = MemoryPlan.of(reft(Map.of("micro-batch-tokens", "1000")), TINY, DType.F32, GIBI);
        long weights = 4 * TINY.parameters();
        assertEquals(weights, plan.parts().get("weights (float32)"));
        assertEquals(weights, plan.parts().get("gradients"));
        assertEquals(2 * weights, plan.parts().get("optimiser (two moments)"));
        assertEquals(weights, plan.parts().get("reference model"));
        assertEquals(2L * 32 * 400 * 4 * 4, plan.parts().get("KV cache"), "1 layer, 1 head of 4, float32");
        assertEquals(3L * 4 * 1000 * 100, plan.parts().get("logits peak"));
        assertEquals(1000, plan.microBatchTokens());
        assertFalse(plan.checkpointing());
    }

    @Test
    void aSeparateCriticTakesItFourTimesMore() {
        MemoryPlan plan = MemoryPlan.of(reft(Map.of("critic", "separate")), TINY, DType.BF16, GIBI);
        assertEquals((4 * 4 + 2) * TINY.parameters(), plan.parts().get("critic"), "and a copy for products");
        assertNull(MemoryPlan.of(reft(Map.of()), TINY, DType.BF16, GIBI).parts().get("critic"));
    }

    @Test
    void adaptersTakeTheModelOnce() {
        MemoryPlan plan = MemoryPlan.of(
                reft(Map.of("lora.rank", "3", "lora.targets", "q_proj, up_proj")), TINY, DType.BF16, GIBI);
        long trained = 3 * (8 + 8) + 3 * (8 + 16);
        assertEquals(trained, plan.trained());
        assertEquals(2 * TINY.parameters(), plan.parts().get("weights (bfloat16, frozen)"));
        assertEquals(2 * 100 * 8, plan.parts().get("output layer (float32)"), "over its two bytes in bfloat16");
        assertEquals(4 * trained, plan.parts().get("gradients"));
        assertNull(plan.parts().get("reference model"));
    }

    @Test
    void partsFollowFromMemory() {
        RecipeConfig lora = reft(Map.of("lora.targets", "all-linear", "rollout.batch", "8"));
        MemoryPlan plenty = MemoryPlan.of(lora, SMOL, DType.F32, 64 * GIBI);
        assertEquals(924, plenty.microBatchTokens(), "as many as fit 1.25 GiB of activations");
        assertFalse(plenty.checkpointing());
        assertEquals(4096, MemoryPlan.of(lora, TINY, DType.F32, 64 * GIBI).microBatchTokens());
        MemoryPlan little = MemoryPlan.of(lora, SMOL, DType.F32, GIBI);
        assertTrue(little.checkpointing());
        assertTrue(little.microBatchTokens() > 0, () -> "it takes " + little.parts());
        MemoryPlan large = MemoryPlan.of(lora, CODELLAMA, DType.BF16, 24 * GIBI);
        assertTrue(large.checkpointing());
        assertTrue(large.totalBytes() < 22 * GIBI, () -> "it takes " + large.parts());
    }

    @Test
    void logitsDoNotGrowWithTheParts() {
        MemoryPlan some = MemoryPlan.of(reft(Map.of("micro-batch-tokens", "1000")), SMOL, DType.F32, GIBI);
        MemoryPlan many = MemoryPlan.of(reft(Map.of("micro-batch-tokens", "8000")), SMOL, DType.F32, GIBI);
        assertEquals(some.parts().get("logits peak"), many.parts().get("logits peak"));
    }

    @Test
    void cacheAndTrainingTakeTurns() {
        Map<String, Long> parts =
                Map.of("weights (float32)", 10L, "KV cache", 7L, "activations peak", 5L, "logits peak", 4L);
        assertEquals(10 + 9, new MemoryPlan(parts, 1, 1, 1, false).totalBytes());
    }
}
