package org.reft4j.train.run;

import java.util.Optional;
import org.reft4j.train.ConfigException;

/**
 * A query for rollouts of a run. Start from {@link #ALL} and narrow it.
 *
 * @param steps of these steps
 * @param rewards with these rewards; a rollout without one is found only where there is no bound
 * @param tokens with these lengths
 * @param part with this score in a part of it
 * @param grade such as {@code wrong}
 * @param stop such as {@code length}
 * @param grep text that question or completion contains, without regard to case (of ASCII letters); taken literally, without wildcards
 * @param questionId the exact id
 * @param offset number of rollouts left out at the beginning
 * @param limit largest number of rollouts
 */
public record RolloutQuery(
        Range steps,
        Range rewards,
        Range tokens,
        Optional<Part> part,
        Optional<String> grade,
        Optional<String> stop,
        Optional<String> grep,
        Optional<String> questionId,
        int offset,
        int limit,
        Order order) {
    /** Everything, oldest first. */
    public static final RolloutQuery ALL = new RolloutQuery(
            Range.ANY,
            Range.ANY,
            Range.ANY,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            Integer.MAX_VALUE,
            Order.OLDEST);

    /**
     * Numbers from one to another.
     *
     * @param low inclusive
     * @param high inclusive
     */
    public record Range(double low, double high) {
        /** All numbers, and what has none. */
        public static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

        /** True if nothing is left out. */
        public boolean any() {
            return equals(ANY);
        }
    }

    /**
     * A part of the score, such as one of several graders.
     *
     * @param name as it is stored
     */
    public record Part(String name, Range scores) {}

    /** The sort order; ties are in the order of sampling. */
    public enum Order {
        OLDEST,
        NEWEST,
        LOWEST_REWARD,
        HIGHEST_REWARD,
        SHORTEST,
        LONGEST,
        /** Groups first whose rewards differ most. */
        MOST_MIXED
    }

    public RolloutQuery {
        check(steps, "step", "the first step before the last");
        check(rewards, "reward", "the lower bound before the upper");
        check(tokens, "tokens", "the lower bound before the upper");
        part.ifPresent(bounds -> check(bounds.scores(), bounds.name(), "the lower bound before the upper"));
        ConfigException.check(offset >= 0, "offset", offset, "0 or more");
        ConfigException.check(limit > 0, "limit", limit, "a positive number");
    }

    private static void check(Range range, String key, String wanted) {
        ConfigException.check(range.low() <= range.high(), key, range.low() + ".." + range.high(), wanted);
    }

    /** Only of these steps, inclusive. */
    public RolloutQuery steps(int first, int last) {
        return new RolloutQuery(
                new Range(first, last), rewards, tokens, part, grade, stop, grep, questionId, offset, limit, order);
    }

    /** Only with rewards in this range, inclusive. */
    public RolloutQuery rewards(double low, double high) {
        return new RolloutQuery(
                steps, new Range(low, high), tokens, part, grade, stop, grep, questionId, offset, limit, order);
    }

    /** Only with so many tokens, inclusive. */
    public RolloutQuery tokens(double low, double high) {
        return new RolloutQuery(
                steps, rewards, new Range(low, high), part, grade, stop, grep, questionId, offset, limit, order);
    }

    /** Only where a part of the score is in this range, inclusive. */
    public RolloutQuery part(String name, double low, double high) {
        return new RolloutQuery(
                steps,
                rewards,
                tokens,
                Optional.of(new Part(name, new Range(low, high))),
                grade,
                stop,
                grep,
                questionId,
                offset,
                limit,
                order);
    }

    /** Only with this grade. */
    public RolloutQuery graded(String label) {
        return new RolloutQuery(
                steps, rewards, tokens, part, Optional.of(label), stop, grep, questionId, offset, limit, order);
    }

    /** Only those that ended in this way. */
    public RolloutQuery stopped(String label) {
        return new RolloutQuery(
                steps, rewards, tokens, part, grade, Optional.of(label), grep, questionId, offset, limit, order);
    }

    /** Only where question or completion contains {@code text}. */
    public RolloutQuery containing(String text) {
        return new RolloutQuery(
                steps, rewards, tokens, part, grade, stop, Optional.of(text), questionId, offset, limit, order);
    }

    /** Only of this question. */
    public RolloutQuery ofQuestion(String id) {
        return new RolloutQuery(steps, rewards, tokens, part, grade, stop, grep, Optional.of(id), offset, limit, order);
    }

    /** Without the first ones. */
    public RolloutQuery after(int count) {
        return new RolloutQuery(steps, rewards, tokens, part, grade, stop, grep, questionId, count, limit, order);
    }

    /** At most this many. */
    public RolloutQuery first(int count) {
        return new RolloutQuery(steps, rewards, tokens, part, grade, stop, grep, questionId, offset, count, order);
    }

    /** In this order. */
    public RolloutQuery in(Order wanted) {
        return new RolloutQuery(steps, rewards, tokens, part, grade, stop, grep, questionId, offset, limit, wanted);
    }
}
