package org.reft4j.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.files.Json;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Cpu;
import org.reft4j.tensor.Cuda;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.ModelSources;

/**
 * Check of a device against the processor, for whoever has one: training and sampling beside the processor's figures, a run that is stopped
 * and goes on, memory beside the plan, and speed. Writes one JSON file.
 *
 * <p>Arguments: the file; the device, {@code cuda:0} if none is named; a folder for a model of 7 billion parameters (13.5 GB), without
 * which that step is left out.
 */
public final class GpuCheck {
    private static final int STEPS = 20;
    /** Random weights make a large gap between sampling and training; only memory and time matter there. */
    private static final String WIDE = "1e9";

    private static final Map<String, String> SMALL = Map.ofEntries(
            Map.entry("seed", "7"),
            Map.entry("model.compute", "f32"),
            Map.entry("model.new.layers", "4"),
            Map.entry("model.new.width", "128"),
            Map.entry("model.new.heads", "4"),
            Map.entry("model.new.key-value-heads", "2"),
            Map.entry("model.new.feed-forward", "256"),
            Map.entry("model.new.context-length", "256"),
            Map.entry("data.dataset", "wordproblems"),
            Map.entry("data.cot", "n"),
            Map.entry("data.options.steps-max", "2"),
            Map.entry("data.options.validation", "8"),
            Map.entry("data.options.test", "1"),
            Map.entry("evaluate.questions", "8"),
            Map.entry("evaluate.max-total-tokens", "200"),
            Map.entry("optimizer.learning-rate", "0.001"));

    private static final Map<String, String> SFT =
            Map.of("data.options.annotated", "160", "data.options.answers", "0", "batch", "8", "epochs", "1");

    private static final Map<String, String> REFT = Map.of(
            "data.options.annotated", "8",
            "data.options.answers", "120",
            "steps", String.valueOf(STEPS),
            "rollout.questions", "8",
            "rollout.samples", "4",
            "rollout.max-prompt-tokens", "160",
            "rollout.max-total-tokens", "200",
            "ppo.minibatch", "16",
            "guards.kl-warn", WIDE,
            "guards.kl-stop", WIDE);

    private final String device;
    private final Path scratch;
    private final ObjectNode report = Json.PLAIN.createObjectNode();
    private int runs;

    private GpuCheck(String device, Path scratch) {
        this.device = device;
        this.scratch = scratch;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 0) {
            System.err.println(
                    "expected a file for the report; then, if need be, a device and a folder for a model of 13.5 GB");
            System.exit(2);
        }
        Torch.start();
        String device = arguments.length > 1 ? arguments[1] : "cuda:0";
        GpuCheck check = new GpuCheck(device, Files.createTempDirectory("gpu-check"));
        check.machine();
        check.compared("sft", SFT);
        check.compared("reft", REFT);
        check.resumed();
        if (arguments.length > 2) {
            check.large(Path.of(arguments[2]));
        }
        Files.writeString(
                Path.of(arguments[0]),
                Json.PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(check.report) + "\n");
        System.out.println("written: " + arguments[0]);
    }

    private void machine() {
        report.put("device", device)
                .put("names", String.join(", ", Cuda.names()))
                .put("driver", Cuda.driverVersion().orElse(""))
                .put("engine", Cpu.engine())
                .put("own-libtorch", Cuda.ownLibtorch().isPresent())
                .put("processor", Cpu.name())
                .put("device-bytes", Place.on(device, DType.F32).memoryBytes());
        say("machine", report.toString());
    }

    /** Trains the same on both, and notes how far the figures are apart until the first completion that differs. */
    private void compared(String recipe, Map<String, String> own) {
        CheckRun there = train(recipe, own, "cpu", Integer.MAX_VALUE, Optional.empty());
        CheckRun here = train(recipe, own, device, Integer.MAX_VALUE, Optional.empty());
        int alike = 0;
        while (alike < there.completions().size()
                && there.completions().get(alike).equals(here.completions().get(alike))) {
            alike++;
        }
        int steps = there.completions().isEmpty() ? there.steps().size() : alike;
        Map<String, Double> apart = new LinkedHashMap<>();
        for (int step = 0; step < steps; step++) {
            Map<String, Double> now = here.steps().get(step);
            there.steps().get(step).forEach((metric, value) -> {
                double gap = Math.abs(now.getOrDefault(metric, Double.NaN) - value) / Math.max(1, Math.abs(value));
                apart.merge(metric, gap, Math::max);
            });
        }
        ObjectNode found = report.putObject(recipe);
        found.put("steps", there.steps().size())
                .put("steps-compared", steps)
                .put(
                        "largest-relative-difference",
                        apart.values().stream().mapToDouble(gap -> gap).max().orElse(Double.NaN))
                .put("seconds-cpu", there.seconds())
                .put("seconds-device", here.seconds());
        apart.forEach(found.putObject("differences")::put);
        say(recipe, found.toString());
    }

    /** A run that is stopped after two steps and goes on from its checkpoint, beside one that is not stopped. */
    private void resumed() {
        Map<String, String> own = new LinkedHashMap<>(REFT);
        own.put("steps", "4");
        own.put("checkpoint-every", "1");
        CheckRun whole = train("reft", own, device, Integer.MAX_VALUE, Optional.empty());
        CheckRun half = train("reft", own, device, 2, Optional.empty());
        CheckRun rest = train("reft", own, device, Integer.MAX_VALUE, half.latest());
        boolean equal = whole.steps().subList(2, 4).equals(rest.steps());
        report.putObject("resume").put("equal-digit-for-digit", equal);
        say("resume", equal ? "equal" : "differs");
    }

    /** One step with adapters on a model of 7 billion parameters. */
    private void large(Path folder) throws IOException {
        LargeModel.write(folder);
        Map<String, String> settings = new LinkedHashMap<>(LargeModelBench.SETTINGS);
        settings.put("model.path", folder.toString());
        settings.put("model.device", device);
        settings.put("rollout.questions", "16");
        settings.put("rollout.batch", "32");
        settings.put("data.options.answers", "32");
        ConfigFile.Resolved resolved = ConfigFile.of("reft", settings);
        var source = resolved.config().model();
        var sizes = ModelSources.sizes(source);
        MemoryPlan plan = MemoryPlan.of(resolved.config(), sizes, ModelSources.place(source, sizes));
        CheckRun run = new CheckRun(scratch.resolve("large"), plan.place(), Integer.MAX_VALUE, Optional.empty());
        resolved.run(run, GraderTools.plain(Cot.PROSE));
        ObjectNode found = report.putObject("7b-lora");
        found.put("planned-bytes", plan.totalBytes())
                .put("most-bytes", run.mostBytes())
                .put("seconds", run.seconds());
        plan.parts().forEach(found.putObject("plan")::put);
        run.steps().getLast().forEach(found.putObject("step")::put);
        run.timings().forEach(found.putObject("timings")::put);
        say("7B", found.toString());
    }

    private CheckRun train(
            String recipe, Map<String, String> own, String where, int last, Optional<Run.Checkpoint> from) {
        Map<String, String> settings = new LinkedHashMap<>(SMALL);
        settings.putAll(own);
        settings.put("model.device", where);
        CheckRun run = new CheckRun(scratch.resolve("run-" + runs++), Place.on(where, DType.F32), last, from);
        ConfigFile.of(recipe, settings).run(run, GraderTools.plain(Cot.PROSE));
        return run.ended();
    }

    private static void say(String what, String words) {
        System.out.printf(Locale.ROOT, "%-8s %s%n", what, words);
    }
}
