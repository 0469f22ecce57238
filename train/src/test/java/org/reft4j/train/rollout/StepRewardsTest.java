package org.reft4j.train.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.StepGrader;
import org.reft4j.task.grade.StepScore;
import org.reft4j.task.graders.Graders;

final class StepRewardsTest {
    private static final float TOLERANCE = 1e-6f;

    /** The end of each token in the text after a head of 2 characters, worked out by encoding prefixes. */
    @Test
    void whatAStepLacksIsTakenOffItsLastTokenAndTheGradePaidOnTheLast() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            String text = "1 + 1 = 2. So 2 + 2 = 5. Done.";
            Tokens tokens = tokenizer.encode(text);
            int first = text.indexOf("So") - 1;
            int second = text.indexOf(" Done");
            Rollout paid = new Rollout(
                            new Question("q", "?", new Answer.Text("a"), null),
                            0,
                            Tokens.of(1),
                            new Completion(tokens, StopReason.END_OF_TEXT, new float[tokens.size()]),
                            "h " + text,
                            2)
                    .graded(new Grade.Correct("a"), 0.5, 0);
            StepRewards rewards = new StepRewards(
                    (question, completion) ->
                            List.of(new StepScore(2 + first, 0.5, ""), new StepScore(2 + second, 0, "")),
                    0.25,
                    tokenizer);
            float[] expected = new float[tokens.size()];
            expected[tokenWith(tokenizer, tokens, first)] -= 0.125f;
            expected[tokenWith(tokenizer, tokens, second)] -= 0.25f;
            expected[tokens.size() - 1] += 0.5f;
            assertArrayEquals(expected, rewards.of(List.of(paid)).getFirst(), TOLERANCE);
            StepRewards headToo = new StepRewards(
                    (question, completion) -> List.of(
                            new StepScore(2, 0, ""),
                            new StepScore(2 + first, 0.5, ""),
                            new StepScore(2 + second, 0, "")),
                    0.25,
                    tokenizer);
            assertArrayEquals(
                    expected,
                    headToo.of(List.of(paid)).getFirst(),
                    TOLERANCE,
                    "a step that the prompt wrote is not the model's");
            float[] alone = new float[tokens.size()];
            alone[tokens.size() - 1] = 0.5f;
            assertArrayEquals(alone, StepRewards.none().of(List.of(paid)).getFirst(), TOLERANCE);
        }
    }

    /** The sum of what the tokens of a completion are paid, with the default weight. */
    private static double total(Tokenizer tokenizer, String text, Grade grade, double reward) {
        Tokens tokens = tokenizer.encode(text);
        Rollout rollout = new Rollout(
                new Question("q", "?", new Answer.Text("a"), null),
                0,
                Tokens.of(1),
                new Completion(tokens, StopReason.END_OF_TEXT, new float[tokens.size()]),
                text);
        StepGrader sums = Graders.steps(
                new ObjectMapper().createObjectNode().put("type", "arithmetic_check"),
                "step-grader",
                GraderTools.plain(Cot.PROSE));
        double total = 0;
        for (float token : new StepRewards(sums, 0.1, tokenizer)
                .of(List.of(rollout.graded(grade, reward, 0)))
                .getFirst()) {
            total += token;
        }
        return total;
    }

    /**
     * A right answer after one true sum gets 1; a wrong one after twenty true sums gets no more than without them; a false sum costs a
     * tenth.
     */
    @Test
    void moreStepsNeverMeanMorePay() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            Grade wrong = new Grade.Wrong("b");
            assertEquals(1, total(tokenizer, "2 + 3 = 5. It is a.", new Grade.Correct("a"), 1), TOLERANCE);
            assertEquals(0.1, total(tokenizer, "It is b.", wrong, 0.1), TOLERANCE);
            assertEquals(0.1, total(tokenizer, "1 + 1 = 2. ".repeat(20) + "It is b.", wrong, 0.1), TOLERANCE);
            assertEquals(
                    0, total(tokenizer, "2 + 3 = 6. " + "1 + 1 = 2. ".repeat(20) + "It is b.", wrong, 0.1), TOLERANCE);
        }
    }

    private static int tokenWith(Tokenizer tokenizer, Tokens tokens, int offset) {
        int at = 0;
        for (int i = 0; i < tokens.size(); i++) {
            at += tokenizer.decode(tokens.slice(i, i + 1)).length();
            if (at >= offset) {
                return i;
            }
        }
        throw new AssertionError("the text is shorter");
    }
}
