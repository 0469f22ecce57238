package org.reft4j.train.settings;

import java.util.Arrays;
import org.reft4j.ground.random.Seeds;

/**
 * The batches of all epochs, one per optimiser update. Every epoch has its own random order.
 *
 * @param size number of rows, pairs or completions
 * @param batch number of them per update; the last batch of an epoch may have fewer
 * @param epochs passes over all of them; may be a fraction
 */
public record EpochBatches(long size, int batch, double epochs) {
    /** Number of batches in an epoch. */
    public long perEpoch() {
        return Math.ceilDiv(size, batch);
    }

    /** Number of batches in all epochs. */
    public int steps() {
        return (int) Math.ceil(epochs * perEpoch());
    }

    /** Number of epochs completed after a batch; batches count from 1. */
    public double epoch(int step) {
        return (double) step / perEpoch();
    }

    /**
     * The items of one batch, in the order of its epoch.
     *
     * @param step number of the batch, from 1
     * @param seeds random seeds of the order
     * @param coordinates further keys of the order, besides the epoch
     * @return indices from 0 to {@code size} - 1
     */
    public int[] items(int step, Seeds seeds, long... coordinates) {
        long[] key = Arrays.copyOf(coordinates, coordinates.length + 1);
        key[coordinates.length] = (step - 1) / perEpoch();
        int[] order = seeds.permutation(Math.toIntExact(size), Seeds.Purpose.SHUFFLE, key);
        int from = Math.toIntExact((step - 1) % perEpoch() * batch);
        return Arrays.copyOfRange(order, from, (int) Math.min(size, from + (long) batch));
    }
}
