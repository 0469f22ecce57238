package org.reft4j.cli;

import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.ProgramPool;
import org.reft4j.task.grade.ProgramRunner;

/** Starts what runs model-written programs, where programs are written. */
final class Programs {
    private Programs() {}

    /** The caller closes it. */
    static ProgramRunner runner(Cot cot) {
        return switch (cot) {
            case PROGRAM -> ProgramPool.start();
            case PROSE -> ProgramRunner.NONE;
        };
    }
}
