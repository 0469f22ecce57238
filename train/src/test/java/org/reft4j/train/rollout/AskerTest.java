package org.reft4j.train.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
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
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;

/** A scripted model that writes the key of each draw. */
class AskerTest {
    private static final Tokenizer TOKENIZER = Tokenizers.small();
    private static final Prompts PROMPTS = new Prompts(
            TOKENIZER, new ReftTemplate(Cot.PROSE), TOKENIZER.endOfText().orElseThrow());
    private static final SamplingConfig GREEDY = SamplingConfig.greedy(200);
    private static final Grader EVEN = (question, text) -> Integer.parseInt(text.strip()) % 2 == 0
            ? new Grade.Correct(text)
            : new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, "odd");

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    private static List<Prompts.Start> starts(int count) {
        return LongStream.range(0, count)
                .mapToObj(i -> PROMPTS.start(new Question("q" + i, i + "?", new Answer.Numeric("7", 7), null)))
                .toList();
    }

    private static Completion key(Sampler.Draw draw) {
        Tokens tokens = TOKENIZER.encode(String.valueOf(draw.key()));
        return new Completion(tokens, StopReason.END_OF_TEXT, new float[tokens.size()]);
    }

    /** Reports no draws, as a remote model may do. */
    private static List<Completion> silent(
            List<Sampler.Draw> draws, SamplingConfig sampling, Sampler.Listener listener) {
        return draws.stream().map(AskerTest::key).toList();
    }

    /** Tells of each draw, the last first. */
    private static List<Completion> telling(
            List<Sampler.Draw> draws, SamplingConfig sampling, Sampler.Listener listener) {
        for (int i = draws.size() - 1; i >= 0; i--) {
            listener.finished(i, key(draws.get(i)));
            listener.sampled(draws.size() - i);
        }
        return silent(draws, sampling, listener);
    }

    @Test
    void everySampleOfEveryQuestionHasItsPlaceKeyAndGrade() {
        List<Asker.Wanted> wanted = Asker.each(starts(2), -1, 2, (question, sample) -> 10L * question + sample + 1);
        for (Asker.Writer writer : List.<Asker.Writer>of(AskerTest::silent, AskerTest::telling)) {
            List<Rollout> written = new ArrayList<>();
            try (Grading grading = new Grading(EVEN, RewardRule.REFT)) {
                List<Rollout> rollouts = new Asker(writer, PROMPTS).ask(wanted, GREEDY, grading, new Asker.Listener() {
                    @Override
                    public void sampled(long tokens) {}

                    @Override
                    public void written(List<Rollout> ungraded) {
                        written.addAll(ungraded);
                    }
                });
                assertEquals(
                        List.of("0", "1", "2", "10", "11", "12"),
                        rollouts.stream().map(Rollout::text).toList());
                assertEquals(
                        List.of(-1, 0, 1, -1, 0, 1),
                        rollouts.stream().map(Rollout::sample).toList());
                assertEquals("q1", rollouts.get(3).question().id());
                assertEquals(
                        List.of(false, true, false, false, true, false),
                        rollouts.stream().map(Rollout::failed).toList());
                assertEquals(1, rollouts.getFirst().reward());
                assertTrue(Double.isNaN(rollouts.get(1).reward()), "a failed grade is paid nothing");
            }
            assertEquals(6, written.size());
            assertThrows(IllegalStateException.class, () -> written.getFirst().grade());
        }
    }

    @Test
    void gradesWhileOthersAreSampled() throws InterruptedException {
        CountDownLatch graded = new CountDownLatch(1);
        Asker asker = new Asker(
                (draws, _, listener) -> {
                    listener.finished(0, key(draws.getFirst()));
                    try {
                        assertTrue(
                                graded.await(30, TimeUnit.SECONDS), "the first is graded before the second is there");
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return draws.stream().map(AskerTest::key).toList();
                },
                PROMPTS);
        Grader telling = (question, text) -> {
            graded.countDown();
            return new Grade.Correct(text);
        };
        try (Grading grading = new Grading(telling, RewardRule.REFT)) {
            assertEquals(
                    2,
                    asker.ask(Asker.each(starts(2), 0, 1, Asker.Keys.NONE), GREEDY, grading, Asker.Listener.NONE)
                            .size());
        }
    }

    /** Completions that were begun are dropped, and another question can be asked. */
    @Test
    void endsBetweenTokensWhereAnEndIsAskedFor() {
        AtomicBoolean stop = new AtomicBoolean(true);
        List<Asker.Wanted> wanted = Asker.each(starts(2), 0, 1, (question, _) -> 2L * question);
        Asker asker = new Asker(AskerTest::telling, PROMPTS).until(stop::get);
        try (Grading grading = new Grading(EVEN, RewardRule.REFT)) {
            assertThrows(Asker.Stopped.class, () -> asker.ask(wanted, GREEDY, grading, Asker.Listener.NONE));
            stop.set(false);
            assertEquals(
                    List.of("0", "2"),
                    asker.ask(wanted, GREEDY, grading, Asker.Listener.NONE).stream()
                            .map(Rollout::text)
                            .toList());
        }
    }

    @Test
    void aChainThatIsGoneOnWithIsReadAsAWhole() {
        Question question = new Question("q", "?", new Answer.Numeric("7", 7), null);
        Tokens begun = TOKENIZER.encode("She had 1");
        Prompts.Start start = Prompts.goingOn(question, PROMPTS.prompt(question), begun);
        assertEquals(PROMPTS.prompt(question).concat(begun), start.tokens());
        Rollout rollout = new Asker(AskerTest::silent, PROMPTS)
                .write(List.of(new Asker.Wanted(start, 0, 27)), GREEDY)
                .getFirst();
        assertEquals("She had 127", rollout.text());
        assertFalse(rollout.graded().isPresent(), "nobody graded it");
    }
}
