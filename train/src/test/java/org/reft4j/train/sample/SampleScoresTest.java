package org.reft4j.train.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.Estimate;
import org.reft4j.train.measure.RankedFigures;
import org.reft4j.train.rollout.SampledQuestion;

/** Scores that are stored, and what they say. */
class SampleScoresTest {
    private static final double TOLERANCE = 1e-12;
    /** The right answer is 7; greedy first. Two samples of the first say the same. */
    private static final List<SampledQuestion> QUESTIONS = List.of(
            Samples.question("a", "7.0", "7.0", "3.0", "3.0"),
            Samples.question("b", "1.0", "2.0", "7.0", "-"),
            Samples.question("c", "-", "-", "4.0", "5.0"));

    @TempDir
    private Path folder;

    private final List<String> judged = new ArrayList<>();

    /** A text's score is its length, then one over it. */
    private List<List<Double>> judge(int place, List<String> chains) {
        judged.addAll(chains.stream().map(chain -> place + " " + chain).toList());
        return chains.stream()
                .map(chain -> List.of((double) chain.length(), 1.0 / chain.length()))
                .toList();
    }

    private List<List<List<Double>>> score(int stopAfter) {
        try (SampleScores scores = SampleScores.open(folder, "print", QUESTIONS)) {
            scores.score(QUESTIONS, this::judge, _ -> {}, () -> scores.complete() >= stopAfter);
            return scores.scores();
        }
    }

    private Path file() {
        return folder.resolve("scores-print.jsonl");
    }

    @Test
    void equalTextsAreScoredOnce() {
        List<List<List<Double>>> scores = score(3);
        assertEquals(2 + 4 + 3, judged.size(), judged.toString());
        assertEquals(4, scores.getFirst().size(), "the greedy one and three samples");
        assertEquals(scores.getFirst().get(2), scores.getFirst().get(3));
        assertEquals(List.of(14.0, 1.0 / 14), scores.getFirst().getFirst());
    }

    @Test
    void whatIsStoredIsNotScoredAgain() throws IOException {
        List<List<List<Double>>> undisturbed = score(3);
        String all = Files.readString(file());
        Files.delete(file());
        assertEquals(1, score(1).size());
        // As a kill in the middle of a write would leave it.
        Files.writeString(file(), Files.readString(file()) + "{\"item_id\":\"b\",\"te");
        judged.clear();
        assertEquals(undisturbed, score(3));
        assertTrue(judged.stream().noneMatch(chain -> chain.startsWith("0")), judged.toString());
        assertEquals(all, Files.readString(file()));
    }

    @Test
    void scoresOfOtherSamplesAreRefused() {
        score(3);
        List<SampledQuestion> others = new ArrayList<>(QUESTIONS);
        others.set(1, Samples.question("b", "1.0", "2.0", "7.0", "7.0"));
        ConfigException refused = assertThrows(ConfigException.class, () -> SampleScores.open(folder, "print", others));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("line 2") && message.contains("delete the file"), message);
        assertThrows(
                ConfigException.class,
                () -> SampleScores.open(folder, "print", QUESTIONS.subList(0, 2)),
                "too many lines");
    }

    @Test
    void aScoreThatIsNoNumberIsRefused() throws IOException {
        score(1);
        Files.writeString(file(), Files.readString(file()).replaceFirst("\\[14\\.0", "[\"NaN\""));
        ConfigException refused =
                assertThrows(ConfigException.class, () -> SampleScores.open(folder, "print", QUESTIONS));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("line 1: damaged") && message.contains("a score is \"NaN\""), message);
    }

    @Test
    void figuresEqualHandComputation() {
        // Chosen: a the right one, b the right one, c nothing right.
        List<double[]> scores =
                List.of(new double[] {0.9, 0.2, 0.6}, new double[] {0.3, 0.4, 0.95}, new double[] {0.1, 0.2, 0.3});
        RankedFigures figures = RankedFigures.of(QUESTIONS, scores, List.of(1, 3), 5);
        RankedFigures.AtK all = figures.at().getLast();
        assertEquals(Estimate.wilson(2, 3), all.rerank());
        assertEquals(Map.of("a", true, "b", true, "c", false), figures.reranked());
        // a: 0.9 for 7 against 0.8 for 3. b: 0.4 for 7 against 0.3 for 2.
        assertEquals(Estimate.wilson(2, 3), all.weighted());
        // One sample: a 1 of 3, b 1 of 3, c none.
        assertEquals(2.0 / 9, figures.at().getFirst().rerank().value(), TOLERANCE);
        assertEquals(2.0 / 9, figures.at().getFirst().weighted().value(), TOLERANCE);
        // Right at 0.5: 0.9 of a, 0.2 of a, 0.3 of b, all three of c; wrong: 0.6 of a, 0.4 and 0.95 of b.
        assertEquals(6.0 / 9, figures.classifier().accuracy(), TOLERANCE);
        // Right ones are 0.9 and 0.4; the wrong ones 0.2 0.6 0.3 0.95 0.1 0.2 0.3: 6 and 5 of 7 pairs.
        assertEquals(11.0 / 14, figures.classifier().auc(), TOLERANCE);
        // Pairs of one question: a both, b one of two.
        assertEquals(3.0 / 4, figures.classifier().withinQuestions(), TOLERANCE);
    }
}
