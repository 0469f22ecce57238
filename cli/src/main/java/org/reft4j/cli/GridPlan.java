package org.reft4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.UnsupportedModelException;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.weights.FormatException;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Datasets;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.Graders;
import org.reft4j.tensor.Cpu;
import org.reft4j.train.ConfigException;
import org.reft4j.train.recipe.ConfigFile;
import org.reft4j.train.recipe.EvaluateConfig;
import org.reft4j.train.recipe.ModelSource;
import org.reft4j.train.recipe.ModelSources;
import org.reft4j.train.recipe.RecipeConfig;
import org.reft4j.train.recipe.RewardModelConfig;

/**
 * What an experiment will do and need, and everything that would stop it, found before its first run.
 *
 * @param stages by the line of tables that they belong to: one for every rung and value
 */
record GridPlan(Map<String, Stage> stages) {
    /** A checkpoint holds weights and two moments of the optimiser, in single precision. */
    private static final int CHECKPOINT_BYTES = 12;
    /** The newest two and the best. */
    private static final int CHECKPOINTS_KEPT = 3;

    /** The key of what a rung with {@code from} gets of another, which is not there yet. */
    private static final String START = "model.path";

    private static final double GIBIBYTE = 1 << 30;

    /**
     * One line.
     *
     * @param cell its run with the first seed
     * @param config its settings; where it starts from another rung, the model's path is this folder's
     * @param plan batch arithmetic and memory
     */
    record Stage(Grid.Cell cell, ConfigFile.Resolved config, TrainingPlan plan) {
        long steps() {
            return plan.counts().getOrDefault("steps", plan.counts().getOrDefault("steps-at-most", 0L));
        }

        /** Checkpoints that a run holds at its end. */
        long checkpoints() {
            EvaluateConfig evaluate = config.config().evaluate();
            long measured = evaluate.keepAll() && evaluate.every() > 0 ? steps() / evaluate.every() : 0;
            return CHECKPOINTS_KEPT + measured;
        }
    }

    /**
     * Looks at everything.
     *
     * @throws ConfigException with every problem, one a line
     */
    static GridPlan of(Grid grid, Path folder, GraderOptions.Plugins plugins, FetchDisplay fetching) {
        Map<String, Stage> stages = new LinkedHashMap<>();
        Map<String, ModelSizes> sizes = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (Grid.Rung rung : grid.rungs()) {
            for (Grid.Cell cell : grid.cells(rung, grid.seeds().getFirst())) {
                try {
                    Stage stage = stage(grid, cell, sizes, fetching);
                    stages.put(cell.group(), stage);
                    judged(stage.config().config(), plugins);
                    Stream.concat(lacking(stage).stream(), misjudged(stage, stages).stream())
                            .forEach(problem -> problems.add("rung " + cell.group() + ": " + problem));
                } catch (ConfigException
                        | DataException
                        | FormatException
                        | GraderException
                        | UnsupportedModelException e) {
                    problems.add("rung " + cell.group() + ": " + e.getMessage());
                }
            }
        }
        GridPlan plan = new GridPlan(stages);
        plan.disk(grid, folder).ifPresent(problems::add);
        grid.cells()
                .forEach(cell -> HalfCopied.missing(folder.resolve(cell.path())).ifPresent(problems::add));
        GridFile.refuse(problems);
        return plan;
    }

    private static Stage stage(Grid grid, Grid.Cell cell, Map<String, ModelSizes> sizes, FetchDisplay fetching) {
        Optional<Path> model = cell.rung().from().map(_ -> Path.of("")); // not trained yet
        Optional<Path> samples = cell.rung().samples().map(_ -> Path.of(""));
        List<String> sets = new ArrayList<>(grid.sets(cell));
        sets.addAll(Grid.links(cell, model, samples));
        ConfigFile.Resolved config = ConfigFile.read(cell.rung().recipe(), sets);
        RecipeConfig settings = config.config();
        Map<String, ModelSizes> read = new LinkedHashMap<>();
        settings.sources().forEach((key, source) -> {
            if (model.isEmpty() || !key.equals(START)) {
                read.put(key, sizes(source, fetching));
            }
        });
        ModelSizes size = cell.rung()
                .from()
                .map(from -> Optional.ofNullable(sizes.get(from))
                        .orElseThrow(
                                () -> new ConfigException("not looked at, because rung " + from + " has a problem")))
                .orElseGet(() -> Objects.requireNonNull(read.get(START)));
        sizes.putIfAbsent(cell.rung().name(), size);
        TrainingPlan plan =
                samples.isPresent() ? TrainingPlan.ofSamplesToCome(settings, size) : TrainingPlan.of(settings, size);
        return new Stage(cell, config, plan);
    }

