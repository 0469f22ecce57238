package org.reft4j.verify.planted.train.algorithm;

/** The planted recipes' contract. */
@FunctionalInterface
public interface Recipe {
    int run();
}
