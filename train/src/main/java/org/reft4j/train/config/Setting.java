package org.reft4j.train.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.settings.SettingsTree;
import org.reft4j.train.ConfigException;

/**
 * One setting that is put over those of a configuration file.
 *
 * @param key its key, such as {@code ppo.kl}
 * @param value its value, in YAML; {@code null} takes back what the file says
 * @param place the place where it was given, for messages
 */
public record Setting(String key, String value, String place) {
    /** A setting that is its own place. */
    public Setting(String key, String value) {
        this(key, value, key + "=" + value);
    }

    /**
     * Reads settings.
     *
     * @param texts each {@code KEY=VALUE}, such as {@code ppo.kl=0.01}
     * @throws ConfigException if one has no key or no value
     */
    public static List<Setting> parse(List<String> texts) {
        return parse(texts, "");
    }

    /**
     * The same with places in the words of whoever took the settings.
     *
     * @param option what stood before each, such as the option of a command
     */
    public static List<Setting> parse(List<String> texts, String option) {
        return texts.stream().map(text -> parse(text, option)).toList();
    }

    private static Setting parse(String text, String option) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new ConfigException(option + text + ": expected key=value, such as ppo.kl=0.01");
        }
        return new Setting(text.substring(0, equals), text.substring(equals + 1), option + text);
    }

    /**
     * Puts it into a tree of settings, over what is there.
     *
     * @param places gets the place of its key, for messages
     */
    void put(ObjectNode tree, Map<String, String> places) {
        String path = key.strip();
        ObjectNode parent = tree;
        int from = 0;
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', from)) {
            String name = path.substring(from, dot);
            if (!(parent.path(name) instanceof ObjectNode)) {
                parent.putObject(name);
                places.put(path.substring(0, dot), place);
            }
            parent = (ObjectNode) parent.path(name);
            from = dot + 1;
        }
        parent.set(path.substring(from), SettingsTree.value(value, place));
        places.put(path, place);
    }

    /** As a text that can be read again. */
    @Override
    public String toString() {
        return key + "=" + value;
    }
}
