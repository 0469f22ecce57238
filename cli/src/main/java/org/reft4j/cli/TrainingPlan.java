package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.reft4j.model.decoder.ModelFamilies;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.ModelFolder;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Datasets;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.DType;
import org.reft4j.train.recipe.ModelSource;
import org.reft4j.train.recipe.RecipeConfig;
import org.reft4j.train.recipe.ReftConfig;
import org.reft4j.train.recipe.SftConfig;

/**
 * What a run will do and need, worked out from its configuration before anything runs: the batch arithmetic in words, and memory in
 * bytes. Memory is an estimate of what the tensors take at their peak; the JVM's heap comes on top.
 *
 * @param arithmetic sentences
 * @param counts the same as numbers, by name
 * @param memory bytes by part
 * @param parameters of the model
 */
record TrainingPlan(List<String> arithmetic, Map<String, Long> counts, Map<String, Long> memory, long parameters) {
    private static final long FLOAT = Float.BYTES;
    private static final long BF16 = 2;
    /** Logits, their log-softmax and its gradient are alive at once. */
    private static final long LOGIT_COPIES = 3;

    static TrainingPlan of(RecipeConfig config) {
        Dataset data = Datasets.open(config.data());
        long annotated = data.train().stream()
                .filter(question -> question.rationale() != null)
                .count();
        Shape shape = Shape.of(config.model());
        DType compute = compute(config.model(), shape);
        return switch (config) {
            case SftConfig sft -> sft(sft, annotated, shape, compute);
            case ReftConfig reft -> reft(reft, data.train().size(), shape, compute);
        };
    }

    /** Supervised training on {@code rows} annotated questions. */
    static TrainingPlan sft(SftConfig config, long rows, Shape shape, DType compute) {
        long perEpoch = Math.ceilDiv(Math.max(1, rows), config.batch());
        long steps = (long) Math.ceil(config.epochs() * perEpoch);
        List<String> words = new ArrayList<>();
        words.add(words("%d annotated questions / %d a batch = %d steps an epoch", rows, config.batch(), perEpoch)
                + (rows % config.batch() == 0 ? "" : words(" (the last of %d)", rows % config.batch())));
        words.add(words(
                "%d steps an epoch x %s epochs = %d steps, one update each", perEpoch, plain(config.epochs()), steps));
        words.add(words(
                "learning rate: up to %s during the first %d steps, then %s",
                plain(config.optimizer().learningRate()),
                Math.round(config.optimizer().warmup() * steps),
                config.optimizer().schedule().equals("linear") ? "down to 0 at the last" : "constant"));
        words.add(words(
                "a batch goes through the model in parts of at most %d tokens (padding included)",
                config.microBatchTokens()));
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("questions", rows);
        counts.put("steps-per-epoch", perEpoch);
        counts.put("steps", steps);
        counts.put("updates-per-step", 1L);
        Map<String, Long> memory = trained(shape, compute);
        memory.put(
                "KV cache (measuring)",
                shape.cacheBytes(config.evaluate().batch(), config.evaluate().maxTotalTokens()));
        memory.put("activations peak", shape.activationBytes(config.microBatchTokens()));
        memory.put("logits peak", LOGIT_COPIES * FLOAT * config.microBatchTokens() * shape.vocabulary());
        return new TrainingPlan(words, counts, memory, shape.parameters());
    }

    /** Reinforced fine-tuning on {@code questions}. */
    static TrainingPlan reft(ReftConfig config, long questions, Shape shape, DType compute) {
        ReftConfig.RolloutConfig rollout = config.rollout();
        long rollouts = (long) rollout.questions() * rollout.samples();
        long minibatches = rollouts / config.ppo().minibatch();
        long updates = minibatches * config.ppo().epochs();
        long perEpoch = Math.ceilDiv(Math.max(1, questions), rollout.questions());
        List<String> words = new ArrayList<>();
        words.add(words(
                "%d questions x %d samples = %d rollouts a step, each at most %d tokens with its prompt",
                rollout.questions(), rollout.samples(), rollouts, rollout.maxTotalTokens()));
        words.add(words(
                "%d rollouts / %d a minibatch = %d minibatches, x %d PPO epochs = %d updates a step",
                rollouts, config.ppo().minibatch(), minibatches, config.ppo().epochs(), updates));
        if (config.criticWarmup() > 0) {
            words.add(words("the first %d steps train the value head only", config.criticWarmup()));
        }
        words.add(words(
                "%d training questions / %d a step = %d steps an epoch", questions, rollout.questions(), perEpoch));
        words.add(words(
                "%d steps = %d rollouts, %d updates, %.2f epochs",
                config.steps(),
                config.steps() * rollouts,
                config.steps() * updates,
                (double) config.steps() / perEpoch));
        words.add(words(
                "rollouts are sampled %d at a time and trained on in parts of at most %d tokens (padding included)",
                Math.min(rollout.batch(), rollouts), config.microBatchTokens()));
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("questions", questions);
        counts.put("rollouts-per-step", rollouts);
        counts.put("minibatches-per-step", minibatches);
        counts.put("updates-per-step", updates);
        counts.put("steps-per-epoch", perEpoch);
        counts.put("steps", (long) config.steps());
        Map<String, Long> memory = trained(shape, compute);
        memory.put("reference model", shape.parameters() * (FLOAT + (compute == DType.BF16 ? BF16 : 0)));
        memory.put(
                "KV cache",
                Math.max(
                        shape.cacheBytes(Math.min(rollout.batch(), rollouts), rollout.maxTotalTokens()),
                        shape.cacheBytes(
                                config.evaluate().batch(), config.evaluate().maxTotalTokens())));
        memory.put("activations peak", shape.activationBytes(config.microBatchTokens()));
        memory.put("logits peak", LOGIT_COPIES * FLOAT * config.microBatchTokens() * shape.vocabulary());
        return new TrainingPlan(words, counts, memory, shape.parameters());
    }

