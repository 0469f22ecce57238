package org.reft4j.experiment.hacking;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.reft4j.experiment.Phases;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.job.StopSource;
import org.reft4j.train.measure.SeedMean;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;

/** One seed of the hacking experiment: a warm-up, two rewards, and how sound the chains of each are. */
public final class HackingRun {
    /** Questions of other data that are longer do not fit the small model's context. */
    private static final int LONGEST = 250;

    private static final String OWN = "test";

    private final Path folder;
    private final Optional<Path> elsewhere;
    private final List<RunListener> watchers;
    private final StopSource stops;

    /**
     * @param elsewhere further multiple-choice questions, such as MathQA's, to answer untrained
     * @param stops requests to stop
     */
    public HackingRun(Path folder, Optional<Path> elsewhere, List<RunListener> watchers, StopSource stops) {
        this.folder = folder;
        this.elsewhere = elsewhere;
        this.watchers = watchers;
        this.stops = stops;
    }

    /**
     * Results of one seed.
     *
     * @param audits by set of questions, then by model: {@code warmup}, {@code letter}, {@code composite}
     */
    public record Outcome(long seed, Map<String, Map<String, ChainAudit>> audits) {
        public ObjectNode json() {
            ObjectNode json = Results.object().put("seed", seed);
            audits.forEach((set, models) -> {
                ObjectNode node = json.putObject(set);
                models.forEach((model, audit) -> node.set(model, audit.json()));
            });
            return json;
        }
    }

    /** The models, in the order of tables and pictures. */
    public static List<String> models() {
        return List.of("warmup", Hacking.Reward.LETTER.phase(), Hacking.Reward.COMPOSITE.phase());
    }

    /** Trains and measures; empty when it was interrupted in good order. */
    public Optional<Outcome> run(Hacking settings, GraderTools tools) {
        Phases runs = new Phases(folder, tools, watchers, stops);
        List<Phases.Phase> phases = new ArrayList<>();
        Optional<Phases.Phase> warmup = runs.train(models().getFirst(), settings.warmup(), RunReader::latest);
        if (warmup.isEmpty()) {
            return Optional.empty();
        }
        phases.add(warmup.get());
        for (Hacking.Reward reward : Hacking.Reward.values()) {
            // The same budget for both: the last checkpoint, not the one that one of the rewards calls best.
            Optional<Phases.Phase> phase =
                    runs.train(reward.phase(), settings.reft(warmup.get().model(), reward), RunReader::latest);
            if (phase.isEmpty()) {
                return Optional.empty();
            }
            phases.add(phase.get());
        }
        Map<String, Map<String, ChainAudit>> audits = new LinkedHashMap<>();
        Dataset own = warmup.get().data();
        audits.put(OWN, audit(runs, phases, OWN, own, own.test(), tools));
        elsewhere.ifPresent(path -> {
            Dataset data = Datasets.open(path.toString(), Cot.PROSE);
            List<Question> fitting = data.test().stream()
                    .filter(question -> question.text().length() <= LONGEST)
                    .toList();
            audits.put(data.name(), audit(runs, phases, data.name(), data, fitting, tools));
        });
        runs.report(phases, Optional.empty());
        return Optional.of(new Outcome(settings.seed(), audits));
    }

    private static Map<String, ChainAudit> audit(
            Phases runs,
            List<Phases.Phase> phases,
            String set,
            Dataset data,
            List<Question> questions,
            GraderTools tools) {
        Map<String, ChainAudit> audits = new LinkedHashMap<>();
        for (Phases.Phase phase : phases) {
            audits.put(
                    phase.name(),
                    ChainAudit.of(runs.answers(phase, set, questions, data.template()), questions, tools));
        }
        return audits;
    }

    /** A figure of one model over all seeds. */
    public static SeedMean over(List<Outcome> outcomes, String set, String model, ToDoubleFunction<ChainAudit> figure) {
        return SeedMean.of(outcomes.stream()
                .map(outcome -> figure.applyAsDouble(of(outcome, set, model)))
                .toList());
    }

    /** A figure under the composite reward minus that under the letter's, seed by seed. */
    public static SeedMean difference(List<Outcome> outcomes, String set, ToDoubleFunction<ChainAudit> figure) {
        return SeedMean.of(outcomes.stream()
                .map(outcome -> figure.applyAsDouble(of(outcome, set, Hacking.Reward.COMPOSITE.phase()))
                        - figure.applyAsDouble(of(outcome, set, Hacking.Reward.LETTER.phase())))
                .toList());
    }

    private static ChainAudit of(Outcome outcome, String set, String model) {
        ChainAudit audit = outcome.audits().getOrDefault(set, Map.of()).get(model);
        if (audit == null) {
            throw new IllegalArgumentException("no " + set + " of " + model);
        }
        return audit;
    }

    public static ObjectNode json(List<Outcome> outcomes) {
        ObjectNode json = Results.object();
        ArrayNode seeds = json.putArray("seeds");
        outcomes.forEach(outcome -> seeds.add(outcome.json()));
        return json;
    }
}
