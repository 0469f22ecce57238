package org.reft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Datasets;
import org.reft4j.task.grade.AnswerGrader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.evaluate.Evaluation;
import org.reft4j.train.evaluate.PairedComparison;
import org.reft4j.train.recipe.ConfigFile;
import org.reft4j.train.recipe.RecipeConfig;
import org.reft4j.train.run.Report;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;

/**
 * One quickstart: three runs, one folder each, then the test questions, once. Whatever is complete already is taken as it is, so an
 * interrupted quickstart goes on where it was.
 */
final class QuickstartRun {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int TEST_BATCH = 256;
    private static final int MAX_TOTAL_TOKENS = 300;

    private final Quickstart settings;
    private final Path folder;
    private final List<RunListener> watchers;

    QuickstartRun(Quickstart settings, Path folder, List<RunListener> watchers) {
        this.settings = settings;
        this.folder = folder;
        this.watchers = watchers;
    }

    /**
     * What came out.
     *
     * @param evaluations of the test questions, by phase
     * @param seconds by phase, over all interruptions
     */
    record Outcome(long seed, Map<String, Evaluation> evaluations, Map<String, Double> seconds) {
        /** Of reinforced fine-tuning over the better of the two supervised models. */
        PairedComparison gain() {
            return PairedComparison.of(of(better()), of("reft"));
        }

        /** Which of the supervised models did better on the test. */
        String better() {
            return of("sft").correct() >= of("warmup").correct() ? "sft" : "warmup";
        }

        Evaluation of(String phase) {
            Evaluation evaluation = evaluations.get(phase);
            if (evaluation == null) {
                throw new IllegalArgumentException("no phase " + phase);
            }
            return evaluation;
        }

        ObjectNode json() {
            ObjectNode json = JSON.createObjectNode();
            evaluations.forEach((phase, evaluation) -> Output.accuracy(json.putObject(phase), evaluation));
            PairedComparison gain = gain();
            json.putObject("gain")
                    .put("value", gain.gain())
                    .put("low", gain.low())
                    .put("high", gain.high())
                    .put("p", gain.p())
                    .put("over", better());
            json.put("seed", seed);
            ObjectNode times = json.putObject("seconds");
            seconds.forEach(times::put);
            return json;
        }
    }

    /** Trains and measures; empty when it was interrupted in good order. */
    Optional<Outcome> run(GraderTools tools) {
        List<Phase> phases = new ArrayList<>();
        for (String name : Quickstart.phases()) {
            ConfigFile.Resolved config = phases.isEmpty()
                    ? settings.warmup()
                    : settings.after(phases.getFirst().model(), name);
            Optional<Path> model = train(name, config, tools);
            if (model.isEmpty()) {
                return Optional.empty();
            }
            phases.add(new Phase(name, config, model.get()));
        }
        Map<String, Evaluation> evaluations = new LinkedHashMap<>();
        Map<String, Double> seconds = new LinkedHashMap<>();
        long begin = System.nanoTime();
        for (Phase phase : phases) {
            seconds.put(phase.name(), secondsOf(phase.name()));
            evaluations.put(phase.name(), measure(phase, tools));
        }
        seconds.put("test", (System.nanoTime() - begin) / 1e9);
        Outcome outcome = new Outcome(settings.seed(), evaluations, seconds);
        String results = Output.text(outcome.json());
        Output.write(folder.resolve("results.json"), results);
        List<Report.Labelled> runs = new ArrayList<>();
        for (Phase phase : phases) {
            runs.add(new Report.Labelled(phase.name(), RunReader.of(folder.resolve(phase.name()))));
        }
        Report.write(runs, folder.resolve("report.html"), Optional.of(results));
        return Optional.of(outcome);
    }

    /** A finished phase and the model that it hands on. */
    private record Phase(String name, ConfigFile.Resolved config, Path model) {}

    /** One phase; empty when it was interrupted. The warm-up hands on its end, the others their best validation score. */
    private Optional<Path> train(String phase, ConfigFile.Resolved config, GraderTools tools) {
        try (RunFolder run =
                        RunFolder.open(folder.resolve(phase), config.yaml(), RunEnvironment.current(), true, watchers);
                Interruption interruption = Interruption.on(run::requestStop, PATIENCE)) {
            config.run(run, tools);
            if (interruption.asked()) {
                return Optional.empty();
            }
            Optional<Run.Checkpoint> chosen = phase.equals("warmup") ? run.latest() : run.best();
            return chosen.or(run::latest).map(Run.Checkpoint::folder);
        }
    }

    private double secondsOf(String phase) {
        return RunReader.of(folder.resolve(phase)).timings().getOrDefault("seconds", List.of()).stream()
                .mapToDouble(RunReader.Point::value)
                .sum();
    }

    /** The test questions, once: kept beside the run, and taken from there when the same model is asked again. */
    private Evaluation measure(Phase phase, GraderTools tools) {
        Path kept = folder.resolve(phase.name()).resolve("test.json");
        String name = phase.model().getFileName().toString();
        if (Files.exists(kept)) {
            try {
                JsonNode json = JSON.readTree(kept.toFile());
                if (json.path("model").asText().equals(name)) {
                    return JSON.treeToValue(json.path("evaluation"), Evaluation.class);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + kept + "; delete it to measure again", e);
            }
        }
        Evaluation evaluation = answer(phase, tools);
        ObjectNode json = JSON.createObjectNode().put("model", name);
        json.set("evaluation", JSON.valueToTree(evaluation));
        Output.write(kept, Output.text(json));
        return evaluation;
    }

    private Evaluation answer(Phase phase, GraderTools tools) {
        RecipeConfig config = phase.config().config();
        Dataset data = Datasets.open(config.data());
        int total = data.test().size();
        try (LoadedModel model = LoadedModel.open(phase.model(), config.model().compute(), HubProgress.NONE)) {
            return model.answer(
                    data.test(),
                    data.template(),
                    new AnswerGrader(tools.cot(), tools.programs()),
                    1,
                    MAX_TOTAL_TOKENS,
                    TEST_BATCH,
                    done -> {
                        RunEvent progress =
                                new RunEvent.Progress(0, "testing " + phase.name(), done, total, "questions");
                        watchers.forEach(watcher -> watcher.on(progress));
                    });
        }
    }

    /** Questions that show what was learned: first those that only the last model got right. */
    static List<String> examples(Outcome outcome, int count) {
        List<Evaluation.Answered> before = outcome.of("warmup").answers();
        List<Evaluation.Answered> after = outcome.of("reft").answers();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < after.size(); i++) {
            if (after.get(i).correct() && !before.get(i).correct()) {
                order.add(i);
            }
        }
        for (int i = 0; i < after.size() && order.size() < count; i++) {
            if (!order.contains(i)) {
                order.add(i);
            }
        }
        return order.stream()
                .limit(count)
                .map(i -> example(before.get(i), after.get(i)))
                .toList();
    }

    private static String example(Evaluation.Answered before, Evaluation.Answered after) {
        return "  " + after.question().strip() + "   [answer " + after.target() + "]\n"
                + answer("before", before)
                + answer("after", after);
    }

    private static String answer(String when, Evaluation.Answered answer) {
        String text = answer.completion().strip().replace("\n", "\n            ");
        return String.format(
                java.util.Locale.ROOT,
                "    %-6s  %s%n            -> %s (%s)%n",
                when,
                text,
                answer.extracted(),
                answer.grade());
    }
}
