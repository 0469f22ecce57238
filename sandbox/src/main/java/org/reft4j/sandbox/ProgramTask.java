package org.reft4j.sandbox;

import java.util.ArrayList;
import java.util.List;

/**
 * Task for a {@link ProgramRunner}: a program and what to do with it.
 *
 * @param kind what to do
 * @param texts the program, then what the kind needs
 */
public record ProgramTask(Kind kind, List<String> texts) {
    /** Longer ones, in characters altogether, are not taken: they would only fill the worker's memory. */
    public static final int MAX_CHARS = 4 << 20;

    /** Kinds of task. */
    public enum Kind {
        /** Call {@code solution()}, as the reference code does. */
        SOLUTION("run_alone"),
        /** Call a function with arguments. */
        CALL("call"),
        /** See whether a function could be called. */
        CHECK("check"),
        /** Run with a standard input, and give back the standard output. */
        SCRIPT("script"),
        /** Run, then run tests. */
        TESTS("tests");

        private final String function;

        Kind(String function) {
            this.function = function;
        }

        /** The function of {@code harness.py} that does it. */
        String function() {
            return function;
        }
    }

    public ProgramTask {
        texts = List.copyOf(texts);
    }

    /** Calls {@code solution()}; {@link ProgramRunner.Outcome.Returned} is its result. */
    public static ProgramTask solution(String program) {
        return new ProgramTask(Kind.SOLUTION, List.of(program));
    }

    /**
     * Calls a function. {@link ProgramRunner.Outcome.Returned} has the type of the result as its text, and a number where that is a
     * Python {@code float} or {@code int}.
     *
     * @param source defines the function
     * @param arguments JSON texts
     */
    public static ProgramTask call(String source, String function, List<String> arguments) {
        return new ProgramTask(Kind.CALL, texts(List.of(source, function), arguments));
    }

    /**
     * Runs a source's top, imports what it imports anywhere, and looks for a function. What is wrong is
     * {@link ProgramRunner.Outcome.Raised}.
     *
     * @param arguments how many the function must take
     */
    public static ProgramTask check(String source, String function, int arguments) {
        return new ProgramTask(Kind.CHECK, List.of(source, function, String.valueOf(arguments)));
    }

    /** Runs a program as {@code __main__}; {@link ProgramRunner.Outcome.Returned} has its standard output as the text. */
    public static ProgramTask script(String program, String input) {
        return new ProgramTask(Kind.SCRIPT, List.of(program, input));
    }

    /**
     * Runs a program, then each test in its names. {@link ProgramRunner.Outcome.Returned} has a line for each test as its text: empty if
     * it passed, else what it raised.
     *
     * @param tests Python statements, such as {@code assert f(1) == 2}
     */
    public static ProgramTask tests(String program, List<String> tests) {
        return new ProgramTask(Kind.TESTS, texts(List.of(program), tests));
    }

    /** Length of all texts, in characters. */
    int length() {
        return (int) Math.min(
                Integer.MAX_VALUE, texts.stream().mapToLong(String::length).sum());
    }

    private static List<String> texts(List<String> first, List<String> others) {
        List<String> all = new ArrayList<>(first);
        all.addAll(others);
        return all;
    }
}
