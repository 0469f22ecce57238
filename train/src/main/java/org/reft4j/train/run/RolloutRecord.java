package org.reft4j.train.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One completion as it is kept for people to read.
 *
 * @param step of the run
 * @param questionId such as {@code svamp_976}
 * @param sample number among the completions of the same question in this step, from 0
 * @param question its text
 * @param target the right answer as in the data
 * @param completion header and sampled text
 * @param tokens how many were sampled
 * @param grade {@code correct}, {@code wrong}, {@code no-answer}, {@code scored} or {@code failed}
 * @param right whether it counts as right, as {@link org.reft4j.task.grade.Grade#right} says
 * @param extracted the answer found, or why there is none, or why the score is what it is
 * @param reward as paid
 * @param parts the named parts of a score, in their order; empty for others
 * @param stop {@code end-of-text}, {@code length}, {@code stop-string} or {@code prompt-too-long}
 * @param tokenIds the sampled tokens; {@code null} in runs of versions that did not keep them
 * @param trace one entry per sampled token, for a sampled share of the records; {@code null} for the others
 */
public record RolloutRecord(
        int step,
        String questionId,
        int sample,
        String question,
        String target,
        String completion,
        int tokens,
        String grade,
        boolean right,
        String extracted,
        double reward,
        Map<String, Double> parts,
        String stop,
        @Nullable List<Integer> tokenIds,
        @Nullable List<TokenTrace> trace) {
    public RolloutRecord {
        // Missing in files of versions that did not keep them.
        parts = parts == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /** A completion that is right where its grade says so, without parts. */
    public RolloutRecord(
            int step,
            String questionId,
            int sample,
            String question,
            String target,
            String completion,
            int tokens,
            String grade,
            String extracted,
            double reward,
            String stop,
            @Nullable List<Integer> tokenIds,
            @Nullable List<TokenTrace> trace) {
        this(
                step,
                questionId,
                sample,
                question,
                target,
                completion,
                tokens,
                grade,
                grade.equals("correct"),
                extracted,
                reward,
                Map.of(),
                stop,
                tokenIds,
                trace);
    }

    /** The same, whose token ids are not known. */
    public RolloutRecord(
            int step,
            String questionId,
            int sample,
            String question,
            String target,
            String completion,
            int tokens,
            String grade,
            String extracted,
            double reward,
            String stop,
            @Nullable List<TokenTrace> trace) {
        this(
                step,
                questionId,
                sample,
                question,
                target,
                completion,
                tokens,
                grade,
                extracted,
                reward,
                stop,
                null,
                trace);
    }

    /**
     * One sampled token.
     *
     * @param piece its text
     * @param logprob natural log-probability under the policy that sampled
     * @param referenceLogprob the same under the frozen reference
     * @param value the critic's estimate before the token
     * @param advantage after whitening
     */
    public record TokenTrace(String piece, float logprob, float referenceLogprob, float value, float advantage) {}
}
