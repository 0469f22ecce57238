package org.reft4j.task.grade;

import java.util.Map;
import java.util.Optional;
import org.reft4j.task.graders.Graders;

/** Grade of a completion. {@link RewardRule} turns it into a reward. */
public sealed interface Grade {
    /** Name in files and reports: {@code correct}, {@code wrong}, {@code no-answer}, {@code scored} or {@code failed}. */
    default String label() {
        return switch (this) {
            case Correct _ -> "correct";
            case Wrong _ -> "wrong";
            case NoAnswer _ -> "no-answer";
            case Scored _ -> "scored";
            case Failed _ -> "failed";
        };
    }

    /** The answer found, where there is one. */
    default Optional<String> answer() {
        return switch (this) {
            case Correct(String extracted) -> Optional.of(extracted);
            case Wrong(String extracted) -> Optional.of(extracted);
            case NoAnswer _, Scored _, Failed _ -> Optional.empty();
        };
    }

    /** True if the completion counts as right: the right answer, or a score at or above the grader's pass threshold. */
    default boolean right() {
        return switch (this) {
            case Correct _ -> true;
            case Scored scored -> scored.score >= scored.pass;
            case Wrong _, NoAnswer _, Failed _ -> false;
        };
    }

    /** The named parts of a score; empty where there are none. */
    default Map<String, Double> parts() {
        return this instanceof Scored scored ? scored.parts : Map.of();
    }

    /** Errors of a grader, as OpenAI's grader runs flag them: the grader's own fault, or a completion of another form. */
    default Optional<GradeError> flag() {
        return switch (this) {
            case Failed(GradeError error, var _) -> Optional.of(error);
            case NoAnswer(var _, boolean unfit) ->
                unfit ? Optional.of(GradeError.SAMPLE_PARSE_ERROR) : Optional.empty();
            case Correct _, Wrong _, Scored _ -> Optional.empty();
        };
    }

    /** Why there is no answer or no grade, or why the score is what it is, where somebody says so. */
    default Optional<String> why() {
        return switch (this) {
            case NoAnswer(String reason, var _) -> Optional.of(reason);
            case Failed(var _, String reason) -> Optional.of(reason);
            case Scored(var _, var _, var _, String reason) ->
                reason.isEmpty() ? Optional.empty() : Optional.of(reason);
            case Correct _, Wrong _ -> Optional.empty();
        };
    }

    /**
     * The right answer.
     *
     * @param extracted the answer as extracted, in Python's spelling ({@code 7.0})
     */
    record Correct(String extracted) implements Grade {}

    /**
     * An answer, but not the right one.
     *
     * @param extracted the answer as extracted
     */
    record Wrong(String extracted) implements Grade {}

    /**
     * No answer could be extracted: no number after the trigger, a program that failed or ran out of time.
     *
     * @param reason one line, such as {@code NameError: name 'x' is not defined}
     * @param unfit whether the completion is not of the form that the grader's description names, such as JSON with a certain key
     */
    record NoAnswer(String reason, boolean unfit) implements Grade {
        /** Grade of a completion without an answer. */
        public NoAnswer(String reason) {
            this(reason, false);
        }
    }

    /**
     * A score.
     *
     * @param score finite; usually in [0, 1], but ranges and formulas are free
     * @param pass the score from which it counts as right; a grader's description decides it ({@link Graders#passThreshold})
     * @param parts the named parts it was made of, in their order; a part's own parts follow its name and a dot
     * @param reason one line for people, or empty
     */
    record Scored(double score, double pass, Map<String, Double> parts, String reason) implements Grade {
        /** The score from which a completion counts as right where nobody says another. */
        public static final double USUAL_PASS = 0.5;

        public Scored {
            if (!Double.isFinite(score)) {
                throw new IllegalArgumentException("score is " + score + "; expected a finite number");
            }
            if (Double.isNaN(pass)) {
                throw new IllegalArgumentException("pass is NaN; expected a number");
            }
        }

        /** A score whose grader's description says what counts as right. */
        public Scored(double score, Map<String, Double> parts, String reason) {
            this(score, USUAL_PASS, parts, reason);
        }

        /** Score without parts and reason. */
        public static Scored of(double score) {
            return new Scored(score, Map.of(), "");
        }

        /** The same score, right from another threshold. */
        public Scored passing(double threshold) {
            return threshold == pass ? this : new Scored(score, threshold, parts, reason);
        }
    }

    /**
     * The grader itself failed: counted and reported, never trained on.
     *
     * @param error of what kind
     * @param reason one line
     */
    record Failed(GradeError error, String reason) implements Grade {}
}
