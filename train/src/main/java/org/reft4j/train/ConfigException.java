package org.reft4j.train;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.SettingException;

/** A configuration that cannot be run. The message names the key, its value and what was expected. */
public final class ConfigException extends SettingException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message, null);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }

    /** A fault that another setting makes good; see {@link SettingException#message}. */
    public static ConfigException unless(String waiver, String message) {
        return new ConfigException(message, new Remedy(List.of(waiver), false), "");
    }

    /** A fault that a run's resumption makes good, with some settings; see {@link SettingException#message}. */
    public static ConfigException resumable(String before, List<String> settings, String after) {
        return new ConfigException(before, new Remedy(settings, true), after);
    }

    private ConfigException(String before, Remedy remedy, String after) {
        super(before, remedy, after, null);
    }

    /** A value that is refused; see {@link SettingException#SettingException(String, String, Object, String, Throwable)}. */
    public ConfigException(String place, String key, Object value, String expected, @Nullable Throwable cause) {
        super(place, key, value, expected, cause);
    }

    /** The same refusal as one of a configuration. */
    public static ConfigException of(SettingException refused) {
        return refused instanceof ConfigException own ? own : new ConfigException(refused);
    }

    private ConfigException(SettingException refused) {
        super(refused);
    }

    /** Throws unless {@code valid}, in the words {@code key is value; expected …}. */
    public static void check(boolean valid, String key, Object value, String expected) {
        if (!valid) {
            throw new ConfigException("", key, value, expected, null);
        }
    }
}
