package org.reft4j.server.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.RolloutQuery;
import org.reft4j.train.run.RolloutQuery.Order;

/**
 * The filter of a list of rollouts, as it stands in the page's address, so that every view can be passed on.
 *
 * @param fields those that were filled in, by name
 */
record RolloutFilter(Map<String, String> fields) {
    static final int ROWS = 50;
    private static final List<String> NAMES = List.of(
            "from",
            "to",
            "min",
            "max",
            "part",
            "least",
            "most",
            "grade",
            "stop",
            "short",
            "long",
            "text",
            "question",
            "order",
            "page",
            "first");
    private static final String PAGE = "page";

    static RolloutFilter of(Call call) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String name : NAMES) {
            call.query(name)
                    .map(String::strip)
                    .filter(value -> !value.isEmpty())
                    .ifPresent(value -> fields.put(name, value));
        }
        return new RolloutFilter(fields);
    }

    /** A field, or nothing. */
    String field(String name) {
        return fields.getOrDefault(name, "");
    }

    /** The page, from 0. */
    int page() {
        return whole(PAGE, 0, 1_000_000);
    }

    /** The same without what cannot be shown while a field is wrong: its page and its order. */
    RolloutFilter firstPage() {
        Map<String, String> rest = new LinkedHashMap<>(fields);
        rest.keySet().removeAll(List.of(PAGE, "order"));
        return new RolloutFilter(rest);
    }

    /** The number of rollouts to take at most, where not all are wanted. */
    int first() {
        return Math.max(1, whole("first", Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    /** True if some rollouts are left out. */
    boolean narrowed() {
        return fields.keySet().stream().anyMatch(name -> !name.equals(PAGE) && !name.equals("order"));
    }

    /**
     * The query for all its pages.
     *
     * @throws ApiError 400 where a field cannot be what it says
     */
    RolloutQuery query() {
        try {
            RolloutQuery query = RolloutQuery.ALL.in(order());
            if (has("from") || has("to")) {
                query = query.steps(
                        whole("from", 0, Integer.MAX_VALUE), whole("to", Integer.MAX_VALUE, Integer.MAX_VALUE));
            }
            if (has("min") || has("max")) {
                query = query.rewards(number("min", Double.NEGATIVE_INFINITY), number("max", Double.POSITIVE_INFINITY));
            }
            if (has("part")) {
                query = query.part(
                        field("part"),
                        number("least", Double.NEGATIVE_INFINITY),
                        number("most", Double.POSITIVE_INFINITY));
            }
            if (has("short") || has("long")) {
                query = query.tokens(number("short", 0), number("long", Double.POSITIVE_INFINITY));
            }
            if (has("grade")) {
                query = query.graded(field("grade"));
            }
            if (has("stop")) {
                query = query.stopped(field("stop"));
            }
            if (has("text")) {
                query = query.containing(field("text"));
            }
            return has("question") ? query.ofQuestion(field("question")) : query;
        } catch (ConfigException e) {
            throw ApiError.invalid(null, "This filter finds nothing: " + e.getMessage());
        }
    }

    Order order() {
        try {
            return Order.valueOf(fields.getOrDefault("order", Order.NEWEST.name()));
        } catch (IllegalArgumentException _) {
            throw ApiError.invalid("order", "There is no order “" + field("order") + "”.");
        }
    }

    /** The same with one field changed, as the query of an address; on its first page. */
    String with(String name, String value) {
        return with(Map.of(name, value));
    }

    /** The same with some fields changed; an empty value takes a field out. */
    String with(Map<String, String> changes) {
        Map<String, String> next = new LinkedHashMap<>(fields);
        next.remove(PAGE);
        next.putAll(changes);
        next.values().removeIf(String::isEmpty);
        return next.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + Text.encoded(entry.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** All its rows, whatever page is shown. */
    String all() {
        return with(Map.of());
    }

    private boolean has(String name) {
        return fields.containsKey(name);
    }

    private int whole(String name, int preset, int most) {
        double value = number(name, preset);
        if (value != Math.rint(value) || value < 0 || value > most) {
            throw ApiError.invalid(name, "“" + field(name) + "” is not a whole number from 0.");
        }
        return (int) value;
    }

    private double number(String name, double preset) {
        String value = field(name);
        try {
            double number = value.isEmpty() ? preset : Double.parseDouble(value);
            if (Double.isNaN(number)) {
                throw new NumberFormatException();
            }
            return number;
        } catch (NumberFormatException _) {
            throw ApiError.invalid(name, "“" + value + "” is not a number.");
        }
    }
}
