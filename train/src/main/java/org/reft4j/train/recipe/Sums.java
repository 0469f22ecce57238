package org.reft4j.train.recipe;

/** Running sums of a figure. */
final class Sums {
    private long count;
    private double sum;
    private double squares;
    private double max = Double.NEGATIVE_INFINITY;

    void add(double value) {
        count++;
        sum += value;
        squares += value * value;
        max = Math.max(max, value);
    }

    double max() {
        return max;
    }

    double mean() {
        return count == 0 ? 0 : sum / count;
    }

    double std() {
        return count == 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean() * mean()));
    }
}
