package org.reft4j.train.job;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.task.dataset.Cot;

class ToolboxTest {
    /** A worker takes seconds of a processor to start, while the speed of the model is measured. */
    @Test
    void aCheckStartsNoWorkers() {
        try (Toolbox checked = Toolbox.toCheck(Cot.PROGRAM, Toolbox.Plugins.NONE, null);
                Toolbox run = Toolbox.of(Cot.PROGRAM, Toolbox.Plugins.NONE, null)) {
            assertFalse(checked.tools().programs() instanceof ProgramPool);
            assertInstanceOf(ProgramPool.class, run.tools().programs());
        }
    }
}
