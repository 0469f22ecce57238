package org.reft4j.cli;

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
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.Setting;
import org.reft4j.train.job.FinishedJob;
import org.reft4j.train.job.Job;
import org.reft4j.train.job.JobSummary;
import org.reft4j.train.job.OpenJob;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.plan.Explanation;
import org.reft4j.train.plan.RunCheck;
import org.reft4j.train.plan.TrainingPlan;
import org.reft4j.train.run.Sheet;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.RecipeConfig;
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
                    "Check everything, and print the batch arithmetic, how long prompts are, and the memory and the time that"
                            + " the run needs, as far as model and data are on this machine. What would be refused is refused, in"
                            + " the same words. Works on the model for a few seconds; trains and fetches nothing.")
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
            return explain(ConfigFile.explain(config, Setting.parse(sets, "--set ")));
        }
        ConfigFile.Resolved resolved = ConfigFile.read(config, Setting.parse(sets, "--set "));
        Path folder = runs.resolve(resolved.config().name());
        JobSummary summary = new JobSummary();
        Job job = job(resolved, folder);
        job.prepare();
        AtomicReference<OpenJob> running = new AtomicReference<>();
        // The interruption is closed last: the JVM must not go down before the run's files are closed.
        try (Interruption interruption = Interruption.on(() -> stop(running.get()), PATIENCE);
                LiveDisplay display = new LiveDisplay(output.err(), Terminal.current());
                OpenJob run = job.listener(display).listener(summary).open()) {
            running.set(run);
            if (interruption.asked()) {
                run.stop();
            }
            output.remark("run folder: %s", folder);
            run.changed()
                    .forEach(change -> output.remark(
                            "%s is %s from here on (was %s)", change.key(), change.now(), change.before()));
            report(run.run(), summary);
            return summary.stopped() || interruption.asked() ? Failures.INTERRUPTED : 0;
        }
    }

    private Job job(ConfigFile.Resolved resolved, Path folder) {
        return Job.of(resolved, folder)
                .resume(resume)
                .plugins(plugins.plugins())
                .fetching(new FetchDisplay(output))
                .remarks(warning -> output.remark("%s", warning));
    }

    /**
     * Shows the plan of a run. Fetches nothing: files that are not on this machine are reported as missing, and refused after everything
     * else was shown.
     *
     * @param shown the configuration, even if files that it names are missing
     */
    private int explain(ConfigFile.Resolved shown) {
        ConfigFile.Resolved resolved;
        try {
            resolved = ConfigFile.read(config, Setting.parse(sets, "--set "));
        } catch (ConfigException missing) {
            output.show(Explanation.of(shown, Optional.empty(), Optional.of(missing)));
            throw missing;
        }
        output.show(Explanation.of(resolved, check(resolved), Optional.empty()));
        return 0;
    }

    /** The check of a run, and its pace; empty where a model has still to be fetched. */
    private Optional<RunCheck> check(ConfigFile.Resolved resolved) {
        for (ModelSource source : resolved.config().sources().values()) {
            if (source.path() != null && ModelHub.present(source.path()).isEmpty()) {
                return Optional.empty();
            }
        }
        Calibration.chooseBlas();
        Path folder = runs.resolve(resolved.config().name());
        RecipeConfig settings = resolved.config();
        try (Toolbox toolbox = Toolbox.toCheck(settings.data().cot(), plugins.plugins(), settings.models())) {
            return Optional.of(
                    RunCheck.measured(TrainingPlan.pinned(resolved, folder), folder, resume, toolbox.tools()));
        }
    }

    private void stop(@Nullable OpenJob run) {
        if (run == null) {
            return;
        }
        run.stop();
        output.remark(
                "%nstopping after this step (at most %d minutes; Ctrl-C again ends it at once, and the run goes on from its"
                        + " newest checkpoint)",
                PATIENCE.toMinutes());
    }

    private void report(FinishedJob end, JobSummary summary) {
        if (summary.stopped()) {
            output.remark("interrupted; the same command %sgoes on from here", resume ? "" : "with --resume ");
        }
        Sheet sheet = summary.sheet(end);
        output.lines(sheet);
        output.say("next: %s", next(end.settings().config().answers(), end.folder()));
        output.figures(sheet.figures());
    }

    /** The command that is of use next. */
    private static String next(boolean answers, Path folder) {
        return answers
                ? "reft evaluate --model " + Output.pasted(folder)
                : "reft rerank SAMPLES --data DATA --reward-model " + Output.pasted(folder);
    }
}
