package org.reft4j.train.recipe;

import org.reft4j.train.run.Run;

/** An algorithm: one file each, no base class. */
@FunctionalInterface
public interface Recipe<C extends RecipeConfig> {
    /**
     * Runs, or goes on from the newest checkpoint, until all steps are done or an end is asked for.
     *
     * @throws org.reft4j.train.run.DivergedException when training went wrong
     */
    void run(C config, Run run);
}
