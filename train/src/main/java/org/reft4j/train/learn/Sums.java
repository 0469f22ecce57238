package org.reft4j.train.learn;

/** Running sums of a figure. */
public final class Sums {
    private long count;
    private double sum;
    private double squares;

    void add(double value) {
        count++;
        sum += value;
        squares += value * value;
    }

    double mean() {
        return count == 0 ? 0 : sum / count;
    }

    double std() {
        return count == 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean() * mean()));
    }
}
