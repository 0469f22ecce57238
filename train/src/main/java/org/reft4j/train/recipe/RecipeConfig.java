package org.reft4j.train.recipe;

import org.reft4j.task.dataset.DataConfig;

/** The configuration of one run. Keys in files are the component names in kebab case. */
public sealed interface RecipeConfig permits SftConfig, ReftConfig {
    /** Names the run's folder. */
    String name();

    /** Of everything random. */
    long seed();

    ModelSource model();

    DataConfig data();

    EvaluateConfig evaluate();
}
