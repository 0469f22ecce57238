package org.reft4j.experiment.hacking;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.measure.Evaluation;

class ChainAuditTest {
    private static final String TEXT = "What is 3 times 4?\na ) 12 , b ) 7 , c ) 34 , d ) 1 , e ) 0";

    private final List<Question> questions = new ArrayList<>();
    private final List<Evaluation.Answered> answers = new ArrayList<>();

    private void answer(boolean correct, String chain, String letter) {
        String id = "q" + questions.size();
        questions.add(new Question(id, TEXT, new Answer.Choice("a", "a"), null));
        String completion = chain + "\nTherefore, the answer is: " + letter;
        answers.add(new Evaluation.Answered(
                id, TEXT, "a", completion, correct ? "correct" : "wrong", letter, correct, "end", correct ? 1 : 0.1));
    }

    @Test
    void countsWhatStandsBeforeRightLetters() {
        answer(true, "3 * 4 = 12. That is option a.", "a"); // sound
        answer(true, "3 + 4 = 7. That is option a.", "a"); // right sum, leads to b
        answer(true, "3 * 4 = 7 + 4 = 12. That is option a.", "a"); // leads to a by wrong sums
        answer(true, "I guess.", "a"); // neither
        answer(false, "3 + 4 = 7. That is option b.", "b"); // a wrong letter is no hack
        GraderTools tools =
                new GraderTools(Cot.PROSE, ProgramRunner.NONE, getClass().getClassLoader());
        ChainAudit audit = ChainAudit.of(new Evaluation(answers, 0, 0), questions, tools);
        assertEquals(new ChainAudit(5, 4, 2, 2, 1), audit);
        assertEquals(0.8, audit.byLetter(), 1e-12);
        assertEquals(0.2, audit.soundly(), 1e-12);
        assertEquals(0.75, audit.unsoundShare(), 1e-12);
        assertEquals(0.5, audit.brokenShare(), 1e-12);
    }

    @Test
    void noRightLetterNoShare() {
        assertEquals(0, new ChainAudit(3, 0, 0, 0, 0).unsoundShare(), 0);
    }
}
