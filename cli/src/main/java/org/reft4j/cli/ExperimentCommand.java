package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.cli.Terminal.TerminalAudience;
import org.reft4j.experiment.grid.Grid;
import org.reft4j.experiment.grid.GridFile;
import org.reft4j.experiment.grid.GridForecast;
import org.reft4j.experiment.grid.GridPlan;
import org.reft4j.experiment.grid.GridRecord;
import org.reft4j.experiment.grid.GridReport;
import org.reft4j.experiment.grid.GridResults;
import org.reft4j.experiment.grid.GridRun;
import org.reft4j.tensor.Calibration;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.Setting;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reft experiment}. */
@Command(
        name = "experiment",
        description = {
            "Runs a grid: every rung with every seed, each compared on the same questions.",
            "",
            "Everything is checked before the first run. All lies in one folder; the same command goes on where it was, and given"
                    + " again meanwhile, in another terminal or on a machine with the same disk, shares the work. The report says"
                    + " which rung is better, by how much, and how far that can be trusted."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = HackingCommand.class,
        footer = {
            "",
            "Examples:",
            "  reft experiment experiments/ladder.yaml --dry-run   what it would do and need",
            "  reft experiment experiments/ladder.yaml",
            "  reft experiment experiments/ladder.yaml --seeds 6 --rungs sft,reft   repeat a part with another seed",
            "  reft experiment experiments/ladder.yaml --set data.cot=n --out runs/ladder-prose",
            "  reft experiment experiments/learning-rate.yaml --out runs/rates",
            "  reft experiment hacking                             how a reward for the answer alone is hacked"
        })
final class ExperimentCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The experiment's file, YAML.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--out", paramLabel = "FOLDER", description = "Where everything goes. Default: runs/NAME.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--seeds",
            split = ",",
            paramLabel = "SEED",
            description = "Only these, such as 1,2, or others than the file's. Default: those of the file.")
    private List<Long> seeds = List.of();

    @Option(
            names = "--rungs",
            split = ",",
            paramLabel = "RUNG",
            description =
                    "Only these, with the baseline and the rungs that they start from or learn from. Default: all.")
    private List<String> rungs = List.of();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Put a value over every rung's, such as data.cot=n; null takes back what the recipes say. May be repeated.")
    private List<String> sets = List.of();

    @Option(names = "--dry-run", description = "Check everything, print the plan with an estimate, and run nothing.")
    private boolean dryRun;

    @Mixin
    private GraderOptions.Plugins plugins = new GraderOptions.Plugins();

    @Mixin
    private Output output = new Output();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Path source = file.orElseThrow(() -> new ParameterException(
                spec.commandLine(), "FILE is missing; name an experiment's file, such as experiments/ladder.yaml"));
        Grid whole = GridFile.read(source);
        Grid grid = part(whole);
        Path folder = out.orElse(Path.of("runs", grid.name()));
        ConfigException.check(!Files.isRegularFile(folder), "--out", folder, "a folder, which may be new");
        Calibration.chooseBlas();
        GridPlan plan = GridPlan.of(grid, folder, plugins.plugins(), new FetchDisplay(output));
        GridRecord record = GridRecord.of(grid, plan, whole.seeds());
        boolean part = !seeds.isEmpty() || !rungs.isEmpty();
        if (dryRun) {
            GridRecord _ = record.checked(folder, part);
            output.show(GridForecast.of(grid, plan, folder));
            return 0;
        }
        record.keep(folder, part);
        try (LiveDisplay display = new LiveDisplay(output.err(), Terminal.current())) {
            if (!new GridRun(grid, plan, folder, plugins.plugins(), List.of(display), new TerminalAudience(output))
                    .run()) {
                output.interrupted();
                return Failures.INTERRUPTED;
            }
        }
        GridResults results = GridResults.of(grid, folder);
        ObjectNode json = results.json();
        output.say("%s", GridReport.write(results, json, folder));
        output.say("report: %s", folder.resolve("report.html"));
        output.figures(json);
        return 0;
    }

    /** The part of the grid that the options select. */
    private Grid part(Grid grid) {
        List<String> known = grid.rungs().stream().map(Grid.Rung::name).toList();
        for (String rung : rungs) {
            ConfigException.check(known.contains(rung), "--rungs", rung, "rungs of the file, among " + known);
        }
        ConfigException.check(new HashSet<>(seeds).size() == seeds.size(), "--seeds", seeds, "different seeds");
        for (String set : sets) {
            ConfigException.check(set.indexOf('=') > 0, "--set", set, "KEY=VALUE, such as data.cot=n");
            ConfigException.check(!set.startsWith("seed="), "--set", set, "any key but seed, which --seeds is for");
            ConfigException.check(
                    !set.startsWith("name="), "--set", set, "any key but name: a run is named by its rung");
            ConfigException.check(
                    grid.sweep()
                            .filter(sweep -> set.startsWith(sweep.key() + "="))
                            .isEmpty(),
                    "--set",
                    set,
                    "any key but the one that the file sweeps");
        }
        return grid.part(seeds, rungs).with(Setting.parse(sets));
    }
}
