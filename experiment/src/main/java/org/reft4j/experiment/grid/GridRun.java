package org.reft4j.experiment.grid;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.experiment.Audience;
import org.reft4j.experiment.Phases;
import org.reft4j.experiment.RunCost;
import org.reft4j.task.dataset.Cot;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.plan.TrainingPlan;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunException;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;

/**
 * Runs an experiment: every run, then the test questions, once. Whatever is complete is taken as it is, so that an interrupted experiment
 * goes on where it was. Processes that share the folder share the work: each takes what no other has.
 */
public final class GridRun {
    private static final Duration PAUSE = Duration.ofSeconds(3);

    private final Grid grid;
    private final GridPlan plan;
    private final Path folder;
    private final Toolbox.Plugins plugins;
    private final List<RunListener> watchers;
    private final Audience audience;

    public GridRun(
            Grid grid,
            GridPlan plan,
            Path folder,
            Toolbox.Plugins plugins,
            List<RunListener> watchers,
            Audience audience) {
        this.grid = grid;
        this.plan = plan;
        this.folder = folder;
        this.plugins = plugins;
        this.watchers = List.copyOf(watchers);
        this.audience = audience;
    }

    /** Trains and measures what is not done yet; false when it was interrupted in good order. */
    public boolean run() {
        List<Grid.Cell> shown =
                grid.cells().stream().filter(cell -> cell.rung().shown()).toList();
        try (GridClaims claims = GridClaims.in(folder)) {
            // The test comes after all training: no test answer may be known before every model is chosen.
            return all(grid.cells(), claims, this::trained, this::train)
                    && all(shown, claims, this::measured, this::measure);
        }
    }

    /**
     * Does what is left of some work, and waits for what others have taken.
     *
     * @param work false when it was interrupted
     */
    private boolean all(
            List<Grid.Cell> cells, GridClaims claims, Predicate<Grid.Cell> done, Predicate<Grid.Cell> work) {
        boolean told = false;
        while (true) {
            List<Grid.Cell> left = cells.stream().filter(done.negate()).toList();
            if (left.isEmpty()) {
                return true;
            }
            boolean worked = false;
            for (Grid.Cell cell : left) {
                if (!needs(cell).stream().allMatch(this::trained)) {
                    continue;
                }
                try (GridClaims.Claim claim = claims.take(cell).orElse(null)) {
                    // Another process may have done it since the list was made.
                    if (claim != null && !done.test(cell)) {
                        if (!work.test(cell)) {
                            return false;
                        }
                        worked = true;
                    }
                }
            }
            if (!worked) {
                if (!told) {
                    audience.remark("waiting for what other processes are at: "
                            + left.stream().map(Grid.Cell::path).collect(Collectors.joining(", ")));
                    told = true;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for another process", e);
        }
    }

    /** The runs that must be complete before this one. */
    private List<Grid.Cell> needs(Grid.Cell cell) {
        return Stream.concat(grid.origin(cell).stream(), grid.sampled(cell).stream())
                .toList();
    }

    private boolean trained(Grid.Cell cell) {
        return needs(cell).stream().allMatch(this::trained) && Phases.done(folder.resolve(cell.path()), config(cell));
    }

    private boolean train(Grid.Cell cell) {
        List<Grid.Cell> cells = grid.cells();
        audience.remark("run " + (cells.indexOf(cell) + 1) + " of " + cells.size() + ": " + cell.group() + ", seed "
                + cell.seed() + left());
        ConfigFile.Resolved config = config(cell);
        try (Toolbox toolbox =
                toolbox(config.config().data().cot(), config.config().models())) {
            // A run that collapses is a result too.
            return phases(toolbox)
                    .train(cell.path(), config, RunReader::chosen, true)
                    .isPresent();
        }
    }

    private ConfigFile.Resolved config(Grid.Cell cell) {
        Links links = new Links(
                grid.origin(cell).map(origin -> new Links.Made(model(origin))),
                grid.sampled(cell).map(sampled -> new Links.Made(folder.resolve(sampled.path()))));
        return TrainingPlan.pinned(plan.config(cell, links), folder.resolve(cell.path()));
    }

    /** The model that a trained run hands on. */
    private Path model(Grid.Cell cell) {
        return model(folder.resolve(cell.path()));
    }

    /** The model that a trained run in a folder hands on. */
    static Path model(Path run) {
        return RunReader.of(run)
                .chosen()
                .map(Run.Checkpoint::folder)
                .orElseThrow(() -> new RunException(run + " is done and has no checkpoint; delete it to train again"));
    }

    private Phases.Phase phase(Grid.Cell cell) {
        return new Phases.Phase(cell.path(), config(cell), model(cell));
    }

    private boolean measured(Grid.Cell cell) {
        return Files.exists(folder.resolve(cell.path()).resolve("test.json"))
                && votes(cell).complete(phase(cell))
                && ranking(cell).map(GridRanking::complete).orElse(true);
    }

    private GridVotes votes(Grid.Cell cell) {
        return new GridVotes(folder.resolve(cell.path()), cell.rung().vote(), cell.seed());
    }

    private Optional<GridRanking> ranking(Grid.Cell cell) {
        return GridRanking.of(grid, cell, folder);
    }

    private boolean measure(Grid.Cell cell) {
        Phases.Phase phase = phase(cell);
        audience.remark("test questions, once: " + cell.group() + ", seed " + cell.seed());
        JsonNode grader = plan.testGrader(grid).orElse(null);
        try (Toolbox toolbox = toolbox(phase.config().config().data().cot(), plan.testModels(grid))) {
            var _ = phases(toolbox).test(phase, grader);
            return votes(cell).sample(phase, grader, toolbox.tools(), audience)
                    && ranking(cell)
                            .map(ranking -> ranking.score(phase.data(), phase.model(), audience))
                            .orElse(true);
        }
    }

    private Toolbox toolbox(Cot cot, @Nullable JsonNode models) {
        return Toolbox.of(cot, plugins, models);
    }

    private Phases phases(Toolbox toolbox) {
        return new Phases(folder, toolbox.tools(), watchers, audience.stops());
    }

    /** The time left, estimated from finished runs of the same line. */
    private String left() {
        Map<String, List<Double>> known = new LinkedHashMap<>();
        List<Grid.Cell> open = new ArrayList<>();
        for (Grid.Cell cell : grid.cells()) {
            if (trained(cell)) {
                known.computeIfAbsent(cell.group(), _ -> new ArrayList<>())
                        .add(RunCost.of(RunReader.of(folder.resolve(cell.path())))
                                .seconds());
            } else {
                open.add(cell);
            }
        }
        double seconds = 0;
        boolean all = true;
        for (Grid.Cell cell : open) {
            List<Double> same = known.getOrDefault(cell.group(), List.of());
            all &= !same.isEmpty();
            seconds += same.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }
        return seconds == 0 ? "" : (all ? ", about " : ", at least ") + Results.duration(seconds) + " of training left";
    }
}