    /** Of a model that is fetched first if it is not on this machine. */
    private static ModelSizes sizes(ModelSource source, FetchDisplay fetching) {
        if (source.path() != null) {
            Path _ = ModelHub.locate(source.path(), fetching);
        }
        return ModelSources.sizes(source);
    }

    private static void judged(RecipeConfig config, GraderOptions.Plugins plugins) {
        if (config.grader() == null) {
            return;
        }
        Dataset data = Datasets.open(config.data());
        try (Toolbox toolbox = Toolbox.of(config.data().cot(), plugins, config.models())) {
            Objects.requireNonNull(Graders.of(
                    config.grader(), "grader", toolbox.tools().with(new DataRows("train split", data.train()))));
        }
    }

    private static List<String> lacking(Stage stage) {
        List<String> problems = new ArrayList<>();
        Dataset data = Datasets.open(stage.config().config().data());
        if (data.validation().isEmpty()) {
            problems.add("data has no validation questions, by which the model is chosen; set data.validation");
        }
        if (stage.cell().rung().shown() && data.test().isEmpty()) {
            problems.add("data has no test questions to compare by; add a test split, or say shown: false");
        }
        long needed = stage.plan().memory().totalBytes();
        if (needed > Cpu.memoryBytes()) {
            problems.add(String.format(
                    Locale.ROOT,
                    "needs about %.1f GiB of memory, and this machine has %.1f; lower micro-batch-tokens or rollout.batch",
                    needed / GIBIBYTE,
                    Cpu.memoryBytes() / GIBIBYTE));
        }
        return problems;
    }

    /** What is wrong with reward models: one that is to answer, and a judge that is none or knows other chains. */
    private static Optional<String> misjudged(Stage stage, Map<String, Stage> before) {
        Grid.Rung rung = stage.cell().rung();
        if (rung.shown() && stage.config().config() instanceof RewardModelConfig) {
            return Optional.of("a reward model answers no questions; say shown: false");
        }
        return rung.rerank()
                .flatMap(name -> Optional.ofNullable(before.get(name)))
                .map(judge -> judge.config().config())
                .flatMap(judge -> {
                    if (!(judge instanceof RewardModelConfig)) {
                        return Optional.of("rerank names " + rung.rerank().orElseThrow()
                                + ", which is no reward model; name a rung of the recipe reward-model");
                    }
                    return judge.data().cot() == stage.config().config().data().cot()
                            ? Optional.empty()
                            : Optional.of("rerank names " + rung.rerank().orElseThrow()
                                    + ", which judges chains of the other kind; data.cot must be the same");
                });
    }

    /**
     * The settings of a run. Recipes were read when the plan was made: what is edited meanwhile does not reach the runs that are left.
     *
     * @param model that it starts from; empty: as its recipe says
     * @param samples the run whose samples it learns from; empty: as its recipe says
     */
    ConfigFile.Resolved config(Grid.Cell cell, Optional<Path> model, Optional<Path> samples) {
        Stage stage = Objects.requireNonNull(stages.get(cell.group()), cell.group());
        return stage.config().with(Grid.links(cell, model, samples));
    }

    /** Bytes of all checkpoints that will be kept. */
    long diskBytes(Grid grid) {
        return grid.cells().stream()
                .mapToLong(cell -> Optional.ofNullable(stages.get(cell.group()))
                        .map(stage -> stage.checkpoints()
                                * CHECKPOINT_BYTES
                                * stage.plan().memory().trained())
                        .orElse(0L))
                .sum();
    }

    private Optional<String> disk(Grid grid, Path folder) {
        Path there = folder.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            long free = Files.getFileStore(there).getUsableSpace();
            long begun = grid.cells().stream()
                    .filter(cell -> Files.exists(folder.resolve(cell.path()).resolve("checkpoints")))
                    .count();
            long needed = diskBytes(grid)
                    * (grid.cells().size() - begun)
                    / Math.max(1, grid.cells().size());
            return needed <= free
                    ? Optional.empty()
                    : Optional.of(String.format(
                            Locale.ROOT,
                            "checkpoints need about %.1f GiB on disk, and %s has %.1f free; free some, or give another --out",
                            needed / GIBIBYTE,
                            there,
                            free / GIBIBYTE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot ask for the free space of " + there, e);
        }
    }
}
