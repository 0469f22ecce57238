package org.reft4j.model.chat;

import java.util.Collection;

/**
 * How deep and how large a value is when it is written out. Values share parts, so that a few steps could make one that would take for
 * ever to print or compare: such a value is refused when it is made.
 *
 * @param depth values within values
 * @param size how many values there are, shared ones counted each time
 */
record Extent(int depth, long size) {
    private static final int DEEPEST = 100;
    private static final long LARGEST = 4_000_000;

    /** The extent of a value that holds others. */
    static Extent around(Collection<Value> parts) {
        int depth = 0;
        long size = 1;
        for (Value part : parts) {
            Extent extent = of(part);
            depth = Math.max(depth, extent.depth);
            size += extent.size;
            if (size > LARGEST) {
                throw new TemplateFault("the template makes a value of more than " + LARGEST / 1_000_000
                        + " million parts and is stopped; use another template");
            }
        }
        if (depth >= DEEPEST) {
            throw new TemplateFault("values are nested deeper than " + DEEPEST + " levels; flatten the conversation");
        }
        return new Extent(depth + 1, size);
    }

    static Extent of(Value value) {
        return switch (value) {
            case Value.Items items -> items.extent();
            case Value.Mapping mapping -> mapping.extent();
            case Value.Text text -> new Extent(0, 1 + text.value().length() / 64);
            default -> new Extent(0, 1);
        };
    }
}
