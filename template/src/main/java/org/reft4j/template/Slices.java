package org.reft4j.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code value[start:stop:step]}. */
final class Slices {
    private final Budget budget;

    Slices(Budget budget) {
        this.budget = budget;
    }

    Value slice(Value value, Value start, Value stop, Value step) {
        Bounds bounds;
        switch (value) {
            case Value.Text text -> {
                bounds = Bounds.of(start, stop, step, TemplateText.length(text.value()));
                return new Value.Text(text(text.value(), bounds), text.safe());
            }
            case Value.Items items
            when items.kind().indexed() -> {
                bounds = Bounds.of(start, stop, step, items.values().size());
                List<Value> values = new ArrayList<>();
                budget.items(bounds.count);
                for (int i = 0; i < bounds.count; i++) {
                    values.add(items.values().get(bounds.at(i)));
                }
                return Value.Items.of(
                        items.kind() == Value.Items.Kind.LIST ? Value.Items.Kind.LIST : Value.Items.Kind.TUPLE, values);
            }
            case Value.Range range -> {
                bounds = Bounds.of(start, stop, step, range.size());
                long first = range.start() + bounds.start * range.step();
                long by = bounds.step * range.step();
                return new Value.Range(first, first + bounds.count * by, by);
            }
            case Value.Undefined undefined -> throw undefined.fault();
            case Value.Mapping _ -> throw new TemplateFault("unhashable type: 'slice'");
            default -> throw new TemplateFault("'" + PythonPrint.type(value) + "' object is not subscriptable");
        }
    }

    private String text(String text, Bounds bounds) {
        budget.characters(bounds.count);
        if (bounds.step == 1) {
            int from = TemplateText.offset(text, (int) bounds.start);
            return text.substring(from, text.offsetByCodePoints(from, bounds.count));
        }
        int[] characters = text.codePoints().toArray();
        StringBuilder taken = new StringBuilder();
        for (int i = 0; i < bounds.count; i++) {
            taken.appendCodePoint(characters[bounds.at(i)]);
        }
        return taken.toString();
    }

    /**
     * A slice of something with a known length.
     *
     * @param start within the length, unless nothing is taken
     * @param count how many are taken
     */
    private record Bounds(long start, long step, int count) {
        static Bounds of(Value start, Value stop, Value step, int length) {
            Integer by = number(step);
            long stride = by == null ? 1 : by;
            if (stride == 0) {
                throw new TemplateFault("slice step cannot be zero");
            }
            long low = stride > 0 ? 0 : -1;
            long high = stride > 0 ? length : length - 1;
            long from = bound(number(start), length, low, high, stride > 0 ? low : high);
            long to = bound(number(stop), length, low, high, stride > 0 ? high : low);
            long span = stride > 0 ? to - from : from - to;
            return span <= 0
                    ? new Bounds(0, stride, 0)
                    : new Bounds(from, stride, (int) Math.ceilDiv(span, Math.abs(stride)));
        }

        private static long bound(@Nullable Integer given, int length, long low, long high, long otherwise) {
            if (given == null) {
                return otherwise;
            }
            return Math.clamp(given < 0 ? (long) given + length : given, low, high);
        }

        private static @Nullable Integer number(Value value) {
            if (value instanceof Value.None) {
                return null;
            }
            if (!Numbers.isInteger(value)) {
                throw new TemplateFault("slice indices must be integers or None or have an __index__ method");
            }
            return Numbers.clamped(value);
        }

        int at(int index) {
            return (int) (start + index * step);
        }
    }
}