    private static Map<String, Long> trained(Shape shape, DType compute) {
        Map<String, Long> memory = new LinkedHashMap<>();
        memory.put("weights (float32)", shape.parameters() * FLOAT);
        if (compute == DType.BF16) {
            memory.put("weights (bfloat16 copy for products)", shape.parameters() * BF16);
        }
        memory.put("gradients", shape.parameters() * FLOAT);
        memory.put("optimiser (two moments)", shape.parameters() * 2 * FLOAT);
        return memory;
    }

    /** What {@code auto} stands for on this machine. */
    static DType compute(ModelSource source, Shape shape) {
        return switch (source.compute()) {
            case "f32" -> DType.F32;
            case "bf16" -> DType.BF16;
            default -> Calibration.compute(shape.width());
        };
    }

    long totalBytes() {
        // Sampling and training take turns: the cache is gone when activations and logits are needed.
        long cache = 0;
        long training = 0;
        long standing = 0;
        for (Map.Entry<String, Long> part : memory.entrySet()) {
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

    /** For people. */
    String text() {
        StringBuilder text = new StringBuilder("Batch arithmetic:\n");
        arithmetic.forEach(sentence -> text.append("  ").append(sentence).append('\n'));
        text.append(words("%nMemory, for %s parameters:%n", plainCount(parameters)));
        memory.forEach((part, bytes) -> text.append(words("  %-40s %9.1f MiB%n", part, mebibytes(bytes))));
        text.append(words(
                "  %-40s %9.1f MiB (cache and training peaks do not come together)%n",
                "in all, about", mebibytes(totalBytes())));
        return text.toString();
    }

    /** For programs. */
    ObjectNode figures() {
        ObjectNode figures = Output.object();
        figures.put("parameters", parameters);
        ObjectNode numbers = figures.putObject("batch");
        counts.forEach(numbers::put);
        ObjectNode bytes = figures.putObject("memory-bytes");
        memory.forEach(bytes::put);
        bytes.put("total", totalBytes());
        return figures;
    }

    private static double mebibytes(long bytes) {
        return bytes / (double) (1 << 20);
    }

    private static String plainCount(long count) {
        return count < 1_000_000 ? Long.toString(count) : words("%.1f million", count / 1e6);
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    @FormatMethod
    private static String words(@FormatString String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** The sizes of a decoder that its memory follows from; what norms, biases and positions take is left out but for Llama's norms. */
    record Shape(
            long vocabulary,
            long layers,
            long width,
            long heads,
            long keyValueHeads,
            long headWidth,
            long feedForward,
            boolean gated,
            boolean tied) {

        static Shape of(ModelSource source) {
            ModelSource.NewModel fresh = source.fresh();
            if (fresh != null) {
                try (Tokenizer tokenizer = Tokenizers.small()) {
                    return new Shape(
                            tokenizer.vocabularySize(),
                            fresh.layers(),
                            fresh.width(),
                            fresh.heads(),
                            fresh.keyValueHeads(),
                            fresh.width() / fresh.heads(),
                            fresh.feedForward(),
                            true,
                            true);
                }
            }
            return of(ModelFolder.open(ModelHub.locate(Objects.requireNonNull(source.path()), HubProgress.NONE))
                    .config());
        }

        static Shape of(ModelConfig config) {
            ModelSizes sizes = ModelFamilies.of(config).sizes(config);
            return new Shape(
                    sizes.vocabulary(),
                    sizes.layers(),
                    sizes.width(),
                    sizes.heads(),
                    sizes.keyValueHeads(),
                    sizes.headWidth(),
                    sizes.feedForward(),
                    sizes.gated(),
                    sizes.tied());
        }

        long parameters() {
            long attention = 2 * width * heads * headWidth + 2 * width * keyValueHeads * headWidth;
            long layer = attention + (gated ? 3 : 2) * width * feedForward + 2 * width;
            return vocabulary * width * (tied ? 1 : 2) + layers * layer + width;
        }

        /** Keys and values of so many rows, float32. */
        long cacheBytes(long rows, long tokens) {
            return 2 * layers * rows * tokens * keyValueHeads * headWidth * FLOAT;
        }

        /** What the backward pass needs of each layer: norms, queries, keys, values, attention, the feed-forward's two or four parts. */
        long activationBytes(long tokens) {
            long floats =
                    6 * width + 3 * heads * headWidth + 4 * keyValueHeads * headWidth + (gated ? 4 : 2) * feedForward;
            return layers * tokens * floats * FLOAT;
        }
    }
}
