package org.reft4j.model.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as texts: up to 18 digits before the point and 15 behind it; a number without limits may have an exponent of two digits. Zero has
 * no sign.
 */
final class Numbers {
    private static final int WHOLE = 18;
    private static final int FRACTION = 15;
    private static final int LARGEST_FACTOR = 10_000;

    private Numbers() {}

    /** The numbers that a schema allows; a deterministic automaton. */
    static Automaton of(JsonNode schema, boolean integer, String path) {
        Limit low = limit(schema, "minimum", "exclusiveMinimum", path, true);
        Limit high = limit(schema, "maximum", "exclusiveMaximum", path, false);
        int digits = integer ? 0 : FRACTION;
        Automaton multiples = null;
        BigDecimal factor = number(schema, "multipleOf", path);
        if (factor != null) {
            BigDecimal plain = factor.stripTrailingZeros();
            if (plain.scale() > 0 && plain.unscaledValue().equals(BigInteger.ONE) && plain.scale() <= FRACTION) {
                digits = Math.min(digits, plain.scale());
            } else if (plain.signum() > 0
                    && plain.scale() <= 0
                    && plain.compareTo(BigDecimal.valueOf(LARGEST_FACTOR)) <= 0) {
                digits = 0;
                multiples = multiples(plain.intValueExact());
            } else {
                throw SchemaException.at(
                        path,
                        "multipleOf is " + factor + "; expected a whole number up to " + LARGEST_FACTOR
                                + ", or 0.1, 0.01 and so on");
            }
        }
        Limit zero = new Limit(BigDecimal.ZERO, false);
        List<Automaton> parts = new ArrayList<>();
        Limit above = low != null && low.value.signum() >= 0 ? low : new Limit(BigDecimal.ZERO, true);
        parts.add(range(above, high, digits));
        Limit below = high != null && high.value.signum() < 0 ? high.negated() : zero;
        parts.add(Operations.concatenate(
                List.of(Automata.makeChar('-'), range(below, low == null ? null : low.negated(), digits))));
        Automaton all = Operations.union(parts);
        if (low == null && high == null && factor == null && !integer) {
            all = Operations.concatenate(List.of(all, Operations.optional(exponent())));
        }
        if (multiples != null) {
            all = Operations.intersection(all, multiples);
        }
        return Operations.removeDeadStates(Operations.determinize(all, Integer.MAX_VALUE));
    }

    /** @param included true if the number itself is allowed */
    private record Limit(BigDecimal value, boolean included) {
        Limit negated() {
            return new Limit(value.negate(), included);
        }
    }

    private static @Nullable Limit limit(JsonNode schema, String key, String exclusive, String path, boolean lower) {
        BigDecimal with = number(schema, key, path);
        BigDecimal without = number(schema, exclusive, path);
        if (with == null || without == null) {
            return with != null ? new Limit(with, true) : without != null ? new Limit(without, false) : null;
        }
        int order = with.compareTo(without);
        return (lower ? order > 0 : order < 0) ? new Limit(with, true) : new Limit(without, false);
    }

