package org.reft4j.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names with their values, within other names. An assignment never reaches the names around it. */
final class Scope {
    private final @Nullable Scope around;
    private final Map<String, Value> names = new HashMap<>();

    Scope(@Nullable Scope around) {
        this.around = around;
    }

    void set(String name, Value value) {
        names.put(name, value);
    }

    /** Makes a name undefined here until it is set, whatever it is around. */
    void hide(String name) {
        names.put(name, undefined(name));
    }

    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.around) {
            Value value = scope.names.get(name);
            if (value != null) {
                return value;
            }
        }
        return undefined(name);
    }

    private static Value undefined(String name) {
        return new Value.Undefined("'" + name + "' is undefined");
    }
}
