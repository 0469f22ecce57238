package org.reft4j.template;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one value that a template can change from within a loop. */
final class Namespace implements Value {
    private final Map<String, Value> attributes = new LinkedHashMap<>();

    Namespace(Map<String, Value> attributes) {
        attributes.forEach(this::set);
    }

    @Nullable
    Value get(String name) {
        return attributes.get(name);
    }

    void set(String name, Value value) {
        if (name.startsWith("_")) {
            throw new TemplateFault("a namespace cannot hold '" + name + "': the name begins with an underscore");
        }
        attributes.put(name, value);
    }

    Map<String, Value> attributes() {
        return attributes;
    }
}
