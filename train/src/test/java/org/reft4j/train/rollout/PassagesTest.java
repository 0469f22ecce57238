package org.reft4j.train.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.reft4j.model.SequenceClassifier.Passage;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.train.ConfigException;

class PassagesTest {
    private static final Tokenizer TOKENIZER = Tokenizers.small();
    private static final Question QUESTION = new Question("q", "12 - 5?", new Answer.Numeric("7", 7), null);
    private static final String CHAIN = "She had 12. She ate 5.\nSo 7 are left. ";

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    private static Passages passages(RewardLabels labels, int maxTokens) {
        Prompts prompts = new Prompts(
                TOKENIZER, new ReftTemplate(Cot.PROSE), TOKENIZER.endOfText().orElseThrow());
        return new Passages(prompts, labels, Cot.PROSE, maxTokens);
    }

    @Test
    void anOutcomeIsJudgedAtTheLastToken() {
        Passage passage = passages(RewardLabels.OUTCOME, 200).of(QUESTION, CHAIN);
        assertEquals(CHAIN, TOKENIZER.decode(passage.chain()));
        assertEquals(List.of(passage.chain().size()), passage.ends());
    }

    @Test
    void stepsAreJudgedWhereTheirTextEnds() {
        Passage passage = passages(RewardLabels.PROCESS, 200).of(QUESTION, CHAIN);
        List<String> texts = passage.ends().stream()
                .map(end -> TOKENIZER.decode(passage.chain().slice(0, end)).strip())
                .toList();
        assertEquals(List.of("She had 12.", "She had 12. She ate 5.", CHAIN.strip()), texts);
    }

    @Test
    void whatIsTooLongIsCutWithItsSteps() {
        Passage whole = passages(RewardLabels.PROCESS, 200).of(QUESTION, CHAIN);
        int cut = whole.prompt().size() + whole.ends().get(1);
        Passage passage = passages(RewardLabels.PROCESS, cut).of(QUESTION, CHAIN);
        assertEquals(whole.ends().subList(0, 2), passage.ends());
        assertEquals(whole.chain().slice(0, whole.ends().get(1)), passage.chain());
        assertThrows(
                ConfigException.class, () -> passages(RewardLabels.OUTCOME, 3).of(QUESTION, CHAIN));
    }
}
