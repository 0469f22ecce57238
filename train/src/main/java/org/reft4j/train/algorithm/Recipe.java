package org.reft4j.train.algorithm;

import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.RecipeConfig;

/**
 * An algorithm: one file each, no base class. What is asked of a run before it begins is asked here too, or of its settings where these alone
 * can tell.
 */
public interface Recipe<C extends RecipeConfig> {
    /**
     * Runs, or resumes from the newest checkpoint, until all steps are done or a stop is requested.
     *
     * @param tools resources of graders, such as the workers that run model-written programs; shared by the runs of one process, closed by
     *     their creator
     * @throws org.reft4j.train.DivergedException when training went wrong
     */
    void run(C config, Run run, GraderTools tools);

    /**
     * Tells the rows, steps and updates that a run will have, from its settings and its data.
     *
     * @param plan takes sentences for people, counts for programs, and the work that the run's time is estimated from
     */
    void plan(C config, Dataset data, BatchArithmetic plan);

    /**
     * The texts that the model will be given, made as the run makes them. Refuses what the run would refuse before its first step.
     *
     * @param run takes warnings
     */
    RunTexts texts(C config, Setup setup, Run run);
}
