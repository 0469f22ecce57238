package org.reft4j.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.train.ConfigException;

/** Words of a few that a setting takes, and what a refusal knows of it. */
class SettingWordsTest {
    @ParameterizedTest
    @CsvSource({
        "reft, value-head, random or zero",
        "reft, critic, shared or separate",
        "reft, optimizer.schedule, constant or linear",
        "dpo, preference.loss, dpo or ipo",
        "dpo, samples.mismatch, refuse or accept",
        "weighted-regression, regression.weights, reward or advantage",
    })
    void anotherWordIsRefused(String recipe, String key, String expected) {
        ConfigException refused = assertThrows(ConfigException.class, () -> of(recipe, key, "other"));
        assertEquals(key, refused.key());
        assertEquals("other", refused.value());
        assertEquals(expected, refused.expected());
        assertEquals(key + "=other", refused.place());
        assertEquals(key + "=other: " + key + " is other; expected " + expected, refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "reft, value-head, zero",
        "reft, critic, separate",
        "reft, optimizer.schedule, linear",
        "dpo, preference.loss, ipo",
        "dpo, samples.mismatch, accept",
        "weighted-regression, regression.weights, reward",
    })
    void aWordStaysAsItIsWritten(String recipe, String key, String word) {
        ConfigFile.Resolved resolved = of(recipe, key, word);
        String last = key.substring(key.lastIndexOf('.') + 1);
        assertTrue(resolved.yaml().contains(last + ": " + word + "\n"), resolved::yaml);
    }

    /** The place is that of the key, also where the value holds the words that a message is made of. */
    @Test
    void whatTheRecordRefusesHasItsPlace() {
        ConfigException refused =
                assertThrows(ConfigException.class, () -> of("reft", "prompt.template", "what is this is no field"));
        assertEquals("prompt.template", refused.key());
        assertTrue(refused.place().startsWith("prompt.template="), refused::getMessage);
        ConfigException rule = assertThrows(ConfigException.class, () -> of("reft", "reward.no-answer", "3"));
        assertEquals("reward.correct", rule.key());
    }

    private static ConfigFile.Resolved of(String recipe, String key, String value) {
        Map<String, String> values = new HashMap<>(Map.of("data.path", ".", "model.path", "."));
        if (recipe.equals("reft")) {
            values.put("steps", "1");
        } else {
            values.put("samples.path", ".");
        }
        values.put(key, value);
        return ConfigFile.of(recipe, values);
    }
}
