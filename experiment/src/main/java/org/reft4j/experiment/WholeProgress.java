package org.reft4j.experiment;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * The progress of work in several parts, of which some are not begun: which part is at work, and how long all of it
 * will take. What is known
 * of a part beforehand is its share; the speed of the machine shows in the parts that are done, and in the one at work.
 */
public final class WholeProgress {
    private final List<Part> parts;
    private final LongSupplier nanos;

    private int current = -1;
    private long begun;
    private double secondsDone;
    private double shareDone;

    /** @param nanos the clock */
    public WholeProgress(List<Part> parts, LongSupplier nanos) {
        this.parts = List.copyOf(parts);
        this.nanos = nanos;
    }

    /**
     * One part.
     *
     * @param share share of the whole time, in any unit that all parts have in common
     */
    public record Part(String name, double share) {}

    /** Begins a part. Those before it that were not begun were done beforehand, and say nothing about the speed. */
    public void begin(int part) {
        if (current >= 0) {
            secondsDone += elapsed();
            shareDone += parts.get(current).share();
        }
        current = part;
        begun = nanos.getAsLong();
    }

    /** Such as {@code part 2 of 4, SFT}. */
    public String title() {
        return number() + ", " + parts.get(current).name();
    }

    /** Such as {@code part 2 of 4}. */
    public String number() {
        return "part " + (current + 1) + " of " + parts.size();
    }

    /**
     * The seconds that are left for everything.
     *
     * @param ofPart those that are left for the part at work, so that it is known how long it takes; empty where that
     *     is not known
     */
    public OptionalDouble left(OptionalDouble ofPart) {
        double later =
                parts.stream().skip(current + 1L).mapToDouble(Part::share).sum();
        double share = parts.get(current).share();
        if (ofPart.isPresent()) {
            double seconds = secondsDone + elapsed() + ofPart.getAsDouble();
            return OptionalDouble.of(ofPart.getAsDouble() + later * seconds / (shareDone + share));
        }
        if (shareDone == 0) {
            return OptionalDouble.empty();
        }
        double speed = secondsDone / shareDone;
        return OptionalDouble.of(Math.max(0, share * speed - elapsed()) + later * speed);
    }

    private double elapsed() {
        return (nanos.getAsLong() - begun) / 1e9;
    }
}
