package org.reft4j.ground.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SettingExceptionTest {
    @Test
    void partsMakeTheMessage() {
        SettingException refused = new SettingException("ppo.kl", -1, "0 or more");
        assertEquals("ppo.kl is -1; expected 0 or more", refused.getMessage());
        assertEquals("", refused.place());
        SettingException placed =
                new SettingException("reft.yaml:3", refused.key(), refused.value(), refused.expected(), refused);
        assertEquals("reft.yaml:3: ppo.kl is -1; expected 0 or more", placed.getMessage());
        assertEquals(placed.getMessage(), placed.message("--set "));
    }

    /** Each face says in its own way how the setting is given that makes the fault good. */
    @Test
    void waiverIsNamedInTheWordsOfWhoeverTells() {
        var refused =
                new SettingException(
                        new SettingException.Waiver("a.b=accept"),
                        "samples.path is x, of another model; accept them with ",
                        null) {
                    private static final long serialVersionUID = 1L;
                };
        assertEquals("samples.path is x, of another model; accept them with a.b=accept", refused.getMessage());
        assertEquals(
                "samples.path is x, of another model; accept them with --set a.b=accept", refused.message("--set "));
    }
}
