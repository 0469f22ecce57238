package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.KeptRollout.TokenTrace;
import org.reft4j.train.run.RolloutQuery.Order;

class RolloutQueryTest {
    private static final List<TokenTrace> TRACE = List.of(
            new TokenTrace(" result", -0.5f, -0.25f, 0.125f, 1.5f),
            new TokenTrace("\n\"", Float.NaN, -3.5f, -0.25f, -0.75f));

    @TempDir
    private Path folder;

    private RunFolder run;
    private RunReader reader;

    @BeforeEach
    @SuppressWarnings("MustBeClosedChecker") // closed after each test
    void write() {
        run = RunFolder.open(folder, "recipe: reft\n", Map.of(), false, List.of());
        reader = RunReader.of(folder);
        run.emit(new RunEvent.RolledOut(
                1,
                List.of(
                        rollout(1, "a", "How many apples?", "result = 7 * 6", 1, 5, null),
                        rollout(1, "b", "How many PEARS?", "result = 'it''s 100%'", 0.1, 3, TRACE))));
        run.emit(new RunEvent.RolledOut(
                2,
                List.of(
                        rollout(2, "a", "How many apples?", "return \"x\" OR 1", 0, 9, null),
                        rollout(2, "c", "Wie viele Äpfel?", "snake_case \\d* 100x", Double.NaN, 1, null))));
    }

    @AfterEach
    void close() {
        run.close();
    }

    /** The writer stays open, so that these reads are concurrent with it. */
    @Test
    void everythingComesBackAsItWas() {
        List<KeptRollout> all = reader.rollouts(RolloutQuery.ALL);
        assertEquals(4, all.size());
        assertEquals(rollout(1, "b", "How many PEARS?", "result = 'it''s 100%'", 0.1, 3, TRACE), all.get(1));
        assertNull(all.getFirst().trace());
        assertTrue(Double.isNaN(all.getLast().reward()));
        assertEquals(Map.of(1, 2, 2, 2), reader.rolloutCounts());
        assertEquals(List.of("a", "b"), reader.recurringQuestions(2));
    }

    @Test
    void narrowing() {
        assertEquals("2a 2c", found(RolloutQuery.ALL.steps(2, 9)));
        assertEquals("1a 1b", found(RolloutQuery.ALL.rewards(0.1, 1)));
        assertEquals("1a 2a", found(RolloutQuery.ALL.ofQuestion("a")));
        assertEquals("1a", found(RolloutQuery.ALL.first(1)));
        assertEquals("1b", found(RolloutQuery.ALL.containing("result").rewards(0, 0.5)));
    }

    @Test
    void order() {
        assertEquals("2a 2c 1a 1b", found(RolloutQuery.ALL.in(Order.NEWEST)));
        assertEquals("1a 1b 2a", found(RolloutQuery.ALL.rewards(0, 1).in(Order.HIGHEST_REWARD)));
        assertEquals("2a 1b 1a", found(RolloutQuery.ALL.rewards(0, 1).in(Order.LOWEST_REWARD)));
        assertEquals("2c 1b 1a 2a", found(RolloutQuery.ALL.in(Order.SHORTEST)));
        assertEquals("2a 1a 1b 2c", found(RolloutQuery.ALL.in(Order.LONGEST)));
    }

    @Test
    void textIsTakenAsItStands() {
        assertEquals("1a 1b", found(RolloutQuery.ALL.containing("result = ")));
        assertEquals("1b", found(RolloutQuery.ALL.containing("pears")));
        assertEquals("1a", found(RolloutQuery.ALL.containing("7 * 6")));
        assertEquals("2a", found(RolloutQuery.ALL.containing("\"x\" OR 1")));
        assertEquals("1b", found(RolloutQuery.ALL.containing("100%")));
        assertEquals("2c", found(RolloutQuery.ALL.containing("snake_case")));
        assertEquals("", found(RolloutQuery.ALL.containing("snake-case")));
        assertEquals("2c", found(RolloutQuery.ALL.containing("\\d*")));
        assertEquals("2c", found(RolloutQuery.ALL.containing("Äpfel")));
        assertEquals("1b", found(RolloutQuery.ALL.containing("''")));
        assertEquals("2c", found(RolloutQuery.ALL.containing("_")));
        assertEquals("1a 1b 2a 2c", found(RolloutQuery.ALL.containing("")));
        // All its trigrams are there, but not in a row.
        assertEquals("", found(RolloutQuery.ALL.containing("result = 7 * 6result")));
    }

    @Test
    void narrowedByLengthEndGradeAndPart() {
        assertEquals("1a 1b", found(RolloutQuery.ALL.tokens(3, 5)));
        assertEquals(
                "1a 1b 2a 2c", found(RolloutQuery.ALL.stopped("end-of-text").graded("wrong")));
        assertEquals("", found(RolloutQuery.ALL.stopped("length")));
        run.emit(new RunEvent.RolledOut(3, List.of(parted("d", 0, 0.25, Map.of("it's right", 0.5, "short", 1.0)))));
        assertEquals("3d", found(RolloutQuery.ALL.part("it's right", 0.5, 1)));
        assertEquals("", found(RolloutQuery.ALL.part("it's right", 0, 0.4)));
        assertEquals("", found(RolloutQuery.ALL.part("other", 0, 1)));
    }

