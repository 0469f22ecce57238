package org.reft4j.verify.planted.train.recipe;

/** The planted recipes' contract. */
@FunctionalInterface
public interface Recipe {
    int run();
}
