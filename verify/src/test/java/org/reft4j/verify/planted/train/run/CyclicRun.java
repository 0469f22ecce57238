package org.reft4j.verify.planted.train.run;

import org.reft4j.verify.planted.train.algorithm.RecipeConfig;

/** Needs the recipes, which need it. */
public final class CyclicRun {
    RecipeConfig config() {
        return new RecipeConfig.Used(1, 2);
    }

    public int steps() {
        return config().steps();
    }
}
