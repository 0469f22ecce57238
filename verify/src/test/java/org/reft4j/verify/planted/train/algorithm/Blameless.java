package org.reft4j.verify.planted.train.algorithm;

/** Breaks no rule. */
final class Blameless implements Recipe {
    @Override
    public int run() {
        return 1;
    }
}
