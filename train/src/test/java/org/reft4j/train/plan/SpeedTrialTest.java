package org.reft4j.train.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.train.algorithm.GrpoRecipeTest;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.Setting;
import org.reft4j.train.settings.RecipeConfig;

class SpeedTrialTest {
    /** A run that is measured on 8 questions never writes 64 answers at once, whose tokens come much faster. */
    @Test
    void asManyAnswersAtOnceAsTheRunWrites() {
        assertEquals(8, SpeedTrial.together(sft("evaluate.questions=8"), 200));
        assertEquals(64, SpeedTrial.together(sft(), 200));
        assertEquals(5, SpeedTrial.together(sft("evaluate.questions=8"), 5));
        assertEquals(1, SpeedTrial.together(sft(), 0));
        assertEquals(
                16,
                SpeedTrial.together(
                        ConfigFile.of("grpo", GrpoRecipeTest.settings()).config(), 200));
        assertEquals(
                6,
                SpeedTrial.together(
                        ConfigFile.of("grpo", GrpoRecipeTest.settings("rollout.batch", "6"))
                                .config(),
                        200));
    }

    /** A tiny model learns from 8 rows at a fifth of the speed at which it learns from a hundred. */
    @Test
    void learnsFromAsManyRowsAsAnUpdate() {
        assertEquals(8, SpeedTrial.updateRows(sft("batch=8")));
        assertEquals(
                4,
                SpeedTrial.updateRows(ConfigFile.of("grpo", GrpoRecipeTest.settings("loss.minibatch", "4"))
                        .config()));
    }

    private static RecipeConfig sft(String... sets) {
        Map<String, String> settings = Map.of(
                "model.new",
                "{layers: 2, width: 32, heads: 2, key-value-heads: 1, feed-forward: 64, context-length: 256}",
                "data.dataset",
                "wordproblems",
                "data.cot",
                "n");
        return ConfigFile.of("sft", settings).with(Setting.parse(List.of(sets))).config();
    }
}
