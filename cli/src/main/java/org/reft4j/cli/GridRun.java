package org.reft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.train.recipe.ConfigFile;
import org.reft4j.train.recipe.ModelSource;
import org.reft4j.train.recipe.ModelSources;
import org.reft4j.train.recipe.RecipeConfig;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;

/**
 * Runs an experiment: one run after the other, then the test questions, once. Whatever is complete is taken as it is, so that an
 * interrupted experiment goes on where it was.
 */
final class GridRun {
    private final Grid grid;
    private final Path folder;
    private final GraderOptions.Plugins plugins;
    private final List<RunListener> watchers;
    private final Output output;
    private final Map<String, Phases.Phase> trained = new LinkedHashMap<>();

    GridRun(Grid grid, Path folder, GraderOptions.Plugins plugins, List<RunListener> watchers, Output output) {
        this.grid = grid;
        this.folder = folder;
        this.plugins = plugins;
        this.watchers = List.copyOf(watchers);
        this.output = output;
    }

    /** Trains and measures what is not done yet; false when it was interrupted in good order. */
    boolean run() {
        List<Grid.Cell> cells = grid.cells();
        for (int i = 0; i < cells.size(); i++) {
            Optional<Phases.Phase> phase = train(cells.get(i), i, cells);
            if (phase.isEmpty()) {
                return false;
            }
            trained.put(cells.get(i).path(), phase.get());
        }
        // Only now: until every model is chosen, nobody has seen what the test would say.
        for (Grid.Cell cell : cells) {
            if (cell.rung().shown() && !measure(cell)) {
                return false;
            }
        }
        return true;
    }

    private Optional<Phases.Phase> train(Grid.Cell cell, int index, List<Grid.Cell> cells) {
        ConfigFile.Resolved config = config(cell);
        Path run = folder.resolve(cell.path());
        if (Phases.done(run, config)) {
            return chosen(RunReader.of(run)).map(model -> new Phases.Phase(cell.path(), config, model.folder()));
        }
        output.remark(
                "run %d of %d: %s, seed %d%s", index + 1, cells.size(), cell.group(), cell.seed(), left(index, cells));
        try (Toolbox toolbox = toolbox(config.config())) {
            return phases(toolbox).train(cell.path(), config, GridRun::chosen);
        }
    }

    /** The model is chosen on the validation questions; where nothing was measured, the last is taken. */
    static Optional<Run.Checkpoint> chosen(RunReader run) {
        return run.best().or(run::latest);
    }

    private ConfigFile.Resolved config(Grid.Cell cell) {
        Optional<Path> model = grid.origin(cell).map(origin -> phase(origin).model());
        List<String> sets = grid.sets(cell, model);
        ConfigFile.Resolved config = ConfigFile.read(cell.rung().recipe(), sets);
        ModelSource source = config.config().model();
        if (!source.compute().equals("auto")) {
            return config;
        }
        // As reft train does: a run keeps the type of products that it was begun with.
        Path run = folder.resolve(cell.path());
        String compute = Files.isRegularFile(run.resolve("config.yaml"))
                ? RunReader.of(run).settings().getOrDefault("model.compute", "f32")
                : TrainingPlan.compute(source, ModelSources.sizes(source))
                        .name()
                        .toLowerCase(Locale.ROOT);
        List<String> pinned = new ArrayList<>(sets);
        pinned.add("model.compute=" + compute);
        return ConfigFile.read(cell.rung().recipe(), pinned);
    }

    private Phases.Phase phase(Grid.Cell cell) {
        Phases.Phase phase = trained.get(cell.path());
        if (phase == null) {
            throw new IllegalArgumentException(cell.path() + " is not trained yet");
        }
        return phase;
    }

    private boolean measure(Grid.Cell cell) {
        Phases.Phase phase = phase(cell);
        boolean answered = Files.exists(folder.resolve(cell.path()).resolve("test.json"));
        GridVotes votes = new GridVotes(folder.resolve(cell.path()), cell.rung().vote(), cell.seed(), output);
        if (answered && votes.complete(phase)) {
            return true;
        }
        if (!answered) {
            output.remark("test questions, once: %s, seed %d", cell.group(), cell.seed());
        }
        try (Toolbox toolbox = toolbox(phase.config().config())) {
            var _ = phases(toolbox).test(phase, commonGrader());
            return votes.sample(phase, commonGrader(), toolbox.tools());
        }
    }

    /** All rungs are measured by one grader, whatever each was paid by: that of the baseline, or else its data's. */
    private @Nullable JsonNode commonGrader() {
        Grid.Rung baseline = grid.rung(grid.baseline());
        Phases.Phase first = phase(grid.cells(baseline, grid.seeds().getFirst()).getFirst());
        JsonNode described = first.config().config().grader();
        return described != null ? described : first.data().grader();
    }

    private Toolbox toolbox(RecipeConfig config) {
        return Toolbox.of(config.data().cot(), plugins, config.models());
    }

    private Phases phases(Toolbox toolbox) {
        return new Phases(folder, toolbox.tools(), watchers);
    }

    /** What the runs from {@code index} on will take, by those of the same rung that are done. */
    private String left(int index, List<Grid.Cell> cells) {
        Map<String, List<Double>> known = new LinkedHashMap<>();
        for (Grid.Cell cell : cells.subList(0, index)) {
            known.computeIfAbsent(cell.rung().name(), _ -> new ArrayList<>())
                    .add(RunCost.of(RunReader.of(folder.resolve(cell.path()))).seconds());
        }
        double seconds = 0;
        boolean all = true;
        for (Grid.Cell cell : cells.subList(index, cells.size())) {
            List<Double> same = known.getOrDefault(cell.rung().name(), List.of());
            all &= !same.isEmpty();
            seconds += same.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }
        return seconds == 0
                ? ""
                : (all ? ", about " : ", at least ") + LiveDisplay.duration(seconds) + " of training left";
    }
}
