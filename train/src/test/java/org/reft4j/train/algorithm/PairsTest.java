package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.tensor.Place;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.learn.ToldRun;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.RecipeConfig;

/** Which samples are learned from, by hand. */
final class PairsTest {
    private final ToldRun run = new ToldRun();

    private static ScoredSample sample(String question, String text, double reward, Tokenizer tokenizer) {
        return new ScoredSample(
                new Question(question, question + "?", new Answer.Numeric("7", 7), null),
                "here",
                text,
                tokenizer.encode(text),
                reward,
                reward == 1);
    }

    private static Prompts prompts(Tokenizer tokenizer) {
        return new Prompts(
                tokenizer, new ReftTemplate(Cot.PROSE), tokenizer.endOfText().orElseThrow());
    }

    private static <C extends RecipeConfig> C config(Class<C> type, String recipe, String... more) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of("model.path", ".", "samples.path", "."));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return type.cast(ConfigFile.of(recipe, settings).config());
    }

    private List<String> pairs(List<List<ScoredSample>> samples, Tokenizer tokenizer, String... settings) {
        DpoRecipe.Settings config = config(DpoRecipe.Settings.class, "dpo", settings);
        return Pairs.of(samples, config, new SampleRows(prompts(tokenizer), config.maxTokens()), run).stream()
                .map(pair -> tokenizer.decode(pair.chosen().completion()) + ">"
                        + tokenizer.decode(pair.rejected().completion()))
                .toList();
    }

    @Test
    void everyRightOneWithEveryWrongOneButEachOnce() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            List<ScoredSample> samples = List.of(
                    sample("a", "one", 1, tokenizer),
                    sample("a", "two", 0.1, tokenizer),
                    sample("a", "one", 1, tokenizer),
                    sample("a", "three", 1, tokenizer),
                    sample("a", "four", 0, tokenizer),
                    sample("a", "five", Double.NaN, tokenizer));
            assertEquals(
                    List.of("one>two", "one>four", "three>two", "three>four"),
                    pairs(List.of(samples), tokenizer, "pairs-per-question", "9"));
            assertEquals(1, run.events().size(), "the one that failed is told of");
            assertTrue(
                    run.events().toString().contains("1 samples were left out"),
                    run.events().toString());
        }
    }

    @Test
    void someAreChosenBySeed() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            List<ScoredSample> samples = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                samples.add(sample("a", "right " + i, 1, tokenizer));
                samples.add(sample("a", "wrong " + i, 0, tokenizer));
            }
            List<String> seven = pairs(List.of(samples), tokenizer, "pairs-per-question", "7");
            assertEquals(7, new HashSet<>(seven).size(), "each once");
            assertEquals(seven, pairs(List.of(samples), tokenizer, "pairs-per-question", "7"));
            assertNotEquals(seven, pairs(List.of(samples), tokenizer, "pairs-per-question", "7", "seed", "43"));
        }
    }

    @Test
    void whatMakesNoPairIsCounted() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            List<List<ScoredSample>> samples = List.of(
                    List.of(sample("a", "one", 1, tokenizer), sample("a", "two", 0, tokenizer)),
                    List.of(sample("b", "one", 1, tokenizer), sample("b", "two", 1, tokenizer)),
                    List.of(sample("c", "one", 1, tokenizer), sample("c", "one", 0, tokenizer)));
            assertEquals(List.of("one>two"), pairs(samples, tokenizer));
            assertTrue(
                    run.events().toString().contains("2 of 3 questions make no pair"),
                    run.events().toString());
        }
    }

    @Test
    void longRowsAreLeftOut() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            ScoredSample longer = sample("a", "one two three four five six seven eight nine ten", 0, tokenizer);
            List<List<ScoredSample>> samples = List.of(List.of(sample("a", "one", 1, tokenizer), longer));
            int prompt = prompts(tokenizer).prompt(longer.question()).size();
            int tokens = tokenizer.encode(longer.text()).size();
            assertEquals(
                    1,
                    pairs(samples, tokenizer, "max-tokens", Integer.toString(prompt + tokens))
                            .size());
            String message = String.valueOf(assertThrows(
                            ConfigException.class,
                            () -> pairs(samples, tokenizer, "max-tokens", Integer.toString(prompt + tokens - 1)))
                    .getMessage());
            assertTrue(message.contains("no pair to learn from: 0 of 1 questions make no pair"), message);
            assertTrue(message.endsWith("raise max-tokens"), message);
        }
    }

    @Test
    void bothRowsOfAPairGoTogether() {
        List<Pairs.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            pairs.add(
                    new Pairs.Pair(new Row(Tokens.of(i, 1), Tokens.of(2, 3)), new Row(Tokens.of(i, 1), Tokens.of(4))));
        }
        List<int[]> groups = Pairs.batch(pairs).parts(Place.HOST, 8);
        assertEquals(3, groups.size(), "four tokens a pair, two pairs a group");
        assertEquals(5, groups.stream().mapToInt(group -> group.length).sum());
        assertEquals(
                List.of(
                        pairs.get(1).chosen(),
                        pairs.get(0).chosen(),
                        pairs.get(1).rejected(),
                        pairs.get(0).rejected()),
                Pairs.rows(List.of(pairs.get(1), pairs.get(0))));
    }

    @Test
    void weightsAreOfAllSamplesOfAQuestion() {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            WeightedRegressionRecipe.Settings config = config(
                    WeightedRegressionRecipe.Settings.class,
                    "weighted-regression",
                    "samples-per-question",
                    "1",
                    "regression.beta",
                    "1");
            List<ScoredSample> samples = List.of(
                    sample("a", "one", 1, tokenizer),
                    sample("a", "one", 0, tokenizer),
                    sample("a", "two", Double.NaN, tokenizer));
            List<WeightedRow> chosen = WeightedRow.of(
                    List.of(samples), config, 1, config.regression()::of, new SampleRows(prompts(tokenizer), 200), run);
            assertEquals(1, chosen.size());
            assertEquals(
                    Math.exp(chosen.getFirst().reward() - 0.5),
                    chosen.getFirst().weight(),
                    1e-12);
        }
    }

    @Test
    void mismatchedCompletionsAreOfOtherQuestionsAndFit() {
        List<WeightedRow> samples = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            samples.add(new WeightedRow(i / 3, new Row(Tokens.of(i / 3, 7), Tokens.of(10 + i / 3, 5, 6)), 1, true, 1));
        }
        KtoSettings config = config(KtoSettings.class, "kto", "max-tokens", "4");
        List<Row> rows = KtoRecipe.mismatched(samples, new Seeds(3), config, config.maxTokens());
        for (int i = 0; i < 9; i++) {
            assertEquals(samples.get(i).row().prompt(), rows.get(i).prompt());
            assertNotEquals(10 + i / 3, rows.get(i).completion().get(0), "of another question");
            assertEquals(2, rows.get(i).completion().size(), "cut to four tokens with the prompt");
        }
        String message = String.valueOf(assertThrows(
                        ConfigException.class,
                        () -> KtoRecipe.mismatched(samples.subList(0, 3), new Seeds(3), config, config.maxTokens()))
                .getMessage());
        assertTrue(message.contains("one question only"), message);
    }
}
