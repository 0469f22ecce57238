package org.reft4j.train.run;

/**
 * A bar of a histogram of rewards.
 *
 * @param low lowest reward, inclusive
 * @param high upper bound, which belongs to the next bar, except the last
 * @param count number of rollouts
 */
public record RolloutBin(double low, double high, int count) {}
