package org.reft4j.experiment.quickstart;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.reft4j.experiment.Phases;
import org.reft4j.experiment.RunCost;
import org.reft4j.ground.files.Json;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.StopSource;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.PairedComparison;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;

/**
 * One quickstart: three runs, one folder each, then the test questions, once. Whatever is complete already is taken as it is, so an
 * interrupted quickstart goes on where it was.
 */
public final class QuickstartRun {
    private final Quickstart settings;
    private final Path folder;
    private final List<RunListener> watchers;
    private final IntConsumer begins;
    private final StopSource stops;

    /**
     * @param begins gets the number of a part, from 0, that is about to begin; not called for parts that are already complete
     * @param stops requests to stop
     */
    public QuickstartRun(
            Quickstart settings, Path folder, List<RunListener> watchers, IntConsumer begins, StopSource stops) {
        this.settings = settings;
        this.folder = folder;
        this.watchers = watchers;
        this.begins = begins;
        this.stops = stops;
    }

    /**
     * Results of a quickstart.
     *
     * @param evaluations evaluations on the test questions, by phase
     * @param seconds time by phase, added up over all interruptions
     */
    public record Outcome(long seed, Map<String, Evaluation> evaluations, Map<String, Double> seconds) {
        /** The gain of reinforced fine-tuning over the better of the two supervised models. */
        public PairedComparison gain() {
            return PairedComparison.of(of(better()).outcomes(), of("reft").outcomes());
        }

        /** Which of the supervised models did better on the test. */
        public String better() {
            return of("sft").correct() >= of("warmup").correct() ? "sft" : "warmup";
        }

        public Evaluation of(String phase) {
            Evaluation evaluation = evaluations.get(phase);
            if (evaluation == null) {
                throw new IllegalArgumentException("no phase " + phase);
            }
            return evaluation;
        }

        public ObjectNode json() {
            ObjectNode json = Json.PLAIN.createObjectNode();
            evaluations.forEach((phase, evaluation) -> Results.accuracy(json.putObject(phase), evaluation));
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
    public Optional<Outcome> run(GraderTools tools) {
        Phases runs = new Phases(folder, tools, watchers, stops);
        List<Phases.Phase> phases = new ArrayList<>();
        for (String name : Quickstart.phases()) {
            // The warm-up hands on its end, the others their best validation score.
            boolean first = phases.isEmpty();
            ConfigFile.Resolved config =
                    first ? settings.warmup() : settings.after(phases.getFirst().model(), name);
            if (!Phases.done(folder.resolve(name), config)) {
                begins.accept(phases.size());
            }
            Optional<Phases.Phase> phase = runs.train(name, config, first ? RunReader::latest : RunReader::chosen);
            if (phase.isEmpty()) {
                return Optional.empty();
            }
            phases.add(phase.get());
        }
        Map<String, Evaluation> evaluations = new LinkedHashMap<>();
        Map<String, Double> seconds = new LinkedHashMap<>();
        begins.accept(phases.size());
        long begin = System.nanoTime();
        for (Phases.Phase phase : phases) {
            seconds.put(
                    phase.name(),
                    RunCost.of(RunReader.of(folder.resolve(phase.name()))).seconds());
            evaluations.put(phase.name(), runs.test(phase));
        }
        seconds.put("test", (System.nanoTime() - begin) / 1e9);
        Outcome outcome = new Outcome(settings.seed(), evaluations, seconds);
        String results = Results.text(outcome.json());
        Results.write(folder.resolve("results.json"), results);
        runs.report(phases, Optional.of(results));
        return Optional.of(outcome);
    }

    /** Questions that show what was learned: first those that only the last model got right. */
    public static List<String> examples(Outcome outcome, int count) {
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
        return String.format(
                java.util.Locale.ROOT,
                "    %-6s  %s%n            -> %s (%s)%n",
                when,
                Results.indented(answer.completion()),
                answer.extracted(),
                answer.grade());
    }
}
