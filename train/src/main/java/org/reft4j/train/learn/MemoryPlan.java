package org.reft4j.train.learn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.reft4j.model.GradientPlan;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.Packing;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.train.ConfigException;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;

/**
 * The memory that a run needs, estimated before it starts, and the micro-batch size that fits. It estimates the peak of tensor memory; the
 * JVM's heap, which holds the rollouts of a step, comes on top.
 *
 * @param place that the models are put at
 * @param uses memory by use, in the order of display
 * @param heap bytes of Java's heap for the models' layers and, at most, for the completions of a step
 * @param parameters number of parameters of the model
 * @param trained number of trained parameters of the model or its adapters
 * @param microBatchTokens most tokens that go through the model at once
 * @param checkpointing true if activations are recomputed instead of kept
 */
public record MemoryPlan(
        Place place,
        List<Use> uses,
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
    /** Share of the machine's memory for tensors; the rest is for the heap, the system and what this estimate leaves out. */
    private static final double SHARE = 0.75;
    /** Logits, their log-softmax and its gradient are alive at once. */
    public static final long LOGIT_COPIES = 3;

    private static final long FLOAT = Float.BYTES;
    /** Bytes of Java's heap per sampled token: its id four times, once in a list, six figures, and its text. */
    private static final double TOKEN_BYTES = 64;
    /** Bytes of Java's heap per completion, however short. */
    private static final double ROLLOUT_BYTES = 1024;
    /** Bytes of a set of tokens on Java's heap, in addition to its ids. */
    private static final double SUPPORT_BYTES = 48;
    /** Tokens that top-p leaves of a trained model's, on average; mostly it is one to some ten. */
    private static final int NUCLEUS = 256;
    /** Bytes of Java's heap for a layer's tensors: about ten, each with its deallocator. */
    private static final double LAYER_BYTES = 10 << 10;

    private static final double GIBIBYTE = 1 << 30;
    private static final String AUTO = "auto";

    /** The time at which memory is taken. */
    public enum Kind {
        /** From the beginning to the end. */
        STANDING,
        /** While completions are sampled. */
        CACHE,
        /** While the model is trained; never together with a cache. */
        PEAK
    }

    /** One of the things that take memory, by its name in words. */
    public record Use(String name, Kind kind, long bytes) {}

    public MemoryPlan {
        uses = List.copyOf(uses);
    }

    /** Bytes by name, for people. */
    public Map<String, Long> parts() {
        Map<String, Long> parts = new LinkedHashMap<>();
        uses.forEach(use -> parts.put(use.name(), use.bytes()));
        return parts;
    }

    /** Size of the largest key/value cache of a run, in rows and tokens. */
    private record Cache(long rows, long tokens) {
        long bytes(ModelSizes sizes, Place place) {
            return sizes.cacheBytes(rows, tokens, place.attention());
        }
    }

    /** For this machine. */
    public static MemoryPlan of(RecipeConfig config, ModelSizes sizes, Place place) {
        return of(config, sizes, place, place.memoryBytes());
    }

    /**
     * For this machine.
     *
     * @param validation questions that the model can be measured on
     */
    static MemoryPlan here(RecipeConfig config, ModelSizes sizes, Place place, int validation) {
        return of(config, sizes, place, place.memoryBytes(), validation);
    }

    /** For a model that is not on this machine, so that its sizes are not known: no figures but the most that batches are cut to. */
    public static MemoryPlan unknown(RecipeConfig config) {
        int tokens = config.run().microBatchTokens().equals(AUTO)
                ? MOST_TOKENS
                : Integer.parseInt(config.run().microBatchTokens());
        return new MemoryPlan(
                Place.HOST,
                List.of(),
                0,
                0,
                0,
                tokens,
                config.run().activationCheckpointing().equals("true"));
    }

    public boolean isKnown() {
        return !uses.isEmpty();
    }

    /**
     * @param place of the models
     * @param memory bytes that it has
     */
    public static MemoryPlan of(RecipeConfig config, ModelSizes sizes, Place place, long memory) {
        return of(config, sizes, place, memory, Integer.MAX_VALUE);
    }

    private static MemoryPlan of(RecipeConfig config, ModelSizes sizes, Place place, long memory, int validation) {
        DType compute = place.products();
        LoraConfig lora = config.lora();
        long parameters = sizes.parameters();
        long trained = lora == null ? parameters : trained(lora, sizes);
        List<Use> uses = lora == null ? full(parameters, compute) : adapted(parameters, trained, compute);
        // The output layer stays in float32 where the rest is frozen in another type, and where it is laid out for
        // sampling.
        long output = (long) sizes.vocabulary() * sizes.width() * (FLOAT - compute.bytes());
        if (lora != null && output > 0) {
            uses.add(new Use("output layer (float32)", Kind.STANDING, output));
        }
        if (config.referenced() && lora == null) {
            uses.add(new Use("reference model", Kind.STANDING, parameters * compute.bytes() + output));
        }
        if (config.separateCritic()) {
            uses.add(new Use("critic", Kind.STANDING, trainedBytes(parameters, compute)));
        }
        long standing = uses.stream().mapToLong(Use::bytes).sum();
        RolloutConfig sampling = config.sampling();
        Cache measuring = measuring(config.evaluate(), sizes, validation);
        if (sampling == null) {
            uses.add(new Use("KV cache (measuring)", Kind.CACHE, measuring.bytes(sizes, place)));
        } else {
            uses.add(new Use(
                    "KV cache", Kind.CACHE, larger(measuring, sampling, sizes).bytes(sizes, place)));
        }

        long packed =
                place.isHost() ? Packing.planned(sizes.width(), parameters * compute.bytes() + output, memory) : 0;
        if (packed > 0) {
            uses.add(new Use("packed weights (sampling)", Kind.STANDING, packed));
        }

        double free = SHARE * memory - standing;
        boolean checkpointing = config.run().activationCheckpointing().equals(AUTO)
                ? sizes.activationBytes(wanted(config), false) > free
                : config.run().activationCheckpointing().equals("true");
        int tokens = config.run().microBatchTokens().equals(AUTO)
                ? fitting(free, sizes, checkpointing)
                : Integer.parseInt(config.run().microBatchTokens());
        uses.add(new Use(
                "activations peak",
                Kind.PEAK,
                sizes.activationBytes(
                        Math.min(tokens, config.update().mostTokens(sizes.contextLength())), checkpointing)));
        long chunk = GradientPlan.LOGIT_BYTES / (FLOAT * sizes.vocabulary());
        uses.add(new Use(
                "logits peak",
                Kind.PEAK,
                LOGIT_COPIES * FLOAT * sizes.vocabulary() * Math.clamp(tokens, 1, Math.max(1, chunk))));
        return new MemoryPlan(place, uses, heap(config, sizes), parameters, trained, tokens, checkpointing);
    }

    /** Java's heap for layers and for the completions of a step, each as long as it may be. */
    private static long heap(RecipeConfig config, ModelSizes sizes) {
        double models = 1 + (config.referenced() && config.lora() == null ? 1 : 0) + (config.separateCritic() ? 1 : 0);
        return (long) (sizes.layers() * models * LAYER_BYTES + completions(config, sizes));
    }

    private static double completions(RecipeConfig config, ModelSizes sizes) {
        RolloutConfig rollout = config.sampling();
        if (rollout == null) {
            return 0;
        }
        double completions = config.mostRollouts();
        double token = TOKEN_BYTES + (config.weighsTokens() ? supportBytes(rollout, sizes.vocabulary()) : 0);
        return completions * (ROLLOUT_BYTES + token * Math.min(rollout.maxTotalTokens(), sizes.contextLength()));
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
     * @param memory bytes that the place has
     * @param java bytes that Java's heap may have
     * @throws ConfigException that names the largest parts and what makes them smaller
     */
    public void requireRoom(RecipeConfig config, long memory, long java) {
        refusal(config, memory, java).ifPresent(words -> {
            throw new ConfigException(words);
        });
    }

    /** Why a run cannot fit into this machine; empty if it can. */
    public Optional<String> refusal(RecipeConfig config) {
        return refusal(config, place.memoryBytes(), Runtime.getRuntime().maxMemory());
    }

    private Optional<String> refusal(RecipeConfig config, long memory, long java) {
        if (isKnown() && totalBytes() > memory) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the run needs about %.1f GiB of memory, and %s has %.1f; the most of it for %s; %s",
                    totalBytes() / GIBIBYTE,
                    place.words(),
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
        long free = place.availableBytes();
        String where = place.isHost() ? "" : " on " + place.device();
        return isKnown() && totalBytes() > free
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "the run needs about %.1f GiB of memory, and %.1f are free%s now; end other programs, or %s",
                        totalBytes() / GIBIBYTE,
                        free / GIBIBYTE,
                        where,
                        place.isHost() ? "it may be ended by the system" : "its batches are made smaller"))
                : Optional.empty();
    }

    private String largest() {
        return uses.stream()
                .sorted(Comparator.comparingLong(Use::bytes).reversed())
                .limit(2)
                .map(use -> String.format(Locale.ROOT, "%s (%.1f)", use.name(), use.bytes() / GIBIBYTE))
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
        return config.run().microBatchTokens().equals(AUTO)
                ? FEW_TOKENS
                : Integer.parseInt(config.run().microBatchTokens());
    }

    private static int fitting(double free, ModelSizes sizes, boolean checkpointing) {
        double bytes = Math.min(free, MOST_BYTES);
        return (int) Math.clamp(bytes / sizes.activationBytes(1, checkpointing), FEWEST_TOKENS, MOST_TOKENS);
    }

    /** No row is longer than the model's positions reach. */
    private static Cache measuring(EvaluateConfig evaluate, ModelSizes sizes, int validation) {
        return new Cache(
                Math.min(evaluate.batch(), evaluate.completions(validation)),
                Math.min(evaluate.maxTotalTokens(), sizes.contextLength()));
    }

    private static Cache larger(Cache measuring, RolloutConfig rollout, ModelSizes sizes) {
        Cache sampling = new Cache(
                Math.min(rollout.batch(), (long) rollout.questions() * rollout.samples()),
                Math.min(rollout.maxTotalTokens(), sizes.contextLength()));
        return sampling.rows * sampling.tokens >= measuring.rows * measuring.tokens ? sampling : measuring;
    }

    private static List<Use> full(long parameters, DType compute) {
        List<Use> uses = new ArrayList<>();
        uses.add(new Use("weights (float32)", Kind.STANDING, parameters * FLOAT));
        if (compute != DType.F32) {
            uses.add(new Use(
                    "weights (" + compute.torchName() + " copy for products)",
                    Kind.STANDING,
                    parameters * compute.bytes()));
        }
        uses.add(new Use("gradients", Kind.STANDING, parameters * FLOAT));
        uses.add(new Use("optimiser (two moments)", Kind.STANDING, parameters * 2 * FLOAT));
        return uses;
    }

    private static List<Use> adapted(long parameters, long trained, DType compute) {
        List<Use> uses = new ArrayList<>();
        uses.add(new Use("weights (" + compute.torchName() + ", frozen)", Kind.STANDING, parameters * compute.bytes()));
        uses.add(new Use("adapters (float32)", Kind.STANDING, trained * FLOAT));
        uses.add(new Use("gradients", Kind.STANDING, trained * FLOAT));
        uses.add(new Use("optimiser (two moments)", Kind.STANDING, trained * 2 * FLOAT));
        return uses;
    }

    /** Memory of trained parameters: weights, gradients and two moments, and a copy of the weights if matrix products use another type. */
    public static long trainedBytes(long parameters, DType compute) {
        return parameters * (4 * FLOAT + (compute == DType.F32 ? 0 : compute.bytes()));
    }

    /** Number of parameters of the adapters. For families with other layer names, every layer is counted. */
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

    /** The peak of memory: sampling and training take turns, and the cache is freed before activations and logits are needed. */
    public long totalBytes() {
        return standingBytes() + Math.max(bytes(Kind.CACHE), bytes(Kind.PEAK));
    }

    private long standingBytes() {
        return bytes(Kind.STANDING);
    }

    private long bytes(Kind kind) {
        return uses.stream()
                .filter(use -> use.kind() == kind)
                .mapToLong(Use::bytes)
                .sum();
    }
}
