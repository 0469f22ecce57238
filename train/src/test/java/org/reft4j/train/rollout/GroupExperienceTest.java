package org.reft4j.train.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.train.loss.GroupAdvantage;
import org.reft4j.train.loss.OverlongPenalty;

class GroupExperienceTest {
    private static Rollout graded(int tokens, StopReason stop, double reward) {
        Completion completion = new Completion(Tokens.of(new int[tokens]), stop, new float[tokens]);
        Question question = new Question("a", "?", new Answer.Text("1"), null);
        return new Rollout(question, 0, Tokens.of(1), completion, "").graded(new Grade.Wrong("2"), reward, 0);
    }

    /** Rewards 1 and 1 - 0.5: the mean is 0.75. */
    @Test
    void thePenaltyIsPartOfTheReward() {
        List<Rollout> group = List.of(graded(2, StopReason.END_OF_TEXT, 1), graded(8, StopReason.END_OF_TEXT, 1));
        List<GroupExperience.Entry> compared =
                GroupExperience.compare(List.of(group), new OverlongPenalty(10, 4), GroupAdvantage.UNSCALED, false);
        assertEquals(
                List.of(0.0, -0.5),
                compared.stream().map(GroupExperience.Entry::penalty).toList());
        assertEquals(
                List.of(0.25f, -0.25f),
                compared.stream().map(GroupExperience.Entry::advantage).toList());
        assertFalse(Rollout.unequal(group), "questions are left out by what their grades were paid");
    }

    @Test
    void whatWasCutOffCountsForTheOthersOnly() {
        List<Rollout> group = List.of(graded(2, StopReason.LENGTH, 0), graded(2, StopReason.END_OF_TEXT, 1));
        assertTrue(Rollout.unequal(group));
        List<GroupExperience.Entry> compared =
                GroupExperience.compare(List.of(group), OverlongPenalty.NONE, GroupAdvantage.UNSCALED, true);
        assertEquals(
                List.of(false, true),
                compared.stream().map(GroupExperience.Entry::counts).toList());
        assertEquals(0.5f, compared.getLast().advantage());
        assertTrue(GroupExperience.compare(List.of(group), OverlongPenalty.NONE, GroupAdvantage.UNSCALED, false)
                .getFirst()
                .counts());
    }
}
