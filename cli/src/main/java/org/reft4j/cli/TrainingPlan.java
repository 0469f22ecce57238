package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Datasets;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Graders;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.DType;
import org.reft4j.train.recipe.GrpoConfig;
import org.reft4j.train.recipe.MemoryPlan;
import org.reft4j.train.recipe.ModelSource;
import org.reft4j.train.recipe.ModelSources;
import org.reft4j.train.recipe.OfflineSelfTrainingConfig;
import org.reft4j.train.recipe.OnlineSelfTrainingConfig;
import org.reft4j.train.recipe.RecipeConfig;
import org.reft4j.train.recipe.ReftConfig;
import org.reft4j.train.recipe.RewardModelConfig;
import org.reft4j.train.recipe.SelfTrainingRollout;
import org.reft4j.train.recipe.SftConfig;
import org.reft4j.train.recipe.StoredSamplesConfig;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSource;
import org.reft4j.train.sample.ScoredSample;

/**
 * What a run will do and need, worked out from its configuration before anything runs: the batch arithmetic in words, and memory in
 * bytes.
 *
 * @param arithmetic sentences
 * @param counts the same as numbers, by name
 * @param memory what it takes of this machine's
 */
record TrainingPlan(List<String> arithmetic, Map<String, Long> counts, MemoryPlan memory) {
    static TrainingPlan of(RecipeConfig config) {
        MemoryPlan memory = memory(config);
        for (Map.Entry<String, String> source : sources(config).entrySet()) {
            if (!Files.exists(Path.of(source.getValue()))) {
                return new TrainingPlan(
                        List.of("not worked out, since the data are not on this machine: " + source.getKey() + " is "
                                + source.getValue()),
                        Map.of(),
                        memory);
            }
        }
        return of(config, memory);
    }

    /** What is read besides the model, by its key. */
    private static Map<String, String> sources(RecipeConfig config) {
        Map<String, String> sources = new LinkedHashMap<>();
        String data = config.data().path();
        if (data != null) {
            sources.put("data.path", data);
        }
        if (config instanceof StoredSamplesConfig stored) {
            sources.put("samples.path", stored.samples().path());
        }
        if (config instanceof RewardModelConfig reward) {
            sources.put("samples.path", reward.samples().path());
        }
        return sources;
    }

    /** @param sizes of the model, which may not be there yet */
    static TrainingPlan of(RecipeConfig config, ModelSizes sizes) {
        return of(config, MemoryPlan.of(config, sizes, compute(config.model(), sizes)));
    }

    /** As above for a recipe that learns from samples that another run has still to draw: memory alone. */
    static TrainingPlan ofSamplesToCome(RecipeConfig config, ModelSizes sizes) {
        return new TrainingPlan(
                List.of("steps: known once the samples are drawn"),
                Map.of(),
                MemoryPlan.of(config, sizes, compute(config.model(), sizes)));
    }

    private static TrainingPlan of(RecipeConfig config, MemoryPlan memory) {
        Dataset data = Datasets.open(config.data());
        long annotated = data.train().stream().mapToLong(Question::targets).sum();
        return switch (config) {
            case SftConfig sft -> sft(sft, annotated, memory);
            case ReftConfig reft -> reft(reft, data.train().size(), memory);
            case OfflineSelfTrainingConfig offline ->
                offline(offline, data.train().size(), annotated, memory);
            case OnlineSelfTrainingConfig online -> online(online, data.train().size(), annotated, memory);
            case StoredSamplesConfig stored -> stored(stored, samples(stored, data), memory);
            case GrpoConfig grpo -> grpo(grpo, data.train().size(), memory);
            case RewardModelConfig reward -> reward(reward, memory);
        };
    }

    private static MemoryPlan memory(RecipeConfig config) {
        String path = config.model().path();
        if (path != null && ModelHub.present(path).isEmpty()) {
            return MemoryPlan.unknown(config);
        }
        ModelSizes sizes = ModelSources.sizes(config.model());
        return MemoryPlan.of(config, sizes, compute(config.model(), sizes));
    }

