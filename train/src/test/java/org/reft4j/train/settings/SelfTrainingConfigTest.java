package org.reft4j.train.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.train.ConfigException;
import org.reft4j.train.algorithm.OfflineSelfTrainingSettings;
import org.reft4j.train.algorithm.OnlineSelfTrainingSettings;
import org.reft4j.train.config.ConfigFile;

/** The paper's settings are the defaults, and what cannot be run is refused. */
final class SelfTrainingConfigTest {
    private static final String MODEL =
            "{layers: 1, width: 8, heads: 2, key-value-heads: 1, feed-forward: 16, context-length: 64}";

    private static Map<String, String> settings(String... more) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("model.path", ".");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    private static String refused(String recipe, Map<String, String> settings) {
        return String.valueOf(assertThrows(ConfigException.class, () -> ConfigFile.of(recipe, settings))
                .getMessage());
    }

    @Test
    void offlineDefaultsAreThePapers() {
        OfflineSelfTrainingSettings config =
                (OfflineSelfTrainingSettings) ConfigFile.of("offline-self-training", settings("base.new", MODEL))
                        .config();
        assertEquals(100, config.rollout().samples());
        assertEquals(1, config.rollout().temperature());
        assertEquals(50, config.rollout().topK());
        assertEquals(1024, config.rollout().maxTotalTokens());
        assertEquals(10, config.keep());
        assertEquals(1, config.iterate());
        assertEquals(20, config.epochs());
        assertEquals(48, config.batch());
        assertEquals(1e-5, config.optimizer().learningRate());
        assertEquals(OptimizerConfig.Schedule.LINEAR, config.optimizer().schedule());
    }

    @Test
    void onlineDefaultsAreThePapers() {
        OnlineSelfTrainingSettings config = (OnlineSelfTrainingSettings)
                ConfigFile.of("online-self-training", settings("steps", "9")).config();
        assertEquals(32, config.rollout().questions());
        assertEquals(1, config.rollout().samples());
        assertEquals(0, config.rollout().topK());
        assertEquals(700, config.rollout().maxTotalTokens());
        assertEquals(2, config.passes());
        assertEquals(3e-7, config.optimizer().learningRate());
        assertEquals(OptimizerConfig.Schedule.CONSTANT, config.optimizer().schedule());
        assertEquals(0, config.rollout().questioning().keepTraces(), "there is nobody who measures tokens");
    }

    @ParameterizedTest
    @CsvSource({
        "keep, 0, sft",
        "iterate, 0, positive",
        "batch, 0, positive",
        "epochs, 0, above 0",
        "rollout.samples, 0, positive",
        "rollout.temperature, 0, above 0",
        "rollout.max-total-tokens, 1000, max-prompt-tokens",
        "guards.grader-failures, 2, share",
        "max-tokens, 1, more than 1"
    })
    void offlineRefuses(String key, String value, String remedy) {
        String message = refused("offline-self-training", settings("base.new", MODEL, key, value));
        assertTrue(message.contains(key) && message.contains(remedy), message);
    }

    @ParameterizedTest
    @CsvSource({"passes, 0, positive", "steps, 0, positive", "rollout.questions, 0, positive"})
    void onlineRefuses(String key, String value, String remedy) {
        String message = refused("online-self-training", settings("steps", "2", key, value));
        assertTrue(message.contains(key) && message.contains(remedy), message);
    }

    @Test
    void aWarmUpIsAsked() {
        for (String recipe : new String[] {"offline-self-training", "online-self-training"}) {
            Map<String, String> fresh = settings("base.new", MODEL, "steps", "2");
            fresh.remove("model.path");
            fresh.remove(recipe.startsWith("off") ? "steps" : "base.new");
            String none = refused(recipe, fresh);
            assertTrue(none.contains("model is {}; expected either path"), none);
            fresh.put("model.new", MODEL);
            String made = refused(recipe, fresh);
            assertTrue(made.contains("model.new is given") && made.contains("warm-up"), made);
        }
    }

    @Test
    void aBaseIsAsked() {
        String none = refused("offline-self-training", settings());
        assertTrue(none.contains("base is missing"), none);
        String both = refused("offline-self-training", settings("base.new", MODEL, "base.path", "."));
        assertTrue(both.contains("base is path and new; expected either"), both);
        String adapters = refused("offline-self-training", settings("base.new", MODEL, "lora.rank", "2"));
        assertTrue(adapters.contains("base.new"), adapters);
        String gone = refused("offline-self-training", settings("base.path", "no/such/folder"));
        assertTrue(gone.contains("base.path") && gone.contains("no such file"), gone);
    }

    /** 3 + 5 x 2 rows, 4 a batch: 4 updates an epoch, 2.5 epochs: 10 and a step of sampling, twice. */
    @Test
    void countsSteps() {
        OfflineSelfTrainingSettings config = (OfflineSelfTrainingSettings) ConfigFile.of(
                        "offline-self-training",
                        settings("base.new", MODEL, "keep", "2", "batch", "4", "epochs", "2.5", "iterate", "2"))
                .config();
        assertEquals(10, config.updates(13));
        assertEquals(22, config.mostSteps(3, 5));
    }
}
