package org.reft4j.template;

import java.util.List;

/**
 * Limits of one rendering in steps, characters and depth, so that a template made to exhaust a machine ends in a message. Templates of
 * published models need a few thousand steps for a conversation of ordinary length.
 */
final class Budget {
    /** Characters in the longest text. */
    static final int LONGEST_TEXT = 16 << 20;

    /** Largest numbers, in bits: Python itself prints none that is longer. */
    static final int LONGEST_NUMBER = 1 << 14;

    /** Values within values, and expressions within expressions. */
    static final int DEPTH = 500;

    private static final long STEPS = 30_000_000;
    private static final long CHARACTERS = 64L << 20;
    /** A new item of a list costs this many steps: it takes memory, not only time. */
    private static final int ITEM = 8;

    private final long characterLimit;
    private long steps;
    private long characters;
    private int depth;

    /** @param inputs characters of the conversation: a template may copy its input some times */
    Budget(long inputs) {
        this.characterLimit = CHARACTERS + 32 * inputs;
    }

    void step() {
        work(1);
    }

    /** Spends several steps at once. */
    void work(long amount) {
        steps += amount;
        if (steps > STEPS) {
            throw new TemplateFault("the template takes more than " + STEPS / 1_000_000
                    + " million steps and is stopped; use another template");
        }
    }

    /** Makes a text; its length counts. */
    Value.Text text(String text) {
        characters(text.length());
        return Value.text(text);
    }

    /** Makes room for so many characters, before they are made. */
    void characters(long count) {
        characters += count;
        if (count > LONGEST_TEXT || characters > characterLimit) {
            throw new TemplateFault("the template makes more text than a conversation can need (over "
                    + (count > LONGEST_TEXT ? LONGEST_TEXT : characterLimit) / (1 << 20)
                    + " Mi characters) and is stopped; use another template");
        }
        work(count / 16);
    }

    /** Makes a list; its length counts. */
    Value.Items list(List<Value> values) {
        items(values.size());
        return Value.Items.list(values);
    }

    void items(long count) {
        work(count * ITEM);
    }

    /** Goes one level deeper; {@link #leave} goes back. */
    void enter() {
        step();
        if (++depth > DEPTH) {
            throw new TemplateFault("the template nests or calls itself deeper than " + DEPTH
                    + " levels and is stopped; use another template");
        }
    }

    void leave() {
        depth--;
    }
}
