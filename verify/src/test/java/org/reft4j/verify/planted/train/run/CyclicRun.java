package org.reft4j.verify.planted.train.run;

import org.reft4j.verify.planted.train.algorithm.Recipe;
import org.reft4j.verify.planted.train.settings.RecipeConfig;

/** Needs the recipes, which need it. */
public final class CyclicRun {
    private final Recipe recipe = () -> 1;

    RecipeConfig config() {
        return new RecipeConfig.Used(1, 2);
    }

    public int steps() {
        return config().steps() + recipe.run();
    }
}
