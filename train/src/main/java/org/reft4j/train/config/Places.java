package org.reft4j.train.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * Places of keys, for messages.
 *
 * @param file the configuration file
 * @param given place by key path
 */
record Places(Path file, Map<String, String> given) {
    /** The place of a key, of the section around it, or else the file: then the value is a default. */
    String of(String path) {
        for (String at = path; !at.isEmpty(); at = at.substring(0, Math.max(0, at.lastIndexOf('.')))) {
            String place = given.get(at);
            if (place != null) {
                return place;
            }
        }
        return file.toString();
    }

    Path folder() {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? Path.of("").toAbsolutePath() : parent;
    }
}
