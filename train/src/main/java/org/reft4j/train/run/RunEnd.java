package org.reft4j.train.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.reft4j.train.run.RunReader.Measured;

/** The last words about a run: what was gained, and how long it took. */
public final class RunEnd {
    private RunEnd() {}

    /** Lines for people. */
    public static List<String> lines(RunSummary run) {
        List<String> lines = new ArrayList<>();
        run.reward()
                .ifPresent(reward -> lines.add(words(
                        "reward: %.3f in the first %s, %.3f in the last%s",
                        reward.first(),
                        reward.over() == 1 ? "step" : reward.over() + " steps",
                        reward.last(),
                        reward.over() == 1 ? "" : " " + reward.over())));
        validation(run).ifPresent(lines::add);
        lines.add("took " + Results.duration(run.seconds()) + " for " + run.steps() + " steps" + tokens(run));
        return lines;
    }

    private static Optional<String> validation(RunSummary run) {
        return run.best().or(run::last).map(best -> {
            String before = run.baseline()
                    .map(baseline -> words("%.1f %% before training, ", 100 * baseline.accuracy()))
                    .orElse("");
            String kept = run.best().isEmpty()
                    ? words("at step %d", best.step())
                    : best.step() == 0
                            ? "best before training: no step did better"
                            : "at its best, step " + best.step();
            return words(
                    "validation accuracy: %s%.1f %% %s (%d of %d, 95 %% interval %.1f to %.1f)%s",
                    best.step() == 0 ? "" : before,
                    100 * best.accuracy(),
                    kept,
                    best.correct(),
                    best.total(),
                    100 * best.low(),
                    100 * best.high(),
                    run.last()
                            .filter(last -> last.step() != best.step())
                            .map(last -> words("; %.1f %% at step %d", 100 * last.accuracy(), last.step()))
                            .orElse(""));
        });
    }

    private static String tokens(RunSummary run) {
        if (run.sampled() > 0) {
            return words(", %,d tokens sampled", run.sampled());
        }
        return run.trained() > 0 ? words(", %,d tokens trained on", run.trained()) : "";
    }

    /** Adds the same for programs. */
    public static void put(ObjectNode figures, RunSummary run) {
        run.reward().ifPresent(reward -> {
            ObjectNode ends = figures.putObject("reward");
            ends.set("first", Results.number(reward.first()));
            ends.set("last", Results.number(reward.last()));
            ends.put("steps-averaged", reward.over());
        });
        ObjectNode validation = figures.putObject("validation");
        run.baseline().ifPresent(measured -> put(validation.putObject("before"), measured));
        run.best().ifPresent(measured -> put(validation.putObject("best"), measured));
        run.last().ifPresent(measured -> put(validation.putObject("last"), measured));
        figures.set("seconds", Results.number(run.seconds()));
        figures.put("tokens-sampled", run.sampled());
        figures.put("tokens-trained", run.trained());
    }

    private static void put(ObjectNode figures, Measured measured) {
        figures.put("step", measured.step());
        figures.set("accuracy", Results.number(measured.accuracy()));
        figures.set("low", Results.number(measured.low()));
        figures.set("high", Results.number(measured.high()));
        figures.put("correct", measured.correct());
        figures.put("total", measured.total());
    }

    /** Writes the run's page into its folder. */
    public static Path report(RunReader run) {
        Path page = run.folder().resolve("report.html");
        String label = String.valueOf(run.folder().toAbsolutePath().normalize().getFileName());
        Report.write(List.of(new Report.Labelled(label, run)), page, Optional.empty());
        return page;
    }

    @FormatMethod
    private static String words(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
