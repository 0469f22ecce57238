package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.grade.StepScore;

final class ProcessRewardGraderTest {
    private static final Question QUESTION = new Question("q", "?", new Answer.Numeric("7", 7), null);
    private static final String DESCRIPTION = "{'type': 'process_reward_model', 'model': 'steps'%s}";
    /** Two steps: 0.9 and 0.5. */
    private static final GraderTools TOOLS = GraderTools.plain(Cot.PROSE)
            .with(ModelMap.NONE.withSteps(
                    "steps",
                    (question, completion) -> List.of(
                            new StepScore(3, 0.9, ""), new StepScore(completion.length(), 0.5, question.id()))));

    private static double score(String more) {
        Grade grade = Graders.of(GraderObjects.json(DESCRIPTION.formatted(more)), "grader", TOOLS)
                .grade(QUESTION, "One. Two.");
        return grade instanceof Grade.Scored scored ? scored.score() : Double.NaN;
    }

    @Test
    void aCompletionIsWhatItsStepsAre() {
        assertEquals(0.5, score(""), "the worst, unless asked otherwise");
        assertEquals(0.45, score(", 'aggregate': 'product'"), 1e-12);
        assertEquals(0.5, score(", 'aggregate': 'last'"));
    }

    @Test
    void judgesSteps() {
        List<StepScore> steps = Graders.steps(GraderObjects.json(DESCRIPTION.formatted("")), "step-grader", TOOLS)
                .steps(QUESTION, "One. Two.");
        assertEquals(List.of(new StepScore(3, 0.9, ""), new StepScore(9, 0.5, "q")), steps);
    }

    @Test
    void aModelThatNobodyMappedIsRefused() {
        String message = String.valueOf(assertThrows(
                        GraderException.class,
                        () -> Graders.steps(
                                GraderObjects.json("{'type': 'process_reward_model', 'model': 'other'}"),
                                "step-grader",
                                TOOLS))
                .getMessage());
        assertTrue(message.contains("step-grader.model") && message.contains("mapped is steps"), message);
        assertThrows(GraderException.class, () -> score(", 'aggregate': 'mean'"));
    }
}
