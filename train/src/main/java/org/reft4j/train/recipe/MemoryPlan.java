package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.reft4j.model.decoder.GradientPlan;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.Packing;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.tensor.Cpu;
import org.reft4j.tensor.DType;
import org.reft4j.train.ConfigException;

/**
 * The memory that a run takes, estimated before it starts, and how its batches are therefore cut. An estimate: of what tensors take at
 * their peak; the JVM's heap, in which the rollouts of a step lie, comes on top.
 *
 * @param parts bytes by part, for people
 * @param heap bytes of Java's heap that the models' layers and, at most, the completions of a step take
 * @param parameters of the model
 * @param trained of them, or of its adapters
 * @param microBatchTokens at most so many tokens go through the model at once
 * @param checkpointing whether activations are computed again instead of kept
 */
public record MemoryPlan(
        Map<String, Long> parts,
        long heap,
        long parameters,
        long trained,
        int microBatchTokens,
        boolean checkpointing) {
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
    /** Of Java's heap for a sampled token: its id four times, once in a list, six figures, and its text. */
    private static final double TOKEN_BYTES = 64;
    /** Of Java's heap for a completion, however short. */
    private static final double ROLLOUT_BYTES = 1024;

    /** A set of tokens on Java's heap, beside its ids. */
    private static final double SUPPORT_BYTES = 48;
    /** Tokens that top-p leaves of a trained model's, on average; mostly it is one to some ten. */
    private static final int NUCLEUS = 256;

    /** Of Java's heap for a layer's tensors: some ten, each with what frees it. */
    private static final double LAYER_BYTES = 10 << 10;

    private static final double GIBIBYTE = 1 << 30;
    private static final String AUTO = "auto";
    private static final String CACHE = "KV cache";
    private static final String PEAK = "peak";

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

    /**
     * For this machine.
     *
     * @param validation questions that the model can be measured on
     */
    static MemoryPlan here(RecipeConfig config, ModelSizes sizes, DType compute, int validation) {
        return of(config, sizes, compute, Cpu.memoryBytes(), validation);
    }

    /** For a model that is not on this machine, so that its sizes are not known: no figures but the most that batches are cut to. */
    public static MemoryPlan unknown(RecipeConfig config) {
        int tokens = config.microBatchTokens().equals(AUTO) ? MOST_TOKENS : Integer.parseInt(config.microBatchTokens());
        return new MemoryPlan(
                Map.of(), 0, 0, 0, tokens, config.activationCheckpointing().equals("true"));
    }

    public boolean isKnown() {
        return !parts.isEmpty();
    }

    /**
     * @param compute the type of products
     * @param memory bytes that the machine has
     */
    public static MemoryPlan of(RecipeConfig config, ModelSizes sizes, DType compute, long memory) {
        return of(config, sizes, compute, memory, Integer.MAX_VALUE);
    }

    private static MemoryPlan of(RecipeConfig config, ModelSizes sizes, DType compute, long memory, int validation) {
        LoraConfig lora = config.lora();
        long parameters = sizes.parameters();
        long trained = lora == null ? parameters : trained(lora, sizes);
        Map<String, Long> parts = lora == null ? full(parameters, compute) : adapted(parameters, trained, compute);
        // The output layer stays in float32 where the rest is frozen in another type, and where it is laid out for
        // sampling.
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
        Cache measuring = measuring(config.evaluate(), sizes, validation);
        if (sampling == null) {
            parts.put("KV cache (measuring)", measuring.bytes(sizes));
        } else {
            parts.put("KV cache", larger(measuring, sampling, sizes).bytes(sizes));
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
        parts.put(
                "activations peak",
                sizes.activationBytes(Math.min(tokens, updateTokens(config, sizes)), checkpointing));
        long chunk = GradientPlan.LOGIT_BYTES / (FLOAT * sizes.vocabulary());
        parts.put("logits peak", LOGIT_COPIES * FLOAT * sizes.vocabulary() * Math.clamp(tokens, 1, Math.max(1, chunk)));
        return new MemoryPlan(parts, heap(config, sizes), parameters, trained, tokens, checkpointing);
    }

    /** Tokens of the rows that an update learns from, at most. */
    private static long updateTokens(RecipeConfig config, ModelSizes sizes) {
        return switch (config) {
            case SftConfig sft -> rows(sft.batch(), sft.maxTokens(), sizes);
            case ReftConfig reft -> rows(reft.ppo().minibatch(), reft.rollout().maxTotalTokens(), sizes);
            case GrpoConfig grpo -> rows(grpo.minibatch(), grpo.rollout().maxTotalTokens(), sizes);
            case OfflineSelfTrainingConfig offline -> rows(offline.batch(), offline.maxTokens(), sizes);
            case OnlineSelfTrainingConfig _ ->
                Long.MAX_VALUE; // right completions and all that is annotated of their questions
            case StoredSamplesConfig stored -> rows(2L * stored.batch(), stored.maxTokens(), sizes);
            case RewardModelConfig reward -> rows(reward.batch(), reward.maxTokens(), sizes);
        };
    }

    private static long rows(long rows, long tokens, ModelSizes sizes) {
        return rows * Math.min(tokens, sizes.contextLength());
    }

    /** Java's heap for layers and for the completions of a step, each as long as it may be. */
    private static long heap(RecipeConfig config, ModelSizes sizes) {
        boolean critic = config instanceof ReftConfig reft && reft.separateCritic();
        double models = 1 + (config.referenced() && config.lora() == null ? 1 : 0) + (critic ? 1 : 0);
        return (long) (sizes.layers() * models * LAYER_BYTES + completions(config, sizes));
    }

    private static double completions(RecipeConfig config, ModelSizes sizes) {
        RolloutConfig rollout = config.sampling();
        if (rollout == null) {
            return 0;
        }
        double completions = (double) rollout.questions()
                * rollout.samples()
                * (config instanceof GrpoConfig grpo ? grpo.refill() : 1);
        double token = TOKEN_BYTES + (policyGradient(config) ? supportBytes(rollout, sizes.vocabulary()) : 0);
        return completions * (ROLLOUT_BYTES + token * Math.min(rollout.maxTotalTokens(), sizes.contextLength()));
    }

    private static boolean policyGradient(RecipeConfig config) {
        return config instanceof ReftConfig || config instanceof GrpoConfig;
    }

    /** The support of a token on Java's heap. */
    private static double supportBytes(RolloutConfig rollout, int vocabulary) {
        if (rollout.topK() == 0 && rollout.topP() == 1) {
            return 0;
        }
        int ids = rollout.topK() == 0 ? NUCLEUS : rollout.topK();
        return SUPPORT_BYTES + Math.min((double) Integer.BYTES * ids, vocabulary / 8.0);
    }

    /**
     * Refuses what cannot fit, however much of it is free.
     *
     * @param memory bytes that the machine has
     * @param java bytes that Java's heap may have
     * @throws ConfigException that names the largest parts and what makes them smaller
     */
    void requireRoom(RecipeConfig config, long memory, long java) {
        refusal(config, memory, java).ifPresent(words -> {
            throw new ConfigException(words);
        });
    }

    /** Why a run cannot fit into this machine; empty if it can. */
    public Optional<String> refusal(RecipeConfig config) {
        return refusal(config, Cpu.memoryBytes(), Runtime.getRuntime().maxMemory());
    }

    private Optional<String> refusal(RecipeConfig config, long memory, long java) {
        if (isKnown() && totalBytes() > memory) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the run needs about %.1f GiB of memory, and this machine has %.1f; the most of it for %s; %s",
                    totalBytes() / GIBIBYTE,
                    memory / GIBIBYTE,
                    largest(),
                    remedy(config, memory)));
        }
        if (heap > java) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the model's layers and the completions of a step need about %.1f GiB of Java's memory, and it may have %.1f;"
                            + " lower rollout.questions, rollout.samples or rollout.max-total-tokens, take a model with fewer"
                            + " layers, or give it more with REFT_JAVA_OPTS=-Xmx4g",
                    heap / GIBIBYTE,
                    java / GIBIBYTE));
        }
        return Optional.empty();
    }

    /** A warning where other processes hold what the run needs now; empty where it is free. */
    public Optional<String> crowded() {
        long free = Cpu.availableBytes();
        return isKnown() && totalBytes() > free
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "the run needs about %.1f GiB of memory, and %.1f are free now; end other programs, or it may be ended by the"
                                + " system",
                        totalBytes() / GIBIBYTE,
                        free / GIBIBYTE))
                : Optional.empty();
    }

    private String largest() {
        return parts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(2)
                .map(part -> String.format(Locale.ROOT, "%s (%.1f)", part.getKey(), part.getValue() / GIBIBYTE))
                .collect(Collectors.joining(" and "));
    }

    private String remedy(RecipeConfig config, long memory) {
        if (standingBytes() <= memory) {
            return config.sampling() == null
                    ? "lower evaluate.batch or micro-batch-tokens"
                    : "lower rollout.batch, evaluate.batch or micro-batch-tokens";
        }
        return config.lora() == null && config.model().fresh() == null
                ? "train adapters beside frozen weights (lora), or take a smaller model"
                : "take a smaller model";
    }

    /** Tokens that should fit without computing anything twice. */
    private static long wanted(RecipeConfig config) {
        return config.microBatchTokens().equals(AUTO) ? FEW_TOKENS : Integer.parseInt(config.microBatchTokens());
    }

    private static int fitting(double free, ModelSizes sizes, boolean checkpointing) {
        double bytes = Math.min(free, MOST_BYTES);
        return (int) Math.clamp(bytes / sizes.activationBytes(1, checkpointing), FEWEST_TOKENS, MOST_TOKENS);
    }

    /** No row is longer than the model's positions reach. */
    private static Cache measuring(EvaluateConfig evaluate, ModelSizes sizes, int validation) {
        int questions = evaluate.questions() > 0 ? Math.min(evaluate.questions(), validation) : validation;
        return new Cache(
                Math.min(evaluate.batch(), questions), Math.min(evaluate.maxTotalTokens(), sizes.contextLength()));
    }

    private static Cache larger(Cache measuring, RolloutConfig rollout, ModelSizes sizes) {
        Cache sampling = new Cache(
                Math.min(rollout.batch(), (long) rollout.questions() * rollout.samples()),
                Math.min(rollout.maxTotalTokens(), sizes.contextLength()));
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
        return standingBytes() + Math.max(bytes(part -> part.startsWith(CACHE)), bytes(part -> part.endsWith(PEAK)));
    }

    private long standingBytes() {
        return bytes(part -> !part.startsWith(CACHE) && !part.endsWith(PEAK));
    }

    private long bytes(Predicate<String> named) {
        return parts.entrySet().stream()
                .filter(part -> named.test(part.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
