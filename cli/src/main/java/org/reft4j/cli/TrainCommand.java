package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.tensor.Calibration;
import org.reft4j.train.ConfigException;
import org.reft4j.train.recipe.ConfigFile;
import org.reft4j.train.recipe.ResumeRules;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.run.RunSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft train}. */
@Command(
        name = "train",
        description = {
            "Runs the recipe that a configuration file names.",
            "",
            "Everything goes into the folder RUNS/NAME: the resolved configuration, metrics, rollouts, checkpoints. A run may be"
                    + " stopped with Ctrl-C or killed at any instant; --resume goes on from its newest checkpoint."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft train recipes/svamp-smollm2-pcot-sft.yaml --explain",
            "  reft train recipes/svamp-smollm2-pcot-sft.yaml",
            "  reft train my.yaml --set ppo.kl=0.01 --set name=kl-0.01",
            "  reft train my.yaml --resume",
            "",
            "A configuration file is YAML: \"recipe: sft\", \"recipe: reft\" or another, and what differs from that recipe's defaults;",
            "--explain --set ... shows the outcome without running it. model.path and data.path are looked for from the current",
            "folder first, then from the folder of the file."
        })
final class TrainCommand implements Callable<Integer> {
    /** A step of a real model takes minutes on a small machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Parameters(paramLabel = "CONFIG", description = "The configuration file.")
    private Path config = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Put a value over the file's, such as ppo.kl=0.01; null takes back what the file says, such as"
                            + " lora=null. May be repeated.")
    private List<String> sets = new ArrayList<>();

    @Option(names = "--resume", description = "Go on with the run if it was begun; start it if not.")
    private boolean resume;

    @Option(
            names = "--explain",
            description =
                    "Print the batch arithmetic and the memory that the run needs, as far as model and data are on this"
                            + " machine; run and fetch nothing.")
    private boolean explain;

    @Option(names = "--runs", paramLabel = "DIR", description = "The folder of all runs.")
    private Path runs = Path.of("runs");

    @Mixin
    private GraderOptions.Plugins plugins = new GraderOptions.Plugins();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        if (explain) {
            explain(ConfigFile.explain(config, sets));
            return 0;
        }
        ConfigFile.Resolved resolved = ConfigFile.read(config, sets);
        resolved.config().sources().forEach((key, source) -> fetch(key, source.path()));
        Path folder = runs.resolve(resolved.config().name());
        Calibration.chooseBlas();
        resolved = TrainingPlan.pinned(resolved, folder);
        Summary summary = new Summary();
        AtomicReference<RunFolder> running = new AtomicReference<>();
        // The interruption is closed last: the JVM must not go down before the run's files are closed.
        try (Interruption interruption = Interruption.on(() -> stop(running.get()), PATIENCE);
                LiveDisplay display = new LiveDisplay(output.err(), Terminal.current());
                RunFolder run = RunFolder.open(
                        folder,
                        resolved.yaml(),
                        RunEnvironment.current(),
                        resume,
                        List.of(display, summary),
                        ResumeRules::prolonging);
                Toolbox toolbox = Toolbox.of(
                        resolved.config().data().cot(),
                        plugins,
                        resolved.config().models())) {
            running.set(run);
            output.remark("run folder: %s", folder);
            run.changed()
                    .forEach(change -> output.remark(
                            "%s is %s from here on (was %s)", change.key(), change.now(), change.before()));
            try {
                resolved.run(run, toolbox.tools());
            } catch (RuntimeException e) {
                run.failed();
                throw e;
            }
            Optional<Run.Checkpoint> best = run.best();
            report(folder, summary, best.or(run::latest));
            return summary.stopped || interruption.asked() ? Failures.INTERRUPTED : 0;
        }
    }

    /** Fetches nothing: what is not on this machine is said to be missing. */
    private void explain(ConfigFile.Resolved resolved) {
        TrainingPlan plan = TrainingPlan.of(resolved.config());
        output.say("%s", plan.text());
        output.say("%s", "Configuration:\n" + resolved.yaml().indent(2));
        output.figures(plan.figures());
    }

    /** Once, with a display; whoever opens the model after this finds it in the cache. */
    private void fetch(String key, @Nullable String path) {
        if (path != null) {
            Path model = ModelHub.locate(path, new FetchDisplay(output));
            ConfigException.check(Files.exists(model), key, path, "a model that exists");
        }
    }

    private void stop(@Nullable RunFolder run) {
        if (run == null) {
            return;
        }
        run.requestStop();
        output.remark(
                "%nstopping after this step (at most %d minutes; Ctrl-C again ends it at once, and the run goes on from its"
                        + " newest checkpoint)",
                PATIENCE.toMinutes());
    }

    private void report(Path folder, Summary summary, Optional<Run.Checkpoint> model) {
        if (summary.stopped) {
            output.remark("interrupted; the same command %sgoes on from here", resume ? "" : "with --resume ");
        }
        RunReader reader = RunReader.of(folder);
        RunSummary end = RunSummary.of(reader);
        RunEnd.lines(end).forEach(line -> output.say("%s", line));
        model.ifPresent(checkpoint -> output.say("model: %s", checkpoint.folder()));
        Path page = RunEnd.report(reader);
        output.say("report: %s", page);
        output.say("next: %s", RunEnd.next(end, folder));
        ObjectNode figures = Output.object();
        figures.put("run", folder.toString());
        figures.put("outcome", summary.stopped ? "stopped" : "done");
        figures.put("step", summary.step);
        ObjectNode metrics = figures.putObject("metrics");
        summary.metrics.forEach((name, value) -> metrics.set(name, Output.number(value)));
        model.ifPresent(checkpoint -> {
            figures.put("model", checkpoint.folder().toString());
            figures.set("validation-accuracy", Output.number(checkpoint.score()));
        });
        RunEnd.put(figures, end);
        figures.put("report", page.toString());
        output.figures(figures);
    }

    /** Keeps what the last lines of the command say. */
    private static final class Summary implements RunListener {
        private int step;
        private boolean stopped;
        private java.util.Map<String, Double> metrics = java.util.Map.of();

        @Override
        public void on(RunEvent event) {
            step = Math.max(step, event.step());
            if (event instanceof RunEvent.Stepped stepped) {
                metrics = stepped.metrics();
            }
            if (event instanceof RunEvent.Finished finished) {
                stopped = !finished.outcome().equals("done");
            }
        }
    }
}
