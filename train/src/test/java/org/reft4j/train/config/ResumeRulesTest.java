package org.reft4j.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.train.run.ConfigChanges;
import org.reft4j.train.run.ConfigDifference;

class ResumeRulesTest {
    @Test
    void whatChangesNoFigureMayChange() {
        String before = reft();
        String now = reft(
                "name", "other",
                "checkpoint-every", "7",
                "evaluate.keep-all", "true",
                "rollout.keep-traces", "0.5",
                "guards.kl-stop", "1000",
                "guards.logprob-gap", "2");
        for (boolean prolonging : List.of(true, false)) {
            ConfigChanges changes =
                    prolonging ? ResumeRules.prolonging(before, now) : ResumeRules.sameLength(before, now);
            assertEquals(List.of(), changes.refused());
            assertEquals(
                    List.of(
                            "name",
                            "rollout.keep-traces",
                            "evaluate.keep-all",
                            "guards.logprob-gap",
                            "guards.kl-stop",
                            "checkpoint-every"),
                    keys(changes.allowed()));
            assertTrue(changes.warning().isEmpty());
        }
    }

    @Test
    void everythingElseIsRefusedByItsKeys() {
        String now = reft(
                "seed",
                "1",
                "ppo.clip",
                "0.1",
                "evaluate.every",
                "5",
                "evaluate.batch",
                "3",
                "rollout.batch",
                "3",
                "micro-batch-tokens",
                "100",
                "data.train-limit",
                "5",
                "checkpoint-every",
                "5");
        assertEquals(
                List.of(
                        "seed",
                        "data.train-limit",
                        "rollout.batch",
                        "ppo.clip",
                        "evaluate.every",
                        "evaluate.batch",
                        "micro-batch-tokens"),
                keys(ResumeRules.prolonging(reft(), now).refused()));
    }

    @Test
    void aRunByItselfMayBecomeLonger() {
        String constant = reft("steps", "9", "optimizer.warmup", "0");
        ConfigChanges longer = ResumeRules.prolonging(reft("optimizer.warmup", "0"), constant);
        assertEquals(List.of("steps"), keys(longer.allowed()));
        assertTrue(longer.warning().isEmpty(), "a constant rate is that of any length");
        assertEquals(
                List.of("steps"),
                keys(ResumeRules.sameLength(reft("optimizer.warmup", "0"), constant)
                        .refused()));
        assertEquals(
                "a run can be made longer, not shorter: stop it when it is long enough",
                ResumeRules.prolonging(constant, reft("optimizer.warmup", "0")).hint());
        for (String[] schedule : new String[][] {{"optimizer.schedule", "linear"}, {"optimizer.warmup", "0.2"}}) {
            String before = reft(schedule);
            String now =
                    reft(Arrays.asList(schedule[0], schedule[1], "steps", "9").toArray(String[]::new));
            String warning = ResumeRules.prolonging(before, now).warning().orElse("");
            assertTrue(warning.startsWith("steps was 3 until here and is 9"), warning);
        }
    }

    /** Its rounds are as long as they were. */
    @Test
    void roundsStayAsLongAsTheyWere() {
        Map<String, String> settings = Map.of("model.path", "/", "base.path", "/", "data.path", "/");
        String before = config("offline-self-training", settings);
        Map<String, String> longer = new LinkedHashMap<>(settings);
        longer.put("epochs", "90");
        ConfigChanges changes = ResumeRules.prolonging(before, config("offline-self-training", longer));
        assertEquals(List.of("epochs"), keys(changes.refused()));
        assertEquals("rounds cannot be made longer afterwards", changes.hint());
    }

    /** A run of an earlier build can be resumed, as long as newer keys have their defaults. */
    @Test
    void keysThatCameLaterAreNoChangeWithTheirDefaults() {
        String old = reft().replaceAll("step-weight: [^\n]*\n", "")
                .replaceAll(" +value-clip: [^\n]*\n", "")
                .replace("checkpoint-every: 10m", "checkpoint-every: 0");
        assertTrue(!old.contains("step-weight") && !old.contains("value-clip"), old);
        ConfigChanges same = ResumeRules.prolonging(old, reft());
        assertEquals(List.of(), same.refused());
        assertEquals(List.of("checkpoint-every"), keys(same.allowed()));
        assertEquals(
                List.of("step-weight"),
                keys(ResumeRules.prolonging(old, reft("step-weight", "0.3")).refused()));
        String adapted = reft("lora.rank", "4");
        assertEquals(
                List.of(),
                ResumeRules.prolonging(adapted.replaceAll(" +rslora: [^\n]*\n", ""), adapted)
                        .refused());
    }

    private static List<String> keys(List<ConfigDifference> differences) {
        return differences.stream().map(ConfigDifference::key).toList();
    }

    private static String reft(String... more) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of("model.path", "/", "data.path", "/", "steps", "3"));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return config("reft", settings);
    }

    private static String config(String recipe, Map<String, String> settings) {
        return ConfigFile.of(recipe, settings).yaml();
    }
}
