package org.reft4j.train.recipe;

import java.util.Arrays;
import org.reft4j.ground.random.Seeds;

/**
 * What is learned from, cut into batches of one update each: epoch by epoch, each in an order of its own.
 *
 * @param size how many rows, pairs or completions there are
 * @param batch of them in one update; the last of an epoch may have fewer
 * @param epochs passes over all; may be a fraction
 */
public record EpochBatches(long size, int batch, double epochs) {
    /** Batches of an epoch. */
    public long perEpoch() {
        return Math.ceilDiv(size, batch);
    }

    /** Batches of all epochs. */
    public int steps() {
        return (int) Math.ceil(epochs * perEpoch());
    }

    /** How many epochs are over after a batch, counted from 1. */
    double epoch(int step) {
        return (double) step / perEpoch();
    }

    /**
     * The next batch of its epoch's order.
     *
     * @param step counted from 1
     * @param seeds of the order
     * @param coordinates what the order depends on beside the epoch
     * @return places below {@code size}
     */
    int[] items(int step, Seeds seeds, long... coordinates) {
        long[] key = Arrays.copyOf(coordinates, coordinates.length + 1);
        key[coordinates.length] = (step - 1) / perEpoch();
        int[] order = seeds.permutation(Math.toIntExact(size), Seeds.Purpose.SHUFFLE, key);
        int from = Math.toIntExact((step - 1) % perEpoch() * batch);
        return Arrays.copyOfRange(order, from, (int) Math.min(size, from + (long) batch));
    }
}
