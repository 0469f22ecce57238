package org.reft4j.cli;

/**
 * One thing that {@code reft doctor} looked at.
 *
 * @param name what
 * @param state how it stands
 * @param found the facts
 * @param meaning what follows from them, or what to do; empty if nothing
 */
record Finding(String name, State state, String found, String meaning) {
    enum State {
        /** As it should be. */
        GOOD,
        /** Works, but a person should know. */
        NOTE,
        /** Nothing works without. */
        MISSING
    }

    static Finding good(String name, String found, String meaning) {
        return new Finding(name, State.GOOD, found, meaning);
    }

    static Finding note(String name, String found, String meaning) {
        return new Finding(name, State.NOTE, found, meaning);
    }

    static Finding missing(String name, String found, String meaning) {
        return new Finding(name, State.MISSING, found, meaning);
    }
}