    /** Supervised training on {@code rows} annotated questions. */
    static TrainingPlan sft(SftConfig config, long rows, MemoryPlan memory) {
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
                "a batch goes through the model in parts of at most %d tokens (padding included)%s",
                memory.microBatchTokens(), again(memory)));
        trained(config, memory, words);
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("questions", rows);
        counts.put("steps-per-epoch", perEpoch);
        counts.put("steps", steps);
        counts.put("updates-per-step", 1L);
        return new TrainingPlan(words, counts, memory);
    }

    /** Reinforced fine-tuning on {@code questions}. */
    static TrainingPlan reft(ReftConfig config, long questions, MemoryPlan memory) {
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
            words.add(words(
                    config.separateCritic()
                            ? "the first %d steps train the critic only"
                            : "the first %d steps train the value head only",
                    config.criticWarmup()));
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
                "rollouts are sampled %d at a time and trained on in parts of at most %d tokens (padding included)%s",
                Math.min(rollout.batch(), rollouts), memory.microBatchTokens(), again(memory)));
        trained(config, memory, words);
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("questions", questions);
        counts.put("rollouts-per-step", rollouts);
        counts.put("minibatches-per-step", minibatches);
        counts.put("updates-per-step", updates);
        counts.put("steps-per-epoch", perEpoch);
        counts.put("steps", (long) config.steps());
        return new TrainingPlan(words, counts, memory);
    }

    /** Offline self-training: how many rows there will be shows only when the questions have been sampled. */
    static TrainingPlan offline(OfflineSelfTrainingConfig config, long questions, long annotated, MemoryPlan memory) {
        SelfTrainingRollout rollout = config.rollout();
        long samples = questions * rollout.samples();
        long rows = annotated + questions * config.keep();
        long steps = config.mostSteps(annotated, questions);
        List<String> words = new ArrayList<>();
        words.add(words(
                "%d training questions x %d samples = %d completions a round, each at most %d tokens with its prompt",
                questions, rollout.samples(), samples, rollout.maxTotalTokens()));
        words.add(words(
                "at most %d right and different ones a question + %d annotated rows = at most %d rows",
                config.keep(), annotated, rows));
        words.add(words(
                "rows / %d a batch x %s epochs = at most %d updates a round, from the base model",
                config.batch(), plain(config.epochs()), config.updates(rows)));
        words.add(words(
                "%d rounds, each a step of sampling and a step for each update = at most %d steps",
                config.iterate(), steps));
        words.add(words(
                "completions are sampled %d at a time and stored after every %d questions; a batch goes through the model in parts of"
                        + " at most %d tokens (padding included)%s",
                rollout.batch(), rollout.questions(), memory.microBatchTokens(), again(memory)));
        trained(config, memory, words);
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("questions", questions);
        counts.put("samples-per-round", samples);
        counts.put("annotated", annotated);
        counts.put("rows-at-most", rows);
        counts.put("steps-at-most", steps);
        counts.put("updates-per-step", 1L);
        return new TrainingPlan(words, counts, memory);
    }

    /** Online self-training. */
    static TrainingPlan online(OnlineSelfTrainingConfig config, long questions, long annotated, MemoryPlan memory) {
        SelfTrainingRollout rollout = config.rollout();
        long rollouts = (long) rollout.questions() * rollout.samples();
        long perEpoch = Math.ceilDiv(Math.max(1, questions), rollout.questions());
        List<String> words = new ArrayList<>();
        words.add(words(
                "%d questions x %d samples = %d rollouts a step, each at most %d tokens with its prompt",
                rollout.questions(), rollout.samples(), rollouts, rollout.maxTotalTokens()));
        words.add(words(
                "%d updates a step, on the right rollouts and the annotated chains of the step's questions",
                config.passes()));
        words.add(words(
                "%d training questions, %d annotated rows; %d questions a step = %d steps an epoch",
                questions, annotated, rollout.questions(), perEpoch));
        words.add(words(
                "%d steps = %d rollouts, %d updates, %.2f epochs",
                config.steps(),
                config.steps() * rollouts,
                (long) config.steps() * config.passes(),
                (double) config.steps() / perEpoch));
        words.add(words(
                "rollouts are sampled %d at a time and trained on in parts of at most %d tokens (padding included)%s",
                Math.min(rollout.batch(), rollouts), memory.microBatchTokens(), again(memory)));
        trained(config, memory, words);
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("questions", questions);
        counts.put("annotated", annotated);
        counts.put("rollouts-per-step", rollouts);
        counts.put("updates-per-step", (long) config.passes());
        counts.put("steps-per-epoch", perEpoch);
        counts.put("steps", (long) config.steps());
        return new TrainingPlan(words, counts, memory);
    }

    private static List<List<ScoredSample>> samples(StoredSamplesConfig config, Dataset data) {
        double threshold = config.grader() == null ? Double.NaN : Graders.passThreshold(config.grader());
        return SampleSource.read(Path.of(config.samples().path()), data.train(), threshold);
    }

    /** Learning from stored samples. */
    static TrainingPlan stored(StoredSamplesConfig config, List<List<ScoredSample>> samples, MemoryPlan memory) {
        long all = samples.stream().mapToLong(List::size).sum();
        long right = samples.stream()
                .flatMap(List::stream)
                .filter(ScoredSample::right)
                .count();
        long units = samples.stream().mapToLong(config::units).sum();
        List<String> words = new ArrayList<>();
        words.add(words(
                "%d stored samples of %d questions or pairs, %d of them right, make at most %d %s",
                all, samples.size(), right, units, config.unit()));
        words.add(words(
                "%d %s / %d a batch x %s epochs = at most %d steps, one update each",
                units, config.unit(), config.batch(), plain(config.epochs()), config.steps(units)));
        words.add(words(
                "a batch goes through the model in parts of at most %d tokens (padding included)%s",
                memory.microBatchTokens(), again(memory)));
        trained(config, memory, words);
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("samples", all);
        counts.put("right", right);
        counts.put(config.unit() + "-at-most", units);
        counts.put("steps-at-most", (long) config.steps(units));
        counts.put("updates-per-step", 1L);
        return new TrainingPlan(words, counts, memory);
    }

    /** A reward model. How many samples differ and can be graded shows when they are read. */
    private static TrainingPlan reward(RewardModelConfig config, MemoryPlan memory) {
        Path folder = Path.of(config.samples().path());
        List<Integer> stored = SampleSource.isRun(folder)
                ? SampleSource.read(folder, Datasets.open(config.data()).train(), Double.NaN).stream()
                        .map(List::size)
                        .toList()
                : SampleReader.questions(folder).stream()
                        .map(question -> question.samples().size())
                        .toList();
        long each = Math.min(Collections.max(stored), config.samples().perQuestion());
        long heldOut = (long) Math.ceil(config.samples().heldOut() * stored.size());
        long rows = (stored.size() - heldOut) * each;
        long perEpoch = Math.ceilDiv(Math.max(1, rows), config.batch());
        long steps = (long) Math.ceil(config.epochs() * perEpoch);
        List<String> words = new ArrayList<>();
        words.add(words(
                "%d questions - %d held out, x %d samples = at most %d rows (each text counts once a question)",
                stored.size(), heldOut, each, rows));
        words.add(words(
                "%d rows / %d a batch x %s epochs = at most %d steps, one update each",
                rows, config.batch(), plain(config.epochs()), steps));
        words.add(words(
                "a batch goes through the model in parts of at most %d tokens (padding included)%s",
                memory.microBatchTokens(), again(memory)));
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("questions", (long) stored.size());
        counts.put("held-out", heldOut);
        counts.put("rows-at-most", rows);
        counts.put("steps-at-most", steps);
        counts.put("updates-per-step", 1L);
        return new TrainingPlan(words, counts, memory);
    }

    /** Group-relative policy optimisation. */
    static TrainingPlan grpo(GrpoConfig config, long questions, MemoryPlan memory) {
        ReftConfig.RolloutConfig rollout = config.rollout();
        long rollouts = (long) rollout.questions() * rollout.samples();
        long minibatches = rollouts / config.minibatch();
        long updates = minibatches * config.loss().epochs();
        long perEpoch = Math.ceilDiv(Math.max(1, questions), rollout.questions());
        List<String> words = new ArrayList<>();
        words.add(words(
                "%d questions x %d samples = %d rollouts a step, each at most %d tokens with its prompt",
                rollout.questions(), rollout.samples(), rollouts, rollout.maxTotalTokens()));
        if (rollout.mixedOnly()) {
            words.add(words(
                    "questions whose completions are all paid alike are left out; in their place more are asked, at most %d a step",
                    (long) rollout.questions() * config.refill()));
        }
        words.add(words(
                "%d rollouts / %d a minibatch = %d minibatches, x %d epochs = %d updates a step",
                rollouts, config.minibatch(), minibatches, config.loss().epochs(), updates));
        words.add(words(
                "%d training questions / %d a step = %d steps an epoch", questions, rollout.questions(), perEpoch));
        words.add(words(
                "%d steps = %d rollouts, %d updates, %.2f epochs",
                config.steps(),
                config.steps() * rollouts,
                config.steps() * updates,
                (double) config.steps() / perEpoch));
        words.add(words(
                "rollouts are sampled %d at a time and trained on in parts of at most %d tokens (padding included)%s",
                Math.min(rollout.batch(), rollouts), memory.microBatchTokens(), again(memory)));
        words.add(
                config.loss().kl() > 0
                        ? words("no critic; a frozen reference for the KL term")
                        : words("no critic, and no reference, since loss.kl is 0"));
        trained(config, memory, words);
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("questions", questions);
        counts.put("rollouts-per-step", rollouts);
        counts.put("questions-per-step-at-most", (long) rollout.questions() * config.refill());
        counts.put("minibatches-per-step", minibatches);
        counts.put("updates-per-step", updates);
        counts.put("steps-per-epoch", perEpoch);
        counts.put("steps", (long) config.steps());
        return new TrainingPlan(words, counts, memory);
    }

    private static String again(MemoryPlan memory) {
        if (!memory.isKnown()) {
            return "; with auto, fewer where memory asks for it";
        }
        return memory.checkpointing() ? "; activations are computed a second time instead of kept" : "";
    }

    private static void trained(RecipeConfig config, MemoryPlan memory, List<String> words) {
        if (config.lora() != null && memory.isKnown()) {
            words.add(words(
                    "trained are adapters of rank %d, about %s parameters; the %s of the model are frozen",
                    config.lora().rank(), plainCount(memory.trained()), plainCount(memory.parameters())));
        }
    }

    /** What {@code auto} stands for on this machine. */
    static DType compute(ModelSource source, ModelSizes sizes) {
        return switch (source.compute()) {
            case "f32" -> DType.F32;
            case "bf16" -> DType.BF16;
            default -> Calibration.compute(sizes.width());
        };
    }

    /** For people. */
    String text() {
        StringBuilder text = new StringBuilder("Batch arithmetic:\n");
        arithmetic.forEach(sentence -> text.append("  ").append(sentence).append('\n'));
        if (!memory.isKnown()) {
            return text.append("\nMemory: not worked out, since the model of model.path is not on this machine.\n")
                    .toString();
        }
        text.append(words("%nMemory, for %s parameters:%n", plainCount(memory.parameters())));
        memory.parts().forEach((part, bytes) -> text.append(words("  %-40s %9.1f MiB%n", part, mebibytes(bytes))));
        text.append(words(
                "  %-40s %9.1f MiB (cache and training peaks do not come together)%n",
                "in all, about", mebibytes(memory.totalBytes())));
        return text.toString();
    }

    /** For programs. */
    ObjectNode figures() {
        ObjectNode figures = Output.object();
        if (memory.isKnown()) {
            figures.put("parameters", memory.parameters());
            figures.put("trained", memory.trained());
        }
        ObjectNode numbers = figures.putObject("batch");
        counts.forEach(numbers::put);
        if (memory.isKnown()) {
            ObjectNode bytes = figures.putObject("memory-bytes");
            memory.parts().forEach(bytes::put);
            bytes.put("total", memory.totalBytes());
        }
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
}
