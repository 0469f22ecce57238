package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.reft4j.model.decoder.GradientPlan;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.Packing;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.tensor.Cpu;
import org.reft4j.tensor.DType;

/**
 * What a run takes of memory, estimated before it starts, and how its batches are therefore cut. An estimate: of what tensors take at
 * their peak; the JVM's heap comes on top.
 *
 * @param parts bytes by part, for people
 * @param parameters of the model
 * @param trained of them, or of its adapters
 * @param microBatchTokens at most so many tokens go through the model at once
 * @param checkpointing whether activations are computed again instead of kept
 */
public record MemoryPlan(
        Map<String, Long> parts, long parameters, long trained, int microBatchTokens, boolean checkpointing) {
    /** As large as small models profit from. */
    private static final int MOST_TOKENS = 4096;
    /** Larger models are at their full speed long before their activations take this. */
    private static final long MOST_BYTES = 5L << 28;
    /** Rather than cut smaller than this, activations are computed again. */
    private static final int FEW_TOKENS = 1024;

    private static final int FEWEST_TOKENS = 128;
    /** Of the machine's memory: the rest is for the heap, the system and what this estimate leaves out. */
    private static final double SHARE = 0.75;
    /** Logits, their log-softmax and its gradient are alive at once. */
    public static final long LOGIT_COPIES = 3;

    private static final long FLOAT = Float.BYTES;
    private static final String AUTO = "auto";

    /** Sizes that decide a run's memory beside the model's: rows and tokens of the largest key/value cache. */
    private record Cache(long rows, long tokens) {
        long bytes(ModelSizes sizes) {
            return sizes.cacheBytes(rows, tokens);
        }
    }

    /** For this machine. */
    public static MemoryPlan of(RecipeConfig config, ModelSizes sizes, DType compute) {
        return of(config, sizes, compute, Cpu.memoryBytes());
    }

    /** For a model that is not on this machine, so that its sizes are not known: no figures but the most that batches are cut to. */
    public static MemoryPlan unknown(RecipeConfig config) {
        int tokens = config.microBatchTokens().equals(AUTO) ? MOST_TOKENS : Integer.parseInt(config.microBatchTokens());
        return new MemoryPlan(
                Map.of(), 0, 0, tokens, config.activationCheckpointing().equals("true"));
    }

    public boolean isKnown() {
        return !parts.isEmpty();
    }

    /**
     * @param compute the type of products
     * @param memory bytes that the machine has
     */
    public static MemoryPlan of(RecipeConfig config, ModelSizes sizes, DType compute, long memory) {
        LoraConfig lora = config.lora();
        long parameters = sizes.parameters();
        long trained = lora == null ? parameters : trained(lora, sizes);
        Map<String, Long> parts = lora == null ? full(parameters, compute) : adapted(parameters, trained, compute);
        // The output layer stays in float32 where the rest is frozen in another type, and where it is laid out for sampling.
        long output = (long) sizes.vocabulary() * sizes.width() * (FLOAT - compute.bytes());
        if (lora != null && output > 0) {
            parts.put("output layer (float32)", output);
        }
        if (config.referenced() && lora == null) {
            parts.put("reference model", parameters * (FLOAT + (compute == DType.F32 ? 0 : compute.bytes())));
        }
        if (config instanceof ReftConfig reft && reft.separateCritic()) {
            parts.put("critic", trainedBytes(parameters, compute));
        }
        long standing = parts.values().stream().mapToLong(bytes -> bytes).sum();
        RolloutConfig sampling = config.sampling();
        Cache measuring = new Cache(config.evaluate().batch(), config.evaluate().maxTotalTokens());
        if (sampling == null) {
            parts.put("KV cache (measuring)", measuring.bytes(sizes));
        } else {
            parts.put("KV cache", larger(measuring, sampling).bytes(sizes));
        }

        long packed = Packing.planned(sizes.width(), parameters * compute.bytes() + output, memory);
        if (packed > 0) {
            parts.put("packed weights (sampling)", packed);
        }

        double free = SHARE * memory - standing;
        boolean checkpointing = config.activationCheckpointing().equals(AUTO)
                ? sizes.activationBytes(wanted(config), false) > free
                : config.activationCheckpointing().equals("true");
        int tokens = config.microBatchTokens().equals(AUTO)
                ? fitting(free, sizes, checkpointing)
                : Integer.parseInt(config.microBatchTokens());
        parts.put("activations peak", sizes.activationBytes(tokens, checkpointing));
        long chunk = GradientPlan.LOGIT_BYTES / (FLOAT * sizes.vocabulary());
        parts.put("logits peak", LOGIT_COPIES * FLOAT * sizes.vocabulary() * Math.clamp(tokens, 1, Math.max(1, chunk)));
        return new MemoryPlan(parts, parameters, trained, tokens, checkpointing);
    }

    /** Tokens that should fit without computing anything twice. */
    private static long wanted(RecipeConfig config) {
        return config.microBatchTokens().equals(AUTO) ? FEW_TOKENS : Integer.parseInt(config.microBatchTokens());
    }

    private static int fitting(double free, ModelSizes sizes, boolean checkpointing) {
        double bytes = Math.min(free, MOST_BYTES);
        return (int) Math.clamp(bytes / sizes.activationBytes(1, checkpointing), FEWEST_TOKENS, MOST_TOKENS);
    }

    private static Cache larger(Cache measuring, RolloutConfig rollout) {
        Cache sampling = new Cache(
                Math.min(rollout.batch(), (long) rollout.questions() * rollout.samples()), rollout.maxTotalTokens());
        return sampling.rows * sampling.tokens >= measuring.rows * measuring.tokens ? sampling : measuring;
    }

    private static Map<String, Long> full(long parameters, DType compute) {
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("weights (float32)", parameters * FLOAT);
        if (compute != DType.F32) {
            parts.put("weights (" + compute.torchName() + " copy for products)", parameters * compute.bytes());
        }
        parts.put("gradients", parameters * FLOAT);
        parts.put("optimiser (two moments)", parameters * 2 * FLOAT);
        return parts;
    }

    private static Map<String, Long> adapted(long parameters, long trained, DType compute) {
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("weights (" + compute.torchName() + ", frozen)", parameters * compute.bytes());
        parts.put("adapters (float32)", trained * FLOAT);
        parts.put("gradients", trained * FLOAT);
        parts.put("optimiser (two moments)", trained * 2 * FLOAT);
        return parts;
    }

    /** What trained parameters take: weights, gradients and two moments, and a copy of the weights for products in another type. */
    public static long trainedBytes(long parameters, DType compute) {
        return parameters * (4 * FLOAT + (compute == DType.F32 ? 0 : compute.bytes()));
    }

    /** What adapters have of parameters. Families with other names are counted as if every layer were meant. */
    public static long trained(LoraConfig lora, ModelSizes sizes) {
        AdapterConfig adapter = lora.adapter("");
        List<ModelSizes.Linear> all = sizes.linears();
        List<ModelSizes.Linear> meant = all.stream()
                .filter(linear -> adapter.targets("model.layers.0." + linear.name(), false))
                .toList();
        long layer = (meant.isEmpty() ? all : meant)
                .stream()
                        .mapToLong(linear -> lora.rank() * (linear.inputs() + linear.outputs()))
                        .sum();
        long whole = Stream.of("model.embed_tokens", "lm_head")
                .filter(adapter::saves)
                .count();
        return sizes.layers() * layer + whole * sizes.vocabulary() * sizes.width();
    }

    /** What is taken at once: sampling and training take turns, and the cache is gone when activations and logits are needed. */
    public long totalBytes() {
        long cache = 0;
        long training = 0;
        long standing = 0;
        for (Map.Entry<String, Long> part : parts.entrySet()) {
            if (part.getKey().startsWith("KV cache")) {
                cache = part.getValue();
            } else if (part.getKey().endsWith("peak")) {
                training += part.getValue();
            } else {
                standing += part.getValue();
            }
        }
        return standing + Math.max(cache, training);
    }
}
