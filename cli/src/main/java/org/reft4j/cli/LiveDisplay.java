package org.reft4j.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.reft4j.experiment.WholeProgress;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunListener;

/**
 * Shows a run while it goes: on a terminal one line that is drawn again and again, elsewhere a line now and then. Measurements and
 * warnings stay in either case.
 */
final class LiveDisplay implements RunListener, AutoCloseable {
    private static final double SECONDS_BETWEEN_LINES = 5;
    /** Seconds without the end of a step after which a line reports progress. */
    private static final double SECONDS_OF_SILENCE = 60;
    /** Weight of the newest step in the running time of a step. */
    private static final double NEWEST = 0.2;

    private static final String PART = "grade/";
    private static final int PARTS = 4;
    private static final int PART_LETTERS = 40;

    private static final String BOLD = "\u001b[1m";
    private static final String DIM = "\u001b[2m";
    private static final String YELLOW = "\u001b[33m";
    private static final String RESET = "\u001b[0m";

    private final PrintWriter err;
    private final Terminal terminal;
    private final LongSupplier nanos;
    private final Map<String, Double> latest = new LinkedHashMap<>();

    private String status = "";
    private int steps;
    private long lastStepAt;
    private long lastLineAt;
    private int stepsSeen;
    private OptionalDouble secondsPerStep = OptionalDouble.empty();
    private OptionalDouble accuracy = OptionalDouble.empty();
    private @Nullable WholeProgress whole;

    LiveDisplay(PrintWriter err, Terminal terminal) {
        this(err, terminal, System::nanoTime);
    }

    /** @param nanos the clock */
    LiveDisplay(PrintWriter err, Terminal terminal, LongSupplier nanos) {
        this.err = err;
        this.terminal = terminal;
        this.nanos = nanos;
        this.lastStepAt = nanos.getAsLong();
        this.lastLineAt = lastStepAt;
    }

    /** A part of something larger begins. */
    synchronized void begin(WholeProgress of, int part) {
        whole = of;
        of.begin(part);
        String left = of.left(OptionalDouble.empty()).isPresent()
                ? ", about " + Results.duration(of.left(OptionalDouble.empty()).getAsDouble()) + " left for all"
                : "";
        status = "";
        line(of.title() + left);
    }

    @Override
    public synchronized void on(RunEvent event) {
        switch (event) {
            case RunEvent.Started started -> {
                // One display may watch several runs, one after the other.
                steps = started.steps();
                lastStepAt = nanos.getAsLong();
                latest.clear();
                status = "";
                secondsPerStep = OptionalDouble.empty();
                stepsSeen = 0;
                accuracy = OptionalDouble.empty();
                line(started.recipe() + ": " + steps(started));
            }
            case RunEvent.Stepped stepped -> stepped(stepped);
            case RunEvent.Evaluated evaluated
            when evaluated.evaluation().total() == 0 ->
                line("step " + evaluated.step() + ": no " + evaluated.split() + " questions to measure by");
            case RunEvent.Evaluated evaluated -> {
                Evaluation evaluation = evaluated.evaluation();
                accuracy = OptionalDouble.of(evaluation.accuracy());
                line(String.format(
                        Locale.ROOT,
                        "%s: %s accuracy %s%.1f %%%s (%d of %d, 95 %% interval %.1f to %.1f)%s%s",
                        evaluated.step() == 0 ? "before training" : "step " + evaluated.step(),
                        evaluated.split(),
                        paint(BOLD),
                        100 * evaluation.accuracy(),
                        paint(RESET),
                        evaluation.correct(),
                        evaluation.total(),
                        100 * evaluation.interval().getLowerBound(),
                        100 * evaluation.interval().getUpperBound(),
                        evaluation.scored() || (evaluated.step() == 0 && Double.isFinite(evaluation.reward()))
                                ? ", mean reward " + Results.figure(evaluation.reward())
                                : "",
                        evaluation.losses().containsKey("loss")
                                ? ", loss " + Results.figure(evaluation.losses().getOrDefault("loss", Double.NaN))
                                : ""));
            }
            case RunEvent.Progress progress -> progress(progress);
            case RunEvent.Noted noted -> line(noted.message());
            case RunEvent.Warned warned ->
                line(paint(YELLOW) + "warning, step " + warned.step() + ": " + warned.message() + paint(RESET));
            case RunEvent.Saved _, RunEvent.RolledOut _ -> {}
            case RunEvent.Finished finished -> {
                if (terminal.live() && !status.isEmpty()) {
                    redraw(status);
                    err.println();
                }
                // Later work, such as the test, is not part of the last step.
                status = "";
                line(
                        finished.outcome() == RunEvent.Outcome.DONE
                                ? "all " + finished.step() + " steps done"
                                : "stopped after step " + finished.step());
            }
        }
    }