    private static @Nullable BigDecimal number(JsonNode schema, String key, String path) {
        JsonNode value = schema.get(key);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            throw SchemaException.at(path, key + " is " + value + "; expected a number");
        }
        return new BigDecimal(value.asText());
    }

    /** Numbers without sign from one limit to another, a negative or zero one of which nothing is left above. */
    private static Automaton range(Limit low, @Nullable Limit high, int fraction) {
        if (high != null && high.value.signum() < 0) {
            return Automata.makeEmpty();
        }
        Automaton.Builder builder = new Automaton.Builder();
        int start = builder.createState();
        for (int whole = 1; whole <= WHOLE; whole++) {
            new Digits(builder, low, high, whole, fraction).from(start);
        }
        return builder.finish();
    }

    /** Numbers with a certain number of digits before the point. */
    private static final class Digits {
        private final Automaton.Builder builder;
        private final Limit low;
        private final @Nullable Limit high;
        private final int whole;
        private final String lowest;
        private final String highest;
        private final int all;
        private final Map<List<Object>, Integer> states = new HashMap<>();

        Digits(Automaton.Builder builder, Limit low, @Nullable Limit high, int whole, int fraction) {
            this.builder = builder;
            this.low = low;
            this.high = high;
            this.whole = whole;
            int scale =
                    Math.max(fraction, Math.max(0, Math.max(low.value.scale(), high == null ? 0 : high.value.scale())));
            this.all = whole + fraction;
            this.lowest = digits(low.value, scale);
            this.highest = high == null ? "" : digits(high.value, scale);
        }

        /** Digits before and behind the point, filled up with zeros; longer where the number has more digits before the point. */
        private String digits(BigDecimal value, int scale) {
            String text = value.movePointRight(scale).toBigInteger().toString();
            return "0".repeat(Math.max(0, whole + scale - text.length())) + text;
        }

        void from(int start) {
            int scaled = lowest.length();
            boolean lowIsLonger = low.value.compareTo(BigDecimal.TEN.pow(whole)) >= 0;
            boolean highIsShorter =
                    high != null && whole > 1 && high.value.compareTo(BigDecimal.TEN.pow(whole - 1)) < 0;
            if (lowIsLonger || highIsShorter || scaled == 0) {
                return;
            }
            boolean onLow = whole == 1 || low.value.compareTo(BigDecimal.TEN.pow(whole - 1)) >= 0;
            boolean onHigh = high != null && high.value.compareTo(BigDecimal.TEN.pow(whole)) < 0;
            digit(start, 0, onLow, onHigh);
        }

        private int state(int at, boolean onLow, boolean onHigh) {
            List<Object> key = List.of(at, onLow, onHigh);
            Integer known = states.get(key);
            if (known != null) {
                return known;
            }
            int state = builder.createState();
            states.put(key, state);
            builder.setAccept(state, at >= whole && holds(at, onLow, onHigh));
            if (at == whole && at < all) {
                int point = builder.createState();
                builder.addTransition(state, point, '.');
                digit(point, at, onLow, onHigh);
            } else if (at < all) {
                digit(state, at, onLow, onHigh);
            }
            return state;
        }

        /** True if the number is within the limits when nothing but zeros follows. */
        private boolean holds(int at, boolean onLow, boolean onHigh) {
            boolean aboveLow = !onLow || (zeros(lowest, at) && low.included);
            boolean belowHigh = !onHigh || high == null || !zeros(highest, at) || high.included;
            return aboveLow && belowHigh;
        }

        private static boolean zeros(String digits, int from) {
            return digits.chars().skip(from).allMatch(digit -> digit == '0');
        }

        private void digit(int from, int at, boolean onLow, boolean onHigh) {
            int first = whole > 1 && at == 0 ? '1' : '0';
            int least = onLow ? Math.max(first, lowest.charAt(at)) : first;
            int most = onHigh ? highest.charAt(at) : '9';
            for (int digit = least; digit <= most; digit++) {
                boolean low = onLow && digit == lowest.charAt(at);
                boolean high = onHigh && digit == highest.charAt(at);
                builder.addTransition(from, state(at + 1, low, high), digit);
            }
        }
    }

    /** A number as the automata of this class spell it. */
    static String text(JsonNode number) {
        return new BigDecimal(number.asText()).stripTrailingZeros().toPlainString();
    }

    private static Automaton exponent() {
        return Operations.concatenate(List.of(
                Operations.union(List.of(Automata.makeChar('e'), Automata.makeChar('E'))),
                Operations.optional(Operations.union(List.of(Automata.makeChar('+'), Automata.makeChar('-')))),
                Operations.repeat(Automata.makeCharRange('0', '9'), 1, 2)));
    }

    /** Whole numbers, with or without sign, that a factor divides. */
    private static Automaton multiples(int factor) {
        Automaton.Builder builder = new Automaton.Builder();
        int start = builder.createState();
        int signed = builder.createState();
        builder.addTransition(start, signed, '-');
        for (int rest = 0; rest < factor; rest++) {
            builder.setAccept(builder.createState(), rest == 0);
        }
        int zero = signed + 1;
        for (int digit = 0; digit <= 9; digit++) {
            builder.addTransition(start, zero + digit % factor, '0' + digit);
            builder.addTransition(signed, zero + digit % factor, '0' + digit);
            for (int rest = 0; rest < factor; rest++) {
                builder.addTransition(zero + rest, zero + (rest * 10 + digit) % factor, '0' + digit);
            }
        }
        return builder.finish();
    }
}
