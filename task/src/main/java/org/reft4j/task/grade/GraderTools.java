package org.reft4j.task.grade;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Cot;

/**
 * Tools that graders share and do not own.
 *
 * @param cot kind of chain of thought
 * @param programs runs programs where they can do no harm
 * @param classes class loader of plug-ins
 * @param models the models that judge, by the names that grader objects know
 * @param data rows that graders will be used on, as far as they are known
 * @param remarks receives remarks for people when a grader is made, such as that it runs outside the sandbox
 * @param own a grader that the Java program hands over, which the type {@code java} knows as {@value #OWN}; {@code null} for none
 */
public record GraderTools(
        Cot cot,
        ProgramRunner programs,
        ClassLoader classes,
        ModelMap models,
        List<DataRows> data,
        Consumer<String> remarks,
        @Nullable Grader own) {
    /** The class of the type {@code java} that stands for a grader of the program. */
    public static final String OWN = "own";

    public GraderTools {
        data = List.copyOf(data);
    }

    /** For data that are not known. */
    public GraderTools(Cot cot, ProgramRunner programs, ClassLoader classes, ModelMap models) {
        this(cot, programs, classes, models, List.of(), _ -> {}, null);
    }

    /** Tools without models. */
    public GraderTools(Cot cot, ProgramRunner programs, ClassLoader classes) {
        this(cot, programs, classes, ModelMap.NONE);
    }

    /** The same, for completions that reason so. */
    public GraderTools with(Cot kind) {
        return new GraderTools(kind, programs, classes, models, data, remarks, own);
    }

    /** The same, with models that judge. */
    public GraderTools with(ModelMap judges) {
        return new GraderTools(cot, programs, classes, judges, data, remarks, own);
    }

    /** The same, for graders that will be used on these data. */
    public GraderTools with(DataRows... known) {
        return new GraderTools(cot, programs, classes, models, List.of(known), remarks, own);
    }

    /** The same, with somebody who listens to remarks. */
    public GraderTools remarking(Consumer<String> listener) {
        return new GraderTools(cot, programs, classes, models, data, listener, own);
    }

    /** The same, with a grader of the program. */
    public GraderTools with(Grader handedOver) {
        return new GraderTools(cot, programs, classes, models, data, remarks, handedOver);
    }

    /** Runs nothing and knows the classes of this program: for graders that look at texts alone. */
    public static GraderTools plain(Cot cot) {
        return new GraderTools(cot, ProgramRunner.NONE, GraderTools.class.getClassLoader());
    }
}
