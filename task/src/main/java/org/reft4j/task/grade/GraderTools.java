package org.reft4j.task.grade;

import org.reft4j.task.dataset.Cot;

/**
 * What graders use that is not theirs. It belongs to whoever made it.
 *
 * @param cot how completions reason
 * @param programs runs programs where they can do no harm
 * @param classes where plug-ins are looked for
 */
public record GraderTools(Cot cot, ProgramRunner programs, ClassLoader classes) {
    /** The same, for completions that reason so. */
    public GraderTools with(Cot kind) {
        return new GraderTools(kind, programs, classes);
    }

    /** Runs nothing and knows the classes of this program: for graders that look at texts alone. */
    public static GraderTools plain(Cot cot) {
        return new GraderTools(cot, ProgramRunner.NONE, GraderTools.class.getClassLoader());
    }
}
