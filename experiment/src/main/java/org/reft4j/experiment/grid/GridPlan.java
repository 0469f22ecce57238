package org.reft4j.experiment.grid;

import com.fasterxml.jackson.databind.JsonNode;
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
import org.jspecify.annotations.Nullable;
import org.reft4j.experiment.Phases;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.graders.Graders;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.plan.RunCheck;
import org.reft4j.train.plan.TrainingPlan;
import org.reft4j.train.run.RunException;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.RecipeConfig;

/**
 * Plan of an experiment, made before its first run: what it will do and need, and everything that would stop it.
 *
 * @param stages one stage for every rung and value, by its line in the tables
 */
public record GridPlan(Map<String, Stage> stages) {
    /** A checkpoint holds weights and two moments of the optimiser, in single precision. */
    private static final int CHECKPOINT_BYTES = 12;
    /** The newest two and the best. */
    private static final int CHECKPOINTS_KEPT = 3;

    private static final double GIBIBYTE = 1 << 30;

    /**
     * One line.
     *
     * @param cell its cell with the first seed
     * @param config its settings; where it gets something from another run, that run's folder is its path
     * @param plan batch arithmetic and memory
     */
    public record Stage(Grid.Cell cell, ConfigFile.Resolved config, TrainingPlan plan) {
        public long steps() {
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
    public static GridPlan of(Grid grid, Path folder, Toolbox.Plugins plugins, HubProgress fetching) {
        Map<String, Stage> stages = new LinkedHashMap<>();
        Map<String, ModelSizes> sizes = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (Grid.Rung rung : grid.rungs()) {
            for (Grid.Cell cell : grid.cells(rung, grid.seeds().getFirst())) {
                try {
                    Stage stage = stage(grid, cell, Links.toCome(grid, cell, folder), sizes, fetching);
                    stages.put(cell.group(), stage);
                    Stream.of(lacking(stage), misjudged(stage, stages, sizes), unfit(stage, stages))
                            .flatMap(List::stream)
                            .forEach(problem -> problems.add("rung " + cell.group() + ": " + problem));
                    checked(stage, folder.resolve(cell.path()), plugins);
                } catch (ConfigException
                        | DataException
                        | FormatException
                        | GraderException
                        | RunException
                        | TokenizerException
                        | UnsupportedModelException e) {
                    problems.add("rung " + cell.group() + ": " + e.getMessage());
                }
            }
        }
        GridPlan plan = new GridPlan(stages);
        plan.measured(grid, plugins).forEach(problems::add);
        plan.disk(grid, folder).ifPresent(problems::add);
        JsonNode grader = plan.testGrader(grid).orElse(null);
        for (Grid.Cell cell : grid.cells()) {
            Path run = folder.resolve(cell.path());
            HalfCopied.missing(run)
                    .or(() -> Phases.gradedOtherwise(run, grader))
                    .ifPresent(problems::add);
        }
        GridFile.refuse(problems);
        return plan;
    }

    private static Stage stage(
            Grid grid, Grid.Cell cell, Links links, Map<String, ModelSizes> sizes, HubProgress fetching) {
        ConfigFile.Resolved config = ConfigFile.read(cell.rung().recipe(), grid.settings(cell, links), links.toCome());
        RecipeConfig settings = config.config();
        Map<String, ModelSizes> read = new LinkedHashMap<>();
        settings.sources().forEach((key, source) -> {
            if (!links.toCome().contains(key)) {
                read.put(key, sizes(source, fetching));
            }
        });
        ModelSizes size = cell.rung()
                .from()
                .map(from -> Optional.ofNullable(sizes.get(from))
                        .orElseThrow(
                                () -> new ConfigException("not looked at, because rung " + from + " has a problem")))
                .orElseGet(() -> Objects.requireNonNull(read.get(Links.MODEL)));
        sizes.putIfAbsent(cell.rung().name(), size);
        TrainingPlan plan = links.samples().isPresent()
                ? TrainingPlan.ofSamplesToCome(settings, size)
                : TrainingPlan.of(config, size);
        return new Stage(cell, config, plan);
    }

    /** The sizes of a model, which is fetched first if it is not on this machine. */
    private static ModelSizes sizes(ModelSource source, HubProgress fetching) {
        if (source.path() != null) {
            Path _ = ModelHub.locate(source.path(), fetching);
        }
        return ModelSources.sizes(source);
    }

    /** Refuses what the first run of a line would refuse, or as much of it as can be known before what it starts from is there. */
    private static void checked(Stage stage, Path run, Toolbox.Plugins plugins) {
        RecipeConfig config = stage.config().config();
        if (checkable(stage)) {
            try (Toolbox toolbox = Toolbox.toCheck(config.data().cot(), plugins, config.models())) {
                Objects.requireNonNull(
                        RunCheck.of(TrainingPlan.pinned(stage.config(), run), run, true, toolbox.tools()));
            }
            return;
        }
        JsonNode grader = config.grader();
        if (grader != null) {
            DataRows rows =
                    new DataRows("train split", Datasets.open(config.data()).train());
            judged(grader, config.models(), config.data().cot(), rows, plugins);
        }
    }

    /** Tells lines that start from nothing that has still to be trained. */
    private static boolean checkable(Stage stage) {
        Grid.Rung rung = stage.cell().rung();
        return rung.from().isEmpty() && rung.samples().isEmpty();
    }

    /** Refuses a grader that cannot be made, or that names what the rows have not. */
    private static void judged(
            JsonNode grader, @Nullable JsonNode models, Cot cot, DataRows rows, Toolbox.Plugins plugins) {
        try (Toolbox toolbox = Toolbox.toCheck(cot, plugins, models)) {
            Objects.requireNonNull(Graders.of(grader, "grader", toolbox.tools().with(rows)));
        }
    }

    /**
     * The grader of the test answers, the same for all rungs whatever they were trained with: the baseline's, or else its data's; empty if
     * answers are compared as in the paper.
     */
    Optional<JsonNode> testGrader(Grid grid) {
        return baseline(grid)
                .flatMap(config -> Optional.ofNullable(config.grader())
                        .or(() ->
                                Optional.ofNullable(Datasets.open(config.data()).grader())));
    }

    /** The models that judge for {@link #testGrader}; {@code null} for none. */
    @Nullable
    JsonNode testModels(Grid grid) {
        return baseline(grid).map(RecipeConfig::models).orElse(null);
    }

    private Optional<RecipeConfig> baseline(Grid grid) {
        Grid.Cell first =
                grid.cells(grid.rung(grid.baseline()), grid.seeds().getFirst()).getFirst();
        return Optional.ofNullable(stages.get(first.group()))
                .map(stage -> stage.config().config());
    }

    /** The rungs whose test questions the common grader cannot judge. */
    private List<String> measured(Grid grid, Toolbox.Plugins plugins) {
        List<String> problems = new ArrayList<>();
        testGrader(grid).ifPresent(grader -> {
            for (Stage stage : stages.values()) {
                RecipeConfig config = stage.config().config();
                if (stage.cell().rung().shown()) {
                    DataRows rows = new DataRows(
                            "test split", Datasets.open(config.data()).test());
                    try {
                        judged(grader, testModels(grid), config.data().cot(), rows, plugins);
                    } catch (ConfigException | GraderException e) {
                        problems.add("rung " + stage.cell().group() + ", by the baseline's grader: " + e.getMessage());
                    }
                }
            }
        });
        return problems;
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
        if (!checkable(stage)) {
            stage.plan().memory().refusal(stage.config().config()).ifPresent(problems::add);
        }
        return problems;
    }

    /**
     * Checks rungs that involve a reward model: one that should answer questions, and a judge that is not a reward model or was trained on
     * other chains.
     */
    private static List<String> misjudged(Stage stage, Map<String, Stage> before, Map<String, ModelSizes> sizes) {
        Grid.Rung rung = stage.cell().rung();
        List<String> problems = new ArrayList<>();
        if (rung.shown() && !stage.config().config().answers()) {
            problems.add("a reward model answers no questions; say shown: false");
        }
        Stage judge = rung.rerank().map(before::get).orElse(null);
        if (judge == null) {
            return problems;
        }
        String named = "rerank names " + judge.cell().group() + ", ";
        ModelSizes writer = sizes.get(rung.name());
        ModelSizes reader = sizes.get(judge.cell().rung().name());
        RecipeConfig judging = judge.config().config();
        if (judging.answers()) {
            problems.add(named + "which is no reward model; name a rung of the recipe reward-model");
        } else if (judging.data().cot() != stage.config().config().data().cot()) {
            problems.add(named + "which judges chains of the other kind; data.cot must be the same");
        } else if (writer != null && reader != null && !RewardModel.sameShape(writer, reader)) {
            problems.add(named + "a reward model of another base; name one that begins with a model of the same base");
        }
        return problems;
    }

    /** Problems with the rungs that a stage depends on. */
    private static List<String> unfit(Stage stage, Map<String, Stage> before) {
        List<String> problems = new ArrayList<>();
        Stage origin = stage.cell().rung().from().map(before::get).orElse(null);
        if (origin != null && !origin.config().config().answers()) {
            problems.add("from names " + origin.cell().group()
                    + ", a reward model, which writes nothing; name a rung that trains a model to write");
        }
        Stage sampled = stage.cell().rung().samples().map(before::get).orElse(null);
        if (sampled != null && sampled.config().config().sampling() == null) {
            problems.add("samples names " + sampled.cell().group()
                    + ", which samples nothing while it trains; name a rung whose recipe does, such as reft");
        }
        return problems;
    }

    /**
     * The settings of a run. Recipes were read when the plan was made: what is edited meanwhile does not reach the runs that are left.
     */
    ConfigFile.Resolved config(Grid.Cell cell, Links links) {
        Stage stage = Objects.requireNonNull(stages.get(cell.group()), cell.group());
        return stage.config().with(Grid.own(cell, links));
    }

    /** Bytes of all checkpoints that will be kept. */
    public long diskBytes(Grid grid) {
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
                            "checkpoints need about %.1f GiB on disk, and %s has %.1f free; free some, or give the experiment another folder",
                            needed / GIBIBYTE,
                            there,
                            free / GIBIBYTE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot ask for the free space of " + there, e);
        }
    }
}
