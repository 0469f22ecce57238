package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.algorithm.ReftSettings;
import org.reft4j.train.algorithm.SftRecipe;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.rollout.Prompts;

/** The recipe files of the generated families fit their data, and both recipes run on them as they are. */
class FamilyRecipesTest {
    /** A model too small to learn, and a few questions. */
    private static final List<String> SMALL = List.of(
            "--set", "data.options.annotated=8",
            "--set", "data.options.answers=8",
            "--set", "data.options.validation=4",
            "--set", "data.options.test=4");

    @TempDir
    private Path runs;

    @ParameterizedTest
    @ValueSource(strings = {"countdown", "lookup", "extraction"})
    void rowsFitIntoTheLengths(String family) {
        SftRecipe.Settings sft = (SftRecipe.Settings)
                ConfigFile.explain(file(family, "sft"), List.of()).config();
        ReftSettings reft = (ReftSettings)
                ConfigFile.explain(file(family, "reft"), List.of()).config();
        assertEquals(sft.data(), reft.data());
        Dataset data = Datasets.open(sft.data());
        try (Tokenizer tokenizer = Tokenizers.small()) {
            Prompts prompts = new Prompts(
                    tokenizer, data.template(), tokenizer.endOfText().orElseThrow());
            int prompt = 0;
            int whole = 0;
            for (Question question : data.validation()) {
                int tokens = prompts.start(question).tokens().size();
                prompt = Math.max(prompt, tokens);
                whole = Math.max(whole, tokens + prompts.target(question).size());
            }
            String lengths = prompt + " tokens of a prompt, " + whole + " in all";
            assertTrue(prompt <= reft.rollout().maxPromptTokens(), lengths);
            assertTrue(whole <= reft.rollout().maxTotalTokens(), lengths);
            assertTrue(whole <= sft.maxTokens() && whole <= sft.evaluate().maxTotalTokens(), lengths);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"countdown", "lookup", "extraction"})
    void bothRecipesRun(String family) throws IOException {
        JsonNode warm = train(
                family,
                "sft",
                "model.new={layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 512}",
                "epochs=1");
        assertEquals("done", warm.path("outcome").asText());
        JsonNode reft = train(
                family,
                "reft",
                "model.path=" + warm.path("model").asText(),
                "steps=1",
                "rollout.questions=2",
                "rollout.samples=2",
                "ppo.minibatch=4");
        assertEquals("done", reft.path("outcome").asText());
        assertTrue(reft.path("metrics").path("reward").isNumber(), reft::toString);
        JsonNode evaluated = Cli.run(
                        "evaluate",
                        "--model",
                        runs.resolve(family + "-reft"),
                        "--data",
                        family + ":test=3",
                        "--cot",
                        "n",
                        "--max-total-tokens",
                        "260",
                        "--out",
                        runs.resolve("evaluation"),
                        "--json")
                .done()
                .json();
        assertEquals(3, evaluated.path("total").asInt());
    }

    private JsonNode train(String family, String recipe, String... sets) throws IOException {
        List<Object> words = new ArrayList<>(List.of("train", file(family, recipe), "--runs", runs, "--json"));
        words.addAll(SMALL);
        for (String set : sets) {
            words.addAll(List.of("--set", set));
        }
        return Cli.run(words.toArray()).done().json();
    }

    private static Path file(String family, String recipe) {
        return RecipeFilesTest.RECIPES.resolve(family + "-" + recipe + ".yaml");
    }
}
