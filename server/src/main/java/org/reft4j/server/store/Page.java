package org.reft4j.server.store;

import java.util.List;

/**
 * A part of a list.
 *
 * @param more true if there are items after it
 */
public record Page<T>(List<T> items, boolean more) {
    public Page {
        items = List.copyOf(items);
    }

    /** @param found up to one item more than a page holds */
    static <T> Page<T> of(List<T> found, int limit) {
        return new Page<>(found.subList(0, Math.min(limit, found.size())), found.size() > limit);
    }
}
