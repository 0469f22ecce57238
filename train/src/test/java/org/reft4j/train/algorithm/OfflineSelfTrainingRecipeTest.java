package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.train.learn.Targets;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Prompts;

/** The samples that offline self-training keeps, worked out by hand. */
final class OfflineSelfTrainingRecipeTest {
    /** Its end would be taught where the model never ended. */
    @Test
    void whatIsRightButCutOffIsLeftOutAndCounted() {
        KeptRollout cut =
                Kept.row(1, "apples", 0, "12 - 5?", "7", "It is 7, and", 3, "correct", "7", 1, "length", null);
        KeptRollout wrong =
                Kept.row(1, "apples", 1, "12 - 5?", "7", "It is 8, and", 3, "wrong", "8", 0, "length", null);
        KeptRollout whole = sample(2, "It is 7.", 1);
        assertEquals(List.of("It is 7."), RoundSamples.right(List.of(cut, wrong, whole)));
        SampleMetrics metrics = new SampleMetrics();
        metrics.add(List.of(cut, wrong, whole), 1);
        assertEquals(1.0, metrics.values().get("right-cut-off"));
    }

    private static final String ANNOTATED = "12 - 5 = 7";
    private static final String AS_TARGET = ANNOTATED + "\nTherefore, the answer is: 7";

    private static KeptRollout sample(int number, String text, boolean right, double reward) {
        return new KeptRollout(
                1,
                "apples",
                number,
                "12 - 5?",
                "7",
                null,
                text,
                3,
                "scored",
                right,
                Optional.of("7"),
                reward,
                Map.of(),
                "end-of-text",
                Double.NaN,
                null,
                null);
    }

    private static KeptRollout sample(int number, String text, double reward) {
        return sample(number, text, reward == 1, reward);
    }

    @Test
    void onlyWhatIsRightIsKept() {
        assertEquals(
                List.of("b"),
                RoundSamples.right(List.of(
                        sample(0, "a", false, 0.1),
                        sample(1, "b", true, 0.7),
                        sample(2, "c", false, 0.6),
                        sample(3, "d", false, Double.NaN))));
    }

    @Test
    void chainsDifferByTheirStrippedText() {
        assertEquals(
                List.of("a b", "a  b", "c"),
                RoundSamples.right(List.of(
                        sample(0, "a b\n", 1),
                        sample(1, "  a b", 1),
                        sample(2, "a  b", 1),
                        sample(3, "c", 1),
                        sample(4, " \n", 1),
                        sample(5, "c", 1))));
    }

    @Test
    void someAreChosenAtRandomAndStayInTheirOrder() {
        List<String> chains = List.of("a", "b", "c", "d");
        assertEquals(List.of("b", "d"), SampleRows.atMost(2, chains, new int[] {3, 1, 0, 2}));
        assertEquals(chains, SampleRows.atMost(10, chains, new int[] {3, 1, 0, 2}));
        assertEquals(List.of(), SampleRows.atMost(3, List.of(), new int[0]));
    }

    @Test
    void theAnnotatedChainIsAddedOnce() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            Question question = new Question("apples", "12 - 5?", new Answer.Numeric("7", 7), ANNOTATED);
            assertEquals(List.of("other", AS_TARGET), taught(question, List.of("other"), tokenizer, 100));
            assertEquals(List.of(AS_TARGET), taught(question, List.of(AS_TARGET), tokenizer, 100), "the same text");
            assertEquals(
                    List.of("other"),
                    taught(question.withoutRationale(), List.of("other"), tokenizer, 100),
                    "a question without annotation has its samples");
        }
    }

    @Test
    void rowsAreCut() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            Question question = new Question("apples", "12 - 5?", new Answer.Numeric("7", 7), null);
            Prompts prompts = prompts(tokenizer);
            int prompt = prompts.prompt(question).size();
            Targets targets = new Targets(prompts, prompt + 2);
            List<Row> rows = List.copyOf(RoundRows.ofQuestion(question, List.of("one two three"), targets));
            assertEquals(2, rows.getFirst().completion().size());
            assertEquals(
                    0,
                    RoundRows.ofQuestion(question, List.of("one"), new Targets(prompts, prompt))
                            .size(),
                    "no room behind the prompt");
        }
    }

    /** The texts of the rows' targets, each of which must end with the end of text. */
    private static List<String> taught(Question question, List<String> kept, Tokenizer tokenizer, int maxTokens) {
        Prompts prompts = prompts(tokenizer);
        List<String> texts = new ArrayList<>();
        for (Row row : RoundRows.ofQuestion(question, kept, new Targets(prompts, maxTokens))) {
            assertEquals(prompts.prompt(question), row.prompt());
            assertEquals(
                    prompts.endOfText(), row.completion().get(row.completion().size() - 1));
            texts.add(tokenizer.decode(row.completion()));
        }
        return texts;
    }

    private static Prompts prompts(Tokenizer tokenizer) {
        return new Prompts(
                tokenizer, new ReftTemplate(Cot.PROSE), tokenizer.endOfText().orElseThrow());
    }
}
