package org.reft4j.train.rollout;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.grade.StepGrader;
import org.reft4j.task.grade.StepScore;

/**
 * Rewards per token: the grade's reward on the last token of a completion, and on the last token of each step a deduction for what its
 * score lacks of 1. The paper does not grade steps.
 *
 * <p>A sum of scores would grow with the number of steps, and trivial ones would be worth writing; a sum of deductions is never above 0
 * (Gao et al. 2024, arXiv:2410.15115, clipping, with the bound at 1).
 */
public final class StepRewards {
    private final @Nullable StepGrader grader;
    private final double weight;
    private final @Nullable Tokenizer tokenizer;

    /**
     * @param weight factor of a step's deduction
     * @param tokenizer the tokenizer of the completions
     */
    public StepRewards(StepGrader grader, double weight, Tokenizer tokenizer) {
        this.grader = grader;
        this.weight = weight;
        this.tokenizer = tokenizer;
    }

    private StepRewards() {
        this.grader = null;
        this.weight = 0;
        this.tokenizer = null;
    }

    /** The grade's reward alone. */
    public static StepRewards none() {
        return new StepRewards();
    }

    /** The rewards of every completion, per token. */
    public List<float[]> of(List<Rollout> paid) {
        return paid.stream().map(this::of).toList();
    }

    private float[] of(Rollout rollout) {
        Tokens tokens = rollout.completion().tokens();
        float[] rewards = new float[tokens.size()];
        if (grader != null && tokenizer != null) {
            List<StepScore> steps = grader.steps(rollout.question(), rollout.text());
            int head = rollout.head();
            int token = 0;
            for (StepScore step : steps) {
                if (step.end() <= head) {
                    continue; // the prompt wrote it, such as the first lines of a program
                }
                token = tokenAt(tokens, token, step.end() - head, tokenizer);
                rewards[token] += (float) (weight * Math.min(0, step.score() - 1));
            }
        }
        rewards[rewards.length - 1] += (float) rollout.reward();
        return rewards;
    }

    /** The first token, from one on, with which the text reaches an offset; the last where it never does. */
    static int tokenAt(Tokens tokens, int from, int offset, Tokenizer tokenizer) {
        int token = from;
        while (token + 1 < tokens.size()
                && tokenizer.decode(tokens.slice(0, token + 1)).length() < offset) {
            token++;
        }
        return token;
    }
}
