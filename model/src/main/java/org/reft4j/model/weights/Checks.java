package org.reft4j.model.weights;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The checks that every source of weights makes, with one wording. */
final class Checks {
    private Checks() {}

    /** Fails if the tensor in the file has another shape than the model needs. */
    static void check(String source, String name, long[] found, long[] expected) {
        if (!Arrays.equals(found, expected)) {
            throw new FormatException(source + ": tensor " + name + ": the model needs shape "
                    + Arrays.toString(expected) + " but the file holds " + Arrays.toString(found)
                    + ". Do config.json and weights belong together?");
        }
    }

    /** The failure of a source that has no such tensor. */
    static FormatException missing(String source, String name, Set<String> names) {
        String some = names.stream().limit(3).collect(Collectors.joining(", "));
        return new FormatException(source + ": no tensor " + name + " among its " + names.size() + " (" + some
                + ", ...). Do config.json and weights belong together?");
    }
}
