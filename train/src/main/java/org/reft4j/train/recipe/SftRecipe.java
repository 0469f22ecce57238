package org.reft4j.train.recipe;

import org.reft4j.task.grade.ProgramRunner;
import org.reft4j.train.run.Run;

final class SftRecipe implements Recipe<SftConfig> {
    @Override
    public void run(SftConfig config, Run run, ProgramRunner programs) {
        throw new IllegalStateException("being written");
    }
}
