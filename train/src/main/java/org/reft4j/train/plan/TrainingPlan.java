package org.reft4j.train.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.source.Datasets;
import org.reft4j.tensor.Cpu;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.Setting;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.RecipeConfig;

/**
 * Plan of a run, computed from its configuration before anything runs: the batch arithmetic in words, and memory in bytes.
 *
 * @param arithmetic the batch arithmetic in sentences
 * @param counts the same as numbers, by name
 * @param work the rows that go through the model
 * @param memory the memory that the run needs on this machine
 */
public record TrainingPlan(
        List<String> arithmetic, Map<String, Long> counts, BatchArithmetic.Work work, MemoryPlan memory) {
    /** Memory of Java and the engine before a model is loaded. */
    private static final long PROGRAM_BYTES = 5L << 27;
    /** Measured size of a process relative to the planned size of its tensors; docs/limits.md has the runs. */
    private static final double MORE = 1.3;

    public static TrainingPlan of(ConfigFile.Resolved resolved) {
        RecipeConfig config = resolved.config();
        MemoryPlan memory = memory(config);
        for (Map.Entry<String, String> source : sources(config).entrySet()) {
            if (!Files.exists(Path.of(source.getValue()))) {
                return unknown(
                        "not worked out, since the data are not on this machine: " + source.getKey() + " is "
                                + source.getValue(),
                        memory);
            }
        }
        return of(resolved, memory);
    }

    private static TrainingPlan unknown(String reason, MemoryPlan memory) {
        return new TrainingPlan(List.of(reason), Map.of(), BatchArithmetic.Work.NONE, memory);
    }

    /** Files that are read besides models, by key. */
    private static Map<String, String> sources(RecipeConfig config) {
        Map<String, String> sources = new LinkedHashMap<>();
        String data = config.data().path();
        if (data != null) {
            sources.put("data.path", data);
        }
        String samples = config.samplesPath();
        if (samples != null) {
            sources.put("samples.path", samples);
        }
        return sources;
    }

    /** @param sizes the sizes of the model, which need not be on this machine yet */
    public static TrainingPlan of(ConfigFile.Resolved resolved, ModelSizes sizes) {
        return of(resolved, memory(resolved.config(), sizes));
    }

    /** As above for a recipe that learns from samples that another run has still to draw: memory alone. */
    public static TrainingPlan ofSamplesToCome(RecipeConfig config, ModelSizes sizes) {
        return unknown("steps: known once the samples are drawn", memory(config, sizes));
    }

    public static TrainingPlan of(ConfigFile.Resolved resolved, MemoryPlan memory) {
        Dataset data = Datasets.open(resolved.config().data());
        resolved.config().requireAnswers(data);
        return of(resolved, data, memory);
    }

    static TrainingPlan of(ConfigFile.Resolved resolved, Dataset data, MemoryPlan memory) {
        BatchArithmetic plan = new BatchArithmetic(resolved.config(), memory);
        resolved.entry().plan(resolved.config(), data, plan);
        return new TrainingPlan(plan.sentences(), plan.counts(), plan.work(), memory);
    }

    private static MemoryPlan memory(RecipeConfig config) {
        String path = config.model().path();
        if (path != null && ModelHub.present(path).isEmpty()) {
            return MemoryPlan.unknown(config);
        }
        return memory(config, ModelSources.sizes(config.model()));
    }

    private static MemoryPlan memory(RecipeConfig config, ModelSizes sizes) {
        return MemoryPlan.of(config, sizes, ModelSources.place(config.model(), sizes));
    }

    /**
     * With the type of products that a run has, so that it resumes exactly whatever a later measurement says.
     *
     * @param run its folder, if it was begun
     */
    public static ConfigFile.Resolved pinned(ConfigFile.Resolved resolved, Path run) {
        ModelSource source = resolved.config().model();
        if (!source.compute().equals("auto")) {
            return resolved;
        }
        String compute = Files.isRegularFile(run.resolve("config.yaml"))
                ? RunReader.of(run).settings().getOrDefault("model.compute", "f32")
                : ModelSources.place(source, ModelSources.sizes(source))
                        .products()
                        .name()
                        .toLowerCase(Locale.ROOT);
        return resolved.with(List.of(new Setting("model.compute", compute)));
    }

    /** For people. */
    public String text() {
        StringBuilder text = new StringBuilder("Batch arithmetic:\n");
        arithmetic.forEach(sentence -> text.append("  ").append(sentence).append('\n'));
        if (!memory.isKnown()) {
            return text.append("\nMemory: not worked out, since the model of model.path is not on this machine.\n")
                    .toString();
        }
        text.append(words("%nMemory, for %s parameters:%n", BatchArithmetic.plainCount(memory.parameters())));
        memory.parts().forEach((part, bytes) -> text.append(words("  %-40s %9.2f GiB%n", part, gibibytes(bytes))));
        text.append(words(
                "  %-40s %9.2f GiB (cache and training peaks do not come together)%n",
                "in all, about", gibibytes(memory.totalBytes())));
        text.append(words(
                "  %-40s %9.2f GiB: Java, the engine, and what the C library keeps of freed tensors come on top%n",
                "for the process, at most about", gibibytes(processBytes())));
        text.append(words(
                "  %-40s %9.2f GiB, of which %.2f are free now%n",
                memory.place().words() + " has",
                gibibytes(memory.place().memoryBytes()),
                gibibytes(memory.place().availableBytes())));
        if (memory.heap() > 0) {
            text.append(words(
                    "  %-40s %9.2f GiB of Java's memory, which may grow to %.2f GiB beside all this%n",
                    "completions of a step and layers",
                    gibibytes(memory.heap()),
                    gibibytes(Runtime.getRuntime().maxMemory())));
        }
        memory.crowded().ifPresent(warning -> text.append("  ").append(warning).append('\n'));
        return text.toString();
    }

    /** For programs. */
    public ObjectNode figures() {
        ObjectNode figures = Results.object();
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
            bytes.put("process", processBytes());
            figures.putObject("machine-bytes")
                    .put("memory", Cpu.memoryBytes())
                    .put("free", Cpu.availableBytes())
                    .put("java-heap", Runtime.getRuntime().maxMemory())
                    .put("java-heap-needed", memory.heap());
            if (!memory.place().isHost()) {
                figures.putObject("device-bytes")
                        .put("memory", memory.place().memoryBytes())
                        .put("free", memory.place().availableBytes());
            }
        }
        return figures;
    }

    private long processBytes() {
        return processBytes(memory);
    }

    /** Memory of a run's process, at most about: Java, the engine, and what the C library keeps of freed tensors come on top of a plan. */
    public static long processBytes(MemoryPlan memory) {
        return PROGRAM_BYTES + (memory.place().isHost() ? (long) (MORE * memory.totalBytes()) : 0);
    }

    private static double gibibytes(long bytes) {
        return bytes / (double) (1 << 30);
    }

    @FormatMethod
    static String words(@FormatString String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
