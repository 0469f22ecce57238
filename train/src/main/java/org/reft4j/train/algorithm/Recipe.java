package org.reft4j.train.algorithm;

import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.RecipeConfig;

/** An algorithm: one file each, no base class. */
@FunctionalInterface
public interface Recipe<C extends RecipeConfig> {
    /**
     * Runs, or resumes from the newest checkpoint, until all steps are done or a stop is requested.
     *
     * @param tools resources of graders, such as the workers that run model-written programs; shared by the runs of one process, closed by
     *     their creator
     * @throws org.reft4j.train.DivergedException when training went wrong
     */
    void run(C config, Run run, GraderTools tools);
}
