package org.reft4j.ground.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.settings.SettingException.Remedy;

class SettingExceptionTest {
    @Test
    void partsMakeTheMessage() {
        SettingException refused = new SettingException("ppo.kl", -1, "0 or more");
        assertEquals("ppo.kl is -1; expected 0 or more", refused.getMessage());
        assertEquals("", refused.place());
        SettingException placed =
                new SettingException("reft.yaml:3", refused.key(), refused.value(), refused.expected(), refused);
        assertEquals("reft.yaml:3: ppo.kl is -1; expected 0 or more", placed.getMessage());
        assertEquals(placed.getMessage(), placed.message(_ -> "--set"));
        SettingException again = refused.at("x.yaml:4", placed);
        assertEquals("x.yaml:4: ppo.kl is -1; expected 0 or more", again.getMessage());
        assertEquals(
                "x.yaml:4: no",
                new SettingException("no", null).at("x.yaml:4", placed).getMessage());
    }

    private static final class Refused extends SettingException {
        private static final long serialVersionUID = 1L;

        Refused(String before, Remedy remedy, String after) {
            super(before, remedy, after, null);
        }

        Refused(SettingException refused) {
            super(refused);
        }
    }

    private static String options(SettingException.Remedy remedy) {
        return "--set " + String.join(" --set ", remedy.settings()) + (remedy.resume() ? " --resume" : "");
    }

    /** Each face says in its own way how the setting is given that makes the fault good. */
    @Test
    void remedyIsNamedInTheWordsOfWhoeverTells() {
        Refused last = new Refused("another model; accept them with ", new Remedy(List.of("a.b=accept"), false), "");
        assertEquals("another model; accept them with a.b=accept", last.getMessage());
        assertEquals("another model; accept them with --set a.b=accept", last.message(SettingExceptionTest::options));
        Refused within = new Refused("resume it", new Remedy(List.of("a=1", "b=2"), true), ", or delete it");
        assertEquals("resume it (a=1 b=2), or delete it", within.getMessage());
        assertEquals(
                "resume it (--set a=1 --set b=2 --resume), or delete it",
                new Refused(within).message(SettingExceptionTest::options));
        Refused bare = new Refused("resume it", new Remedy(List.of(), true), ", or delete it");
        assertEquals("resume it, or delete it", bare.getMessage());
        assertEquals("resume it (--resume), or delete it", bare.message(_ -> "--resume"));
    }
}
