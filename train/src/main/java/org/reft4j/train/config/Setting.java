package org.reft4j.train.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
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

    /**
     * Puts it into a tree of settings, over what is there.
     *
     * @param places gets the place of its key, for messages
     */
    void put(ObjectNode tree, Map<String, String> places) {
        String origin = "--set " + this;
        String path = key.strip();
        ObjectNode parent = tree;
        int from = 0;
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', from)) {
            String name = path.substring(from, dot);
            if (!(parent.path(name) instanceof ObjectNode)) {
                parent.putObject(name);
                places.put(path.substring(0, dot), origin);
            }
            parent = (ObjectNode) parent.path(name);
            from = dot + 1;
        }
        parent.set(path.substring(from), YamlTree.value(value, origin));
        places.put(path, origin);
    }

    /** As on the command line. */
    @Override
    public String toString() {
        return key + "=" + value;
    }
}
