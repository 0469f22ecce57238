package org.reft4j.task.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.reft4j.task.dataset.ReftTemplate.ProgramHead;
import org.reft4j.task.source.Refusal;

/** Expected texts are written out as the reference code's format strings give them. */
class ReftTemplateTest {
    private static final Question ASKED = new Question(
            "svamp_1", "\u00a0 How many are 2 + 3 ? \n", new Answer.Numeric("5.0", 5), "\n  2 + 3 is 5.\n");

    @Test
    void promptIsInstructionQuestionTrigger() {
        assertEquals("Question:\nHow many are 2 + 3 ?\nAnswer reasoning:\n", new ReftTemplate(Cot.PROSE).prompt(ASKED));
    }

    @Test
    void proseEndsInTheAnswerAsTheFileSpellsIt() {
        ReftTemplate template = new ReftTemplate(Cot.PROSE);
        assertEquals("2 + 3 is 5.\nTherefore, the answer is: 5.0", template.target(ASKED));
        assertEquals("", template.header(ASKED));
    }

    @Test
    void programsGetTheQuestionAsDocstring() {
        ReftTemplate template = new ReftTemplate(Cot.PROGRAM);
        assertEquals("def solution():\n    \"\"\"How many are 2 + 3 ?\"\"\"\n", template.header(ASKED));
        assertEquals("2 + 3 is 5.", template.target(ASKED));
    }

    @Test
    void theShortHeadIsTheBeginningOfTheTarget() {
        ReftTemplate template = new ReftTemplate(Cot.PROGRAM, ProgramHead.SIGNATURE);
        String program = "def solution():\n    result = 2 + 3\n    return result";
        Question question = new Question("q", "?", new Answer.Numeric("5", 5), program);
        assertEquals("def solution():", template.header(question));
        assertTrue(template.target(question).startsWith(template.header(question)));
    }

    @Test
    void withoutRationaleThereIsNoTarget() {
        String message = Refusal.of(() -> new ReftTemplate(Cot.PROSE).target(ASKED.withoutRationale()));
        assertTrue(message.contains("svamp_1"), message);
    }
}
