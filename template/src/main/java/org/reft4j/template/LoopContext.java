package org.reft4j.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The {@code loop} of a {@code for}. Looks ahead by one item where it is asked whether an item is the last, and to the end where it is
 * asked for the length, as the reference does: conditions of later items may depend on what the body does.
 */
final class LoopContext implements Value {
    private final @Nullable Integer known;
    private final int depth;
    private final @Nullable UnaryOperator<Value> again;
    private Iterator<Value> rest;
    private int index = -1;
    private @Nullable Integer length;
    private @Nullable Value before;
    private @Nullable Value current;
    private @Nullable Value after;
    private @Nullable List<Value> lastChanged;

    /**
     * @param known how many items there are, where that is known beforehand
     * @param depth of recursive loops, from 0
     * @param again renders the loop's body for other items; {@code null} unless the loop is recursive
     */
    LoopContext(Iterator<Value> items, @Nullable Integer known, int depth, @Nullable UnaryOperator<Value> again) {
        this.rest = items;
        this.known = known;
        this.depth = depth;
        this.again = again;
    }

    /** The next item, or {@code null} at the end. */
    @Nullable
    Value next() {
        Value item = peek();
        if (item == null) {
            return null;
        }
        after = null;
        index++;
        before = current;
        current = item;
        return item;
    }

    private @Nullable Value peek() {
        if (after == null && rest.hasNext()) {
            after = rest.next();
        }
        return after;
    }

    int length() {
        if (length == null) {
            if (known != null) {
                length = known;
            } else {
                List<Value> items = new ArrayList<>();
                rest.forEachRemaining(items::add);
                rest = items.iterator();
                length = items.size() + index + 1 + (after == null ? 0 : 1);
            }
        }
        return length;
    }

    /** An attribute, or {@code null} if a loop has none of that name. */
    @Nullable
    Value attribute(String name) {
        return switch (name) {
            case "index" -> Value.integer(index + 1L);
            case "index0" -> Value.integer(index);
            case "first" -> Value.bool(index == 0);
            case "last" -> Value.bool(peek() == null);
            case "length" -> Value.integer(length());
            case "revindex" -> Value.integer((long) length() - index);
            case "revindex0" -> Value.integer((long) length() - index - 1);
            case "depth" -> Value.integer(depth + 1L);
            case "depth0" -> Value.integer(depth);
            case "previtem" -> before == null ? new Undefined("there is no previous item") : before;
            case "nextitem" -> {
                Value next = peek();
                yield next == null ? new Undefined("there is no next item") : next;
            }
            case "cycle" -> new Function("cycle", this::cycle);
            case "changed" -> new Function("changed", arguments -> changed(arguments.positional()));
            default -> null;
        };
    }

    /** Text as the reference prints it: the number of the item and how many there are. */
    String position() {
        return (index + 1) + "/" + length();
    }

    private Value cycle(Arguments arguments) {
        List<Value> values = arguments.positional();
        if (values.isEmpty()) {
            throw new TemplateFault("no items for cycling given");
        }
        return values.get(index % values.size());
    }

    private Value changed(List<Value> values) {
        boolean changed = !values.equals(lastChanged);
        lastChanged = values;
        return Value.bool(changed);
    }

    Value recurse(Arguments arguments) {
        if (again == null) {
            throw new TemplateFault("The loop must have the 'recursive' marker to be called recursively.");
        }
        return again.apply(arguments.accept("loop", "iterable").required(0, "iterable"));
    }
}
