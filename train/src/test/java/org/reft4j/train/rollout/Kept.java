package org.reft4j.train.rollout;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.rollout.KeptRollout.TokenTrace;

/** Kept rollouts as a run, or a folder of samples, might have them. */
public final class Kept {
    private Kept() {}

    /** A row of a run, which is right where its grade says so. */
    public static KeptRollout row(
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
        return row(
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

    /** The same with its tokens. */
    public static KeptRollout row(
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
            @Nullable Tokens ids,
            @Nullable List<TokenTrace> trace) {
        return new KeptRollout(
                step,
                questionId,
                sample,
                question,
                target,
                null,
                completion,
                tokens,
                grade,
                grade.equals("correct"),
                Optional.of(extracted),
                reward,
                Map.of(),
                stop,
                Double.NaN,
                ids,
                trace);
    }

    /** A line of a folder of samples, of five tokens. */
    public static KeptRollout line(
            String questionId,
            String target,
            int number,
            String completion,
            Optional<String> extracted,
            String grade,
            boolean right,
            double reward,
            double logprob,
            @Nullable Tokens ids) {
        return new KeptRollout(
                0,
                questionId,
                number,
                "",
                target,
                AnswerKind.NUMBER,
                completion,
                5,
                grade,
                right,
                extracted,
                reward,
                Map.of(),
                "end-of-text",
                logprob,
                ids,
                null);
    }
}
