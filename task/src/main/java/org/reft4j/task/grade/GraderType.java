package org.reft4j.task.grade;

import org.reft4j.task.graders.Graders;

/**
 * A type of grader that an object can describe, such as {@code {"type": "string_check", ...}}. The types that are known stand in
 * {@link Graders#TYPES}.
 *
 * @param name as the object's {@code type} has it
 * @param about one line for people
 * @param deterministic whether a completion always gets the same grade, so that it need not be graded again
 * @param reader makes a grader of an object
 */
public record GraderType(String name, String about, boolean deterministic, Reader reader) {
    /** A deterministic one, as most are. */
    public GraderType(String name, String about, Reader reader) {
        this(name, about, true, reader);
    }

    /** Makes a grader of its description. */
    @FunctionalInterface
    public interface Reader {
        /**
         * @param fields to be read whole: what is left is refused
         * @param tools what graders need from outside
         * @throws GraderException if the description is wrong
         */
        Grader read(GraderFields fields, GraderTools tools);
    }
}