    private static String steps(RunEvent.Started started) {
        boolean known = started.steps() > 0;
        if (started.step() > 0) {
            return "going on after step " + started.step() + (known ? " of " + started.steps() : "");
        }
        return known ? started.steps() + " steps" : "as many steps as there will be samples for";
    }

    private void progress(RunEvent.Progress progress) {
        String text = String.format(
                Locale.ROOT,
                "%s | %s %d%s %s",
                status.isEmpty() ? before(progress) : status,
                progress.phase(),
                progress.done(),
                progress.total() == 0 ? "" : "/" + progress.total(),
                progress.unit());
        if (terminal.live()) {
            redraw(text);
        } else if (secondsSince(lastLineAt) >= SECONDS_OF_SILENCE) {
            line(text);
        }
    }

    /** The prefix of a phase's progress while no step is done; for work outside steps, the name of the part. */
    private String before(RunEvent.Progress progress) {
        return whole != null && progress.step() == 0
                ? whole.number()
                : "step " + progress.step() + (steps == 0 ? "" : "/" + steps);
    }

    private double secondsSince(long then) {
        return (nanos.getAsLong() - then) / 1e9;
    }

    private void stepped(RunEvent.Stepped stepped) {
        double took = secondsSince(lastStepAt);
        lastStepAt = nanos.getAsLong();
        stepsSeen++;
        // The first step includes work that is done once, such as loading: it does not predict later steps, least of
        // all
        // if it samples all training data.
        boolean sampled = stepsSeen == 1 && steps == 0;
        secondsPerStep = sampled
                ? OptionalDouble.empty()
                : OptionalDouble.of(stepsSeen <= 2 ? took : (1 - NEWEST) * secondsPerStep.orElse(took) + NEWEST * took);
        steps = stepped.steps();
        latest.putAll(stepped.metrics());
        latest.putAll(stepped.timings());
        status = status(stepped.step());
        boolean due = stepsSeen == 1 || stepped.step() == steps || secondsSince(lastLineAt) >= SECONDS_BETWEEN_LINES;
        if (terminal.live()) {
            redraw(status);
        } else if (due) {
            line(status);
        }
    }

    private String status(int step) {
        StringBuilder text = new StringBuilder("step " + step + "/" + steps);
        append(text, "reward", "reward", "%.3f", 1);
        append(text, "right", "score-correct", "%.0f %%", 100);
        parts().forEach(name -> append(text, name, PART + name, "%.3f", 1));
        append(text, "KL", "kl-sequence", "%.3f", 1);
        append(text, "loss", latest.containsKey("loss") ? "loss" : "loss-total", "%.4f", 1);
        accuracy.ifPresent(value -> text.append(String.format(Locale.ROOT, "  accuracy %.1f %%", 100 * value)));
        append(text, "sampling", "sample-tokens-per-second", "%.0f tok/s", 1);
        append(text, "training", "train-tokens-per-second", "%.0f tok/s", 1);
        secondsPerStep.ifPresent(seconds -> left(text, seconds * (steps - step)));
        return text.toString();
    }

    private void left(StringBuilder text, double seconds) {
        text.append("  left ").append(Results.duration(seconds));
        if (whole != null) {
            whole.left(OptionalDouble.of(seconds))
                    .ifPresent(all ->
                            text.append(", ").append(Results.duration(all)).append(" for all"));
            text.insert(0, whole.number() + ", ");
        }
    }

    /** The parts of the reward, where they are few and have short names. */
    private List<String> parts() {
        List<String> names = latest.keySet().stream()
                .filter(name -> name.startsWith(PART) && name.indexOf('.') < 0)
                .map(name -> name.substring(PART.length()))
                .toList();
        boolean fit =
                names.size() <= PARTS && names.stream().mapToInt(String::length).sum() <= PART_LETTERS;
        return fit ? names : List.of();
    }

    private void append(StringBuilder text, String label, String metric, String format, double factor) {
        Double value = latest.get(metric);
        if (value != null) {
            text.append("  ").append(label).append(' ').append(String.format(Locale.ROOT, format, factor * value));
        }
    }

    /** Something that stays. */
    private void line(String text) {
        if (terminal.live()) {
            err.print("\r\u001b[K" + text + System.lineSeparator());
            redraw(status);
        } else {
            err.println(text);
            lastLineAt = nanos.getAsLong();
        }
        err.flush();
    }

    private void redraw(String text) {
        if (terminal.live() && !text.isEmpty()) {
            int room = Math.max(10, terminal.columns() - 1);
            String shown = text.length() <= room ? text : text.substring(0, room - 1) + "…";
            err.print("\r\u001b[K" + paint(DIM) + shown + paint(RESET));
            err.flush();
        }
    }

    private String paint(String code) {
        return terminal.colour() ? code : "";
    }

    /** Leaves the last state on the screen. */
    @Override
    public synchronized void close() {
        if (terminal.live() && !status.isEmpty()) {
            err.println();
        }
        err.flush();
    }
}
