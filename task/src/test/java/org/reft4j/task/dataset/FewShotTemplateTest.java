package org.reft4j.task.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class FewShotTemplateTest {
    private static final Question ONE = new Question("1", " Two and two? ", new Answer.Numeric("4", 4), "2 + 2 = 4 ");
    private static final Question TWO = new Question("2", "Ten less one?", new Answer.Numeric("9", 9), "10 - 1 = 9");
    private static final Question ASKED = new Question("3", "Six and one?", new Answer.Numeric("7", 7), null);

    @Test
    void examplesStandBeforeTheQuestionAsTheyWouldBeTaught() {
        PromptTemplate plain = new ReftTemplate(Cot.PROSE);
        FewShotTemplate template = new FewShotTemplate(plain, FewShotTemplate.examples(plain, List.of(ONE, TWO)));
        assertEquals("""
                Question:
                Two and two?
                Answer reasoning:
                2 + 2 = 4
                Therefore, the answer is: 4

                Question:
                Ten less one?
                Answer reasoning:
                10 - 1 = 9
                Therefore, the answer is: 9

                Question:
                Six and one?
                Answer reasoning:
                """, template.prompt(ASKED));
        assertTrue(template.shows(ONE.withoutRationale()) && template.shows(TWO));
        assertFalse(template.shows(ASKED));
        // The text between an example and the next question is the stop text of a model that asks a question of its
        // own.
        assertTrue(template.examples().contains(FewShotTemplate.STOP + "\nTen"), FewShotTemplate.STOP);
        assertEquals(plain.target(TWO), template.target(TWO));
        assertEquals(Cot.PROSE, template.cot());
    }

    @Test
    void programsBeginWithTheirHead() {
        PromptTemplate plain = new ReftTemplate(Cot.PROGRAM);
        Question program = new Question(
                "1", "Q?", new Answer.Numeric("4", 4), "def solution():\n    \"\"\"Q?\"\"\"\n    return 4");
        FewShotTemplate template = new FewShotTemplate(plain, FewShotTemplate.examples(plain, List.of(program)));
        assertEquals("def solution():\n    \"\"\"Six and one?\"\"\"\n", template.header(ASKED));
        assertTrue(template.prompt(ASKED).contains("return 4\n\nQuestion:\nSix"), template.prompt(ASKED));
    }

    @Test
    void anExampleNeedsARationale() {
        List<Question> shown = List.of(ASKED);
        assertThrows(DataException.class, () -> FewShotTemplate.examples(new ReftTemplate(Cot.PROSE), shown));
    }
}
