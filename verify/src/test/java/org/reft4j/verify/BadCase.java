package org.reft4j.verify;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Bad input and the message that must follow.
 *
 * @param name for the test report
 * @param prepare writes the bad input into a folder that holds {@code model}, a model that works, and {@code good.jsonl}, good data
 * @param arguments the arguments of the command, started in that folder
 * @param expected parts of the message: the file, the place in it, the remedy
 */
record BadCase(String name, Preparation prepare, List<String> arguments, List<String> expected) {
    /** Writes files. */
    @FunctionalInterface
    interface Preparation {
        void in(Path folder) throws IOException;
    }

    static BadCase of(String name, Preparation prepare, String command, String... expected) {
        return new BadCase(name, prepare, List.of(command.split(" ")), List.of(expected));
    }

    @Override
    public String toString() {
        return name;
    }
}
