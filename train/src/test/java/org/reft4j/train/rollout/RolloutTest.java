package org.reft4j.train.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;

class RolloutTest {

    private static Rollout graded(String question, int sample, double reward) {
        Tokens tokens = Tokens.of(1, 2);
        Rollout rollout = new Rollout(
                new Question(question, "?", new Answer.Text("1"), null),
                sample,
                tokens,
                new Completion(tokens, StopReason.END_OF_TEXT, new float[2]),
                "");
        return rollout.graded(new Grade.Wrong("2"), reward, 0);
    }

    @Test
    void keepsTheQuestionsThatWerePaidUnequallyInTheirOrder() {
        Rollout a0 = graded("a", 0, 1);
        Rollout a1 = graded("a", 1, 1);
        Rollout b0 = graded("b", 0, 0.1);
        Rollout b1 = graded("b", 1, 0);
        Rollout c0 = graded("c", 0, 0);
        Rollout b2 = graded("b", 2, 0.1);
        assertEquals(List.of(b0, b1, b2), Rollout.mixed(List.of(a0, a1, b0, b1, c0, b2)));
    }

    @Test
    void keepsAllWhereNoQuestionWasPaidUnequally() {
        List<Rollout> same = List.of(graded("a", 0, 1), graded("a", 1, 1), graded("b", 0, 0));
        assertEquals(same, Rollout.mixed(same));
    }
}