    @Test
    void inPagesWithTheirNumber() {
        assertEquals("1b 2a", found(RolloutQuery.ALL.after(1).first(2)));
        assertEquals("", found(RolloutQuery.ALL.after(4)));
        assertEquals(4, reader.rolloutCount(RolloutQuery.ALL.after(1).first(2)));
        assertEquals(2, reader.rolloutCount(RolloutQuery.ALL.ofQuestion("a")));
        assertThrows(ConfigException.class, () -> RolloutQuery.ALL.after(-1));
    }

    /** Rewards 1, 0.1, 0 and none: in four bars of a quarter, two lie in the first, and the highest in the last. */
    @Test
    void rewardsInBars() {
        assertEquals(
                List.of(
                        new RolloutBin(0, 0.25, 2),
                        new RolloutBin(0.25, 0.5, 0),
                        new RolloutBin(0.5, 0.75, 0),
                        new RolloutBin(0.75, 1, 1)),
                reader.rewardHistogram(RolloutQuery.ALL, 4));
        assertEquals(
                List.of(new RolloutBin(1, 1, 1)),
                reader.rewardHistogram(RolloutQuery.ALL.steps(1, 1).ofQuestion("a"), 4));
        assertEquals(List.of(), reader.rewardHistogram(RolloutQuery.ALL.ofQuestion("none"), 4));
    }

    /** In step 3 one group of two has different rewards and one the same; groups of one say nothing. */
    @Test
    void groupsThatWerePaidTheSame() {
        run.emit(new RunEvent.RolledOut(
                3,
                List.of(
                        parted("even", 0, 0.5, Map.of()),
                        parted("even", 1, 0.5, Map.of()),
                        parted("mixed", 0, 0, Map.of()),
                        parted("mixed", 1, 1, Map.of()))));
        assertEquals(Map.of(3, 0.5), reader.sameRewards());
        assertEquals(
                "3mixed 3mixed",
                found(RolloutQuery.ALL.steps(3, 3).in(Order.MOST_MIXED).first(2)));
    }

    private static KeptRollout parted(String question, int sample, double reward, Map<String, Double> parts) {
        return new KeptRollout(
                3,
                question,
                sample,
                "?",
                "42",
                null,
                "x",
                7,
                "scored",
                true,
                Optional.of("because"),
                reward,
                parts,
                "end-of-text",
                Double.NaN,
                null,
                null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"",
                "\"\"\"",
                "'",
                "*",
                "NEAR(",
                "a AND",
                "{completion}: x",
                "^abc",
                "-- x",
                "); DROP TABLE rollout",
                "\0abc",
                "a\0bcd",
                "😀😀😀",
                "\ud83d",
                "%%%%",
                "\\\\\\"
            })
    void nothingInATextIsSyntax(String text) {
        assertEquals("", found(RolloutQuery.ALL.containing(text).ofQuestion("none")));
        assertEquals(4, reader.rollouts(RolloutQuery.ALL).size());
    }

    @Test
    void impossibleRangesAreRefused() {
        assertThrows(ConfigException.class, () -> RolloutQuery.ALL.steps(3, 2));
        assertThrows(ConfigException.class, () -> RolloutQuery.ALL.rewards(1, 0));
        assertThrows(ConfigException.class, () -> RolloutQuery.ALL.first(0));
    }

    @Test
    void answersOfMeasurements() {
        Evaluation.Answered right =
                new Evaluation.Answered("v1", "1 + 1?", "2.0", "2", "correct", "2.0", true, "end-of-text", 1);
        Evaluation.Answered wrong =
                new Evaluation.Answered("v0", "1 + 2?", "3.0", "4", "wrong", "4.0", false, "length", 0.1);
        run.emit(new RunEvent.Evaluated(2, "validation", new Evaluation(List.of(right, wrong), 2, 0.5)));
        assertEquals(List.of(right, wrong), reader.answers(2, "validation"));
        assertEquals(List.of(), reader.answers(2, "test"));
        RunReader.Measured measured = reader.evaluations().getFirst();
        assertEquals(0.5, measured.accuracy());
        // Wilson's interval for 1 of 2, computed by hand with z = 1.959964.
        assertEquals(0.0945, measured.low(), 1e-4);
        assertEquals(0.9055, measured.high(), 1e-4);
    }

    @Test
    void noRunNoRollouts() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThrows(ConfigException.class, () -> RunReader.of(empty));
        Files.writeString(empty.resolve("config.yaml"), "recipe: sft\n");
        assertEquals(List.of(), RunReader.of(empty).rollouts(RolloutQuery.ALL));
        assertEquals(Map.of(), RunReader.of(empty).metrics());
    }

    private String found(RolloutQuery query) {
        return String.join(
                " ",
                reader.rollouts(query).stream()
                        .map(rollout -> rollout.step() + rollout.questionId())
                        .toList());
    }

    private static KeptRollout rollout(
            int step,
            String id,
            String question,
            String completion,
            double reward,
            int tokens,
            @Nullable List<TokenTrace> trace) {
        return Kept.row(
                step, id, 0, question, "42.0", completion, tokens, "wrong", "7.0", reward, "end-of-text", trace);
    }
}
