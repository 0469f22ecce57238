package org.reft4j.task.graders;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A regular expression that gives up in time: some, such as {@code (a+)+b}, need longer than the universe for a text of fifty letters.
 *
 * @param pattern what is looked for
 * @param limit how long one search may take
 */
record TimedPattern(Pattern pattern, Duration limit) {
    /** A search took too long or the stack was too short for it: a fault of the expression, not of the text. */
    static final class TooSlowException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooSlowException(String message) {
            super(message);
        }
    }

    /** True if the expression fits a part of the text. */
    boolean find(CharSequence text) {
        return guarded(text, timed -> pattern.matcher(timed).find());
    }

    /** True if the expression fits the whole text. */
    boolean matches(CharSequence text) {
        return guarded(text, timed -> pattern.matcher(timed).matches());
    }

    private boolean guarded(CharSequence text, Predicate<CharSequence> search) {
        try {
            return search.test(new Timed(text, System.nanoTime() + limit.toNanos()));
        } catch (TimeUpException e) {
            throw new TooSlowException("the pattern " + pattern + " took longer than " + limit.toMillis() + " ms");
        } catch (StackOverflowError e) {
            throw new TooSlowException("the pattern " + pattern + " needs more stack than there is");
        }
    }

    /** Ends a search from within: a matcher looks at nothing but characters. */
    private static final class TimeUpException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TimeUpException() {
            super(null, null, false, false);
        }
    }

    /** A text that can be read until its time is up. */
    private static final class Timed implements CharSequence {
        private static final int LOOKS_BETWEEN = 1024;

        private final CharSequence text;
        private final long deadline;
        private int looks;

        Timed(CharSequence text, long deadline) {
            this.text = text;
            this.deadline = deadline;
        }

        @Override
        public char charAt(int index) {
            if (++looks % LOOKS_BETWEEN == 0 && System.nanoTime() - deadline > 0) {
                throw new TimeUpException();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
