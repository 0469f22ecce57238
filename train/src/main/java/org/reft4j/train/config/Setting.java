package org.reft4j.train.config;

import java.util.List;
import org.reft4j.train.ConfigException;

/**
 * One setting that is put over those of a configuration file.
 *
 * @param key its key, such as {@code ppo.kl}
 * @param value its value, in YAML; {@code null} takes back what the file says
 */
public record Setting(String key, String value) {
    /**
     * Reads settings from the command line.
     *
     * @param texts each {@code KEY=VALUE}, such as {@code ppo.kl=0.01}
     * @throws ConfigException if one has no key or no value
     */
    public static List<Setting> parse(List<String> texts) {
        return texts.stream().map(Setting::parse).toList();
    }

    private static Setting parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new ConfigException("--set " + text + ": expected key=value, such as ppo.kl=0.01");
        }
        return new Setting(text.substring(0, equals), text.substring(equals + 1));
    }

    /** As on the command line. */
    @Override
    public String toString() {
        return key + "=" + value;
    }
}
