package org.reft4j.sandbox;

import java.time.Duration;

/**
 * Runs model-written programs where they can do no harm. Safe for many threads; each call blocks until its program ended or was
 * killed.
 */
public interface ProgramRunner extends AutoCloseable {
    /** Runs nothing: for chains of thought in prose. */
    ProgramRunner NONE = new ProgramRunner() {
        @Override
        public Outcome run(String program) {
            throw new ProgramPoolException("no program runner was started: this run's chains of thought are prose");
        }

        @Override
        public Outcome run(ProgramTask task, Duration deadline) {
            throw new ProgramPoolException("no program runner was started");
        }

        @Override
        public void close() {}
    };

    /** Outcome of a program. */
    sealed interface Outcome {
        /**
         * The program's {@code solution()} returned.
         *
         * @param text {@code str(result)} in Python's spelling
         * @param number {@code float(result)} as Python's {@code repr} prints it, or {@code null} where Python's {@code float} refuses
         */
        record Returned(
                String text,
                @org.jspecify.annotations.Nullable String number) implements Outcome {}

        /**
         * It raised, did not parse, or has no {@code solution}.
         *
         * @param error one line, such as {@code ZeroDivisionError: division by zero}
         */
        record Raised(String error) implements Outcome {}

        /**
         * Stopped from outside at its deadline or at the memory limit.
         *
         * @param reason one line
         */
        record Killed(String reason) implements Outcome {}
    }

    /**
     * Runs {@code solution()} of a program.
     *
     * @param program Python source, already cleaned as the reference does
     * @throws ProgramPoolException if no worker can be started or the pool is closed: the caller must stop, not give a reward of 0
     */
    Outcome run(String program);

    /**
     * Does a task in a state that nothing else has used or will use.
     *
     * @param task at most {@link ProgramTask#MAX_CHARS} characters; a longer one is {@link Outcome.Raised}
     * @param deadline how long it may take
     * @throws ProgramPoolException as {@link #run(String)} does
     */
    default Outcome run(ProgramTask task, Duration deadline) {
        throw new ProgramPoolException("this program runner calls solution() and does nothing else");
    }

    @Override
    void close();
}
