package org.reft4j.train.rollout;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.Tokens;

/**
 * A stored completion: a row of a run's {@code rollouts.sqlite}, or a line of a file of samples ({@link RolloutLine}). Fields that a place
 * does not store are empty.
 *
 * @param step the step of the run; 0 in a folder of samples
 * @param questionId as in the data, such as {@code svamp_976}
 * @param sample number among the completions of the same question in this step, from 0; {@link #GREEDY} for the greedy one of a folder of
 *     samples
 * @param question its text; empty in a folder of samples
 * @param target the right answer as in the data
 * @param kind the kind of the answer; {@code null} in a run
 * @param completion the text that a grader reads: head and sampled text
 * @param tokens number of sampled tokens
 * @param grade {@code correct}, {@code wrong}, {@code no-answer}, {@code scored} or {@code failed}
 * @param right true if it counts as right; see {@link org.reft4j.task.grade.Grade#right}
 * @param extracted the extracted answer; in a run, if there is none, the reason for that or for the score
 * @param reward its reward; NaN if grading failed
 * @param parts the named parts of a score, in their order; empty for scores without parts
 * @param stop {@code end-of-text}, {@code length}, {@code stop-string} or {@code prompt-too-long}
 * @param logprob the sum over its tokens, natural, by the model's plain distribution; NaN in a run
 * @param ids the sampled tokens; {@code null} in files of versions that did not keep them
 * @param trace one entry per sampled token, for a sampled share of a run's rollouts; {@code null} for the others
 */
public record KeptRollout(
        int step,
        String questionId,
        int sample,
        String question,
        String target,
        @Nullable AnswerKind kind,
        String completion,
        int tokens,
        String grade,
        boolean right,
        Optional<String> extracted,
        double reward,
        Map<String, Double> parts,
        String stop,
        double logprob,
        @Nullable Tokens ids,
        @Nullable List<TokenTrace> trace) {

    public static final int GREEDY = -1;

    public KeptRollout {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
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

    /** A graded rollout of a step, with the figures of its tokens if they are to be kept. */
    public static KeptRollout of(int step, Rollout rollout, @Nullable List<TokenTrace> trace) {
        return of(step, rollout, Optional.of(rollout.extracted()), trace);
    }

    /**
     * A graded rollout for a folder of samples.
     *
     * @param answer read from it; empty where none could be read
     */
    public static KeptRollout sample(Rollout rollout, Optional<String> answer) {
        return of(0, rollout, answer, null);
    }

    private static KeptRollout of(
            int step, Rollout rollout, Optional<String> extracted, @Nullable List<TokenTrace> trace) {
        double logprob = 0;
        for (float token : rollout.completion().logprobs()) {
            logprob += token;
        }
        return new KeptRollout(
                step,
                rollout.question().id(),
                rollout.sample(),
                rollout.question().text(),
                rollout.question().answer().raw(),
                AnswerKind.of(rollout.question().answer()),
                rollout.text(),
                rollout.completion().tokens().size(),
                rollout.grade().label(),
                rollout.grade().right(),
                extracted,
                rollout.reward(),
                rollout.grade().parts(),
                rollout.completion().stop().label(),
                logprob,
                rollout.completion().tokens(),
                trace);
    }

    /** True if grading failed; such a completion has no reward. */
    public boolean failed() {
        return grade.equals("failed");
    }

    /** Place for messages, such as {@code step 3, sample 0 of svamp_976}. */
    public String place() {
        return (step > 0 ? "step " + step + ", " : "") + "sample " + sample + " of " + questionId;
    }
}
