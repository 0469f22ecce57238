package org.reft4j.cli;

/**
 * One finding of {@code reft doctor}.
 *
 * @param name the thing that was checked
 * @param state the outcome
 * @param found the facts
 * @param meaning their consequence, or what to do; empty for none
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
