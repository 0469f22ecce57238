package org.reft4j.train.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Asker;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.SampledQuestion;

/** Labels by rollouts of a scripted model. */
class StepRolloutsTest {
    private static final Tokenizer TOKENIZER = Tokenizers.small();
    private static final Question QUESTION = new Question("q", "12 - 5?", new Answer.Numeric("7", 7), null);

    @TempDir
    private Path folder;

    private final List<String> asked = new ArrayList<>();

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    private static KeptRollout chain(int number, String text, boolean right) {
        return Kept.line(
                "q",
                "7",
                number,
                text,
                Optional.of(right ? "7.0" : "8.0"),
                right ? "correct" : "wrong",
                right,
                0,
                -1,
                null);
    }

    /** Always right after a text that ends with "12.", never after one with a wrong step, and otherwise in the first of four rollouts. */
    private List<Completion> complete(List<Sampler.Draw> draws, SamplingConfig sampling, Sampler.Listener listener) {
        List<Completion> completions = new ArrayList<>();
        for (Sampler.Draw draw : draws) {
            String text = TOKENIZER.decode(draw.prompt());
            asked.add(text.substring(text.indexOf("reasoning:\n") + 11));
            boolean right = text.endsWith("12.") || (!text.contains("Oops") && draw.key() % 10 == 0);
            Tokens tokens = TOKENIZER.encode(right ? " Yes 7" : " No 8");
            completions.add(new Completion(tokens, StopReason.END_OF_TEXT, new float[tokens.size()]));
        }
        return completions;
    }

    private List<ObjectNode> label(KeptRollout... chains) {
        Prompts prompts = new Prompts(
                TOKENIZER, new ReftTemplate(Cot.PROSE), TOKENIZER.endOfText().orElseThrow());
        Grader grader = (question, text) -> text.endsWith("Yes 7") ? new Grade.Correct("7.0") : new Grade.Wrong("8.0");
        try (Grading grading = new Grading(grader, RewardRule.REFT)) {
            return new StepRollouts(
                            new Passages(prompts, RewardLabels.PROCESS, Cot.PROSE, 200),
                            new Asker(this::complete, prompts),
                            SamplingConfig.greedy(200),
                            grading,
                            (question, sample, step, rollout) ->
                                    question * 1000L + sample * 100L + step * 10L + rollout,
                            4)
                    .label(3, QUESTION, List.of(chains));
        }
    }

    @Test
    void aStepIsAsGoodAsWhatFollowsIt() throws IOException {
        List<ObjectNode> lines = label(
                chain(0, "She had 12. She ate 5. So 7.", true),
                chain(1, "She had 12. Oops, a mistake. Then 8.", false));
        assertEquals("[4,1,4]", lines.get(0).path("right").toString(), "the last step is the chain's own answer");
        assertEquals("[4,0,0]", lines.get(1).path("right").toString());
        assertEquals(4 * 4, asked.size(), "four rollouts behind two steps of each chain");
        assertEquals("She had 12.", asked.getFirst());
        assertEquals("She had 12. She ate 5.", asked.get(4));
        assertEquals(
                "[\"She had 12.\",\"She ate 5.\",\"So 7.\"]",
                lines.getFirst().path("steps").toString());

        // The labels as a reward model reads them.
        Path file = folder.resolve("steps.jsonl");
        Files.writeString(file, lines.getFirst() + "\n");
        assertEquals(List.of(1.0, 1.0, 1.0), labels(file, false), "hard");
        assertEquals(List.of(1.0, 0.25, 1.0), labels(file, true), "soft");
    }

    private static List<Double> labels(Path file, boolean soft) {
        return StepLabels.read(file, List.of(QUESTION), Cot.PROSE, soft)
                .getOrDefault("q", List.of())
                .getFirst()
                .labels();
    }

    @Test
    void chainsAreLabelledOnceEach() {
        SampledQuestion question = new SampledQuestion(
                chain(-1, "a", true),
                List.of(
                        chain(0, "b ", true),
                        chain(1, "b", true),
                        chain(2, " ", false),
                        chain(3, "c", false),
                        chain(4, "d", true)));
        assertEquals(
                List.of(0, 3),
                StepRollouts.chains(question, 2).stream()
                        .map(KeptRollout::sample)
                        .toList());
    }

    private static ObjectNode settings(int rollouts) {
        return JsonNodeFactory.instance.objectNode().put("rollouts", rollouts).put("model", "print");
    }

    @Test
    void aFileGoesOnBehindItsLastWholeQuestion() throws IOException {
        Path file = folder.resolve("labels.jsonl");
        List<Integer> linesEach = List.of(2, 0, 1);
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("item_id", "ü");
        try (StepLabelFile labels = StepLabelFile.open(file, settings(4), linesEach)) {
            assertEquals(0, labels.complete());
            labels.append(List.of(line, line));
            labels.append(List.of());
        }
        String whole = Files.readString(file);
        Files.writeString(file, whole + "{\"item");
        try (StepLabelFile labels = StepLabelFile.open(file, settings(4), linesEach)) {
            assertEquals(2, labels.complete());
            assertEquals(whole, Files.readString(file));
            labels.append(List.of(line));
        }
        try (StepLabelFile labels = StepLabelFile.open(file, settings(4), linesEach)) {
            assertEquals(3, labels.complete());
        }
        String refused = String.valueOf(
                assertThrows(ConfigException.class, () -> StepLabelFile.open(file, settings(8), linesEach))
                        .getMessage());
        assertTrue(refused.contains("rollouts is 4 there and 8 now"), refused);
        Path foreign = folder.resolve("foreign.jsonl");
        Files.writeString(foreign, "mine");
        assertThrows(ConfigException.class, () -> StepLabelFile.open(foreign, settings(4), linesEach));
        assertEquals("mine", Files.readString(foreign));
    }
}
