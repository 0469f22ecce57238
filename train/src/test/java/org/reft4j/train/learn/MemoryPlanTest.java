package org.reft4j.train.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.settings.RecipeConfig;

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
        MemoryPlan plan = MemoryPlan.of(reft(Map.of("micro-batch-tokens", "1000")), TINY, Place.HOST, GIBI);
        long weights = 4 * TINY.parameters();
        assertEquals(weights, plan.parts().get("weights (float32)"));
        assertEquals(weights, plan.parts().get("gradients"));
        assertEquals(2 * weights, plan.parts().get("optimiser (two moments)"));
        assertEquals(weights, plan.parts().get("reference model"));
        assertEquals(2L * 32 * 64 * 4 * 4, plan.parts().get("KV cache"), "1 layer, 1 head of 4, float32, 64 positions");
        assertEquals(3L * 4 * 1000 * 100, plan.parts().get("logits peak"));
        assertEquals(1000, plan.microBatchTokens());
        assertFalse(plan.checkpointing());
    }

    @Test
    void aSeparateCriticTakesItFourTimesMore() {
        MemoryPlan plan = MemoryPlan.of(reft(Map.of("critic", "separate")), TINY, Place.host(DType.BF16), GIBI);
        assertEquals((4 * 4 + 2) * TINY.parameters(), plan.parts().get("critic"), "and a copy for products");
        assertNull(MemoryPlan.of(reft(Map.of()), TINY, Place.host(DType.BF16), GIBI)
                .parts()
                .get("critic"));
    }

    @Test
    void theReferenceHasNoSecondCopy() {
        MemoryPlan plan = MemoryPlan.of(reft(Map.of()), TINY, Place.host(DType.BF16), GIBI);
        assertEquals(
                2 * TINY.parameters() + 2 * 100 * 8,
                plan.parts().get("reference model"),
                "its output layer is float32");
    }

    /** There the cache has the type of attention, and weights are not laid out a second time for sampling. */
    @Test
    void aDeviceIsPlannedForItself() {
        Map<String, Long> host = MemoryPlan.of(reft(Map.of()), SMOL, Place.host(DType.BF16), 64 * GIBI)
                .parts();
        MemoryPlan plan = MemoryPlan.of(reft(Map.of()), SMOL, Place.on("cuda:0", DType.BF16), 64 * GIBI);
        assertEquals(host.get("KV cache"), 2 * plan.parts().getOrDefault("KV cache", 0L));
        assertNull(plan.parts().get("packed weights (sampling)"));
        String message = assertThrows(ConfigException.class, () -> plan.requireRoom(reft(Map.of()), GIBI, 64 * GIBI))
                .toString();
        assertTrue(message.contains("GiB of memory, and cuda:0 has 1.0; the most of it for"), message);
    }

    @Test
    void adaptersTakeTheModelOnce() {
        MemoryPlan plan = MemoryPlan.of(
                reft(Map.of("lora.rank", "3", "lora.targets", "q_proj, up_proj")), TINY, Place.host(DType.BF16), GIBI);
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
        MemoryPlan plenty = MemoryPlan.of(lora, SMOL, Place.HOST, 64 * GIBI);
        assertEquals(924, plenty.microBatchTokens(), "as many as fit 1.25 GiB of activations");
        assertFalse(plenty.checkpointing());
        assertEquals(4096, MemoryPlan.of(lora, TINY, Place.HOST, 64 * GIBI).microBatchTokens());
        MemoryPlan little = MemoryPlan.of(lora, SMOL, Place.HOST, GIBI);
        assertTrue(little.checkpointing());
        assertTrue(little.microBatchTokens() > 0, () -> "it takes " + little.parts());
        MemoryPlan large = MemoryPlan.of(lora, CODELLAMA, Place.host(DType.BF16), 24 * GIBI);
        assertTrue(large.checkpointing());
        assertTrue(large.totalBytes() < 22 * GIBI, () -> "it takes " + large.parts());
    }

    @Test
    void logitsDoNotGrowWithTheParts() {
        MemoryPlan some = MemoryPlan.of(reft(Map.of("micro-batch-tokens", "1000")), SMOL, Place.HOST, GIBI);
        MemoryPlan many = MemoryPlan.of(reft(Map.of("micro-batch-tokens", "8000")), SMOL, Place.HOST, GIBI);
        assertEquals(some.parts().get("logits peak"), many.parts().get("logits peak"));
    }

    @Test
    void cacheAndTrainingTakeTurns() {
        List<MemoryPlan.Use> uses = List.of(
                new MemoryPlan.Use("weights (float32)", MemoryPlan.Kind.STANDING, 10),
                new MemoryPlan.Use("KV cache", MemoryPlan.Kind.CACHE, 7),
                new MemoryPlan.Use("activations peak", MemoryPlan.Kind.PEAK, 5),
                new MemoryPlan.Use("logits peak", MemoryPlan.Kind.PEAK, 4));
        assertEquals(10 + 9, new MemoryPlan(Place.HOST, uses, 0, 1, 1, 1, false).totalBytes());
    }

    @Test
    void batchesThatAreLargerThanTheWorkTakeNoMore() {
        Map<String, String> absurd = Map.of(
                "rollout.batch", "2000000000",
                "evaluate.batch", "2000000000",
                "evaluate.questions", "10",
                "rollout.max-total-tokens", "2000000000",
                "micro-batch-tokens", "999999999");
        MemoryPlan plan = MemoryPlan.of(reft(absurd), TINY, Place.HOST, GIBI);
        assertEquals(2L * 32 * 64 * 4 * 4, plan.parts().get("KV cache"), "32 rows of 64 positions");
        assertEquals(TINY.activationBytes(16 * 64, true), plan.parts().get("activations peak"), "a minibatch");
        plan.requireRoom(reft(absurd), GIBI, GIBI);
    }

    @Test
    void whatCannotFitIsRefused() {
        ModelSizes deep = new ModelSizes(100, 2048, 100_000, 2, 1, 4, 16, true, 64, true);
        refused(deep, Map.of(), "optimiser (two moments)", "train adapters beside frozen weights (lora)");
        refused(deep, Map.of("lora.targets", "q_proj"), "weights (float32, frozen)", "take a smaller model");
        int most = Integer.MAX_VALUE - 1;
        refused(new ModelSizes(most, most, most, 2, 2, most / 2, most, true, most, false), Map.of(), "GiB of memory");
        ModelSizes wide = new ModelSizes(100, 512, 8, 8, 8, 64, 512, true, 100_000, true);
        refused(
                wide,
                Map.of("rollout.questions", "4096", "rollout.batch", "4096", "rollout.max-total-tokens", "90000"),
                "KV cache",
                "lower rollout.batch");
    }

    @Test
    void completionsAreCountedInJavasMemory() {
        Map<String, String> many = Map.of("rollout.samples", "1000000000", "ppo.minibatch", "2000000000");
        RecipeConfig config = reft(many);
        MemoryPlan plan = MemoryPlan.of(config, TINY, Place.HOST, GIBI);
        // Two models of a layer; 8 billion completions of up to 64 tokens.
        assertEquals(2 * 10_240 + 8_000_000_000L * (1024 + 64 * 64), plan.heap());
        String message = assertThrows(ConfigException.class, () -> plan.requireRoom(config, 64 * GIBI, GIBI))
                .getMessage();
        assertTrue(String.valueOf(message).contains("lower rollout.questions, rollout.samples"), message);
    }

    /** A support takes 4 bytes for each id, and never more than a bit for each of the vocabulary. */
    @Test
    void supportsAreCountedInJavasMemory() {
        long plain = MemoryPlan.of(reft(Map.of()), TINY, Place.HOST, GIBI).heap();
        long tokens = 32 * 64; // completions of up to 64 tokens
        assertEquals(plain + tokens * (48 + 4 * 3), heap("rollout.top-k", "3"));
        assertEquals(plain + (long) (tokens * (48 + TINY.vocabulary() / 8.0)), heap("rollout.top-k", "1000000"));
        assertEquals(plain + (long) (tokens * (48 + TINY.vocabulary() / 8.0)), heap("rollout.top-p", "0.9"));
    }

    private static long heap(String key, String value) {
        return MemoryPlan.of(reft(Map.of(key, value)), TINY, Place.HOST, GIBI).heap();
    }

    private static void refused(ModelSizes sizes, Map<String, String> more, String... words) {
        RecipeConfig config = reft(more);
        MemoryPlan plan = MemoryPlan.of(config, sizes, Place.HOST, 24 * GIBI);
        String message =
                String.valueOf(assertThrows(ConfigException.class, () -> plan.requireRoom(config, 24 * GIBI, 64 * GIBI))
                        .getMessage());
        for (String part : words) {
            assertTrue(message.contains(part), message);
        }
    }
}
