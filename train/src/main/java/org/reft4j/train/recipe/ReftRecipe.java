package org.reft4j.train.recipe;

import org.reft4j.task.grade.ProgramRunner;
import org.reft4j.train.run.Run;

final class ReftRecipe implements Recipe<ReftConfig> {
    @Override
    public void run(ReftConfig config, Run run, ProgramRunner programs) {
        throw new IllegalStateException("being written");
    }
}
