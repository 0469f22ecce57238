package org.reft4j.train.learn;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.GuardConfig;

/** One step of training: its number, its figures, and its end, at which the model is measured and kept where that is due. */
public final class Step {
    private final Trainer trainer;
    private final int number;
    private final Trainer.Span span;
    private final double rate;
    private final @Nullable EpochBatches batches;
    private final StepMetrics metrics = new StepMetrics();
    private boolean moved;
    private boolean last;
    private boolean measured;

    /**
     * @param rate the learning rate
     * @param batches batches of an algorithm that makes passes over stored items
     */
    Step(Trainer trainer, int number, Trainer.Span span, double rate, @Nullable EpochBatches batches) {
        this.trainer = trainer;
        this.number = number;
        this.span = span;
        this.rate = rate;
        this.batches = batches;
    }

    /** Counted from 1. */
    public int number() {
        return number;
    }

    public double rate() {
        return rate;
    }

    public StepMetrics metrics() {
        return metrics;
    }

    public Run run() {
        return trainer.run();
    }

    /** Tells of something that is not as it should be. */
    public void warn(String words) {
        run().emit(new RunEvent.Warned(number, words));
    }

    /**
     * The numbers of the items of this step's batch, in the order of its epoch.
     *
     * @param coordinates further keys of the order, besides the epoch
     */
    public int[] batch(long... coordinates) {
        if (batches == null) {
            throw new IllegalStateException("this algorithm has no stored items");
        }
        return batches.items(number - span.before(), trainer.seeds(), coordinates);
    }

    /** The items of this step's batch. */
    public <T> List<T> batch(List<T> items, long... coordinates) {
        return Arrays.stream(batch(coordinates)).mapToObj(items::get).toList();
    }

    /** The loss, if it is a finite number. */
    public double finite(String what, double value) {
        return Guards.finite(what, value, number);
    }

    /**
     * Warns at the bounds of a run's guards, and stops beyond them.
     *
     * @param penalty the key that holds the policy near its reference
     */
    public void watch(GuardConfig bounds, String penalty) {
        trainer.guards().watch(metrics, bounds, trainer.setup().place().products(), penalty, run(), number);
    }

    /** Warns where rounding alone reaches the bounds of clipping; see {@link Guards#rounding}. */
    public void rounding(double share, String range) {
        trainer.guards().rounding(share, range, run(), number);
    }

    /**
     * One update, of a loss whose gradients are there: checks the loss, moves the weights, notes the figures.
     *
     * @param figures by name
     */
    public void update(Learner learner, double loss, Map<String, Double> figures) {
        var _ = finite("loss", loss);
        moved(figures, learner.optimStep(rate));
    }

    /**
     * Records an update.
     *
     * @param norm gradient norm before clipping
     */
    public void moved(Map<String, Double> figures, double norm) {
        if (batches == null) {
            metrics.updated(figures, finite("gradient norm", norm));
        } else {
            figures.forEach(metrics::figure);
            metrics.updated(Map.of(), finite("gradient norm", norm));
        }
        moved = true;
    }

    /** Notes the figures of an update in which what is trained rested. */
    public void rested(Map<String, Double> figures) {
        metrics.updated(figures, 0);
    }

    /** A figure of an algorithm that passes over stored items. */
    public void figure(String name, double value) {
        metrics.figure(name, value);
    }

    /**
     * Ends the step: reports its figures, evaluates and writes a checkpoint if due.
     *
     * @return true if there is another step; false if a stop was requested
     */
    public boolean end() {
        trainer.heldOut(number - span.before(), span.last() - span.before()).forEach(metrics::figure);
        tell();
        return keep(measures() ? trainer.measure(number) : Double.NaN);
    }

    /** Tells the figures, as {@link #end} does first. */
    public void tell() {
        if (moved) {
            trainer.guards().changed(rate, metrics.gradientNorm(), run(), number);
        }
        if (batches == null) {
            metrics.finished(trainer.parameterNorm(), rate);
        } else {
            metrics.finishedBatch(rate, batches.epoch(number - span.before()));
        }
        metrics.timings().putAll(trainer.judged());
        run().emit(new RunEvent.Stepped(number, span.shown(), metrics.values(), metrics.timings()));
    }

    /** True if an evaluation is due at the end of this step. */
    public boolean measures() {
        measured = number == span.last() || trainer.measurementDue(number);
        return measured;
    }

    /** True if a checkpoint is due; to be called once, after {@link #measures}. */
    public boolean keeps() {
        last = number == span.last() || run().stopRequested();
        return trainer.checkpointDue(number) || last || measured;
    }

    /**
     * Writes a checkpoint if one is due.
     *
     * @param score the score that the best checkpoint is chosen by; NaN if the model was not evaluated
     * @return true if there is another step
     */
    public boolean keep(double score) {
        if (keeps()) {
            trainer.checkpoint(number, score);
        }
        return goesOn();
    }

    /** True if there is another step; reports the end of the run if a stop was requested. */
    public boolean goesOn() {
        if (last && number < span.last()) {
            run().emit(new RunEvent.Finished(number, RunEvent.Outcome.STOPPED));
            return false;
        }
        return true;
    }
}
