package org.reft4j.model.schema;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * A pushdown automaton over bytes while it is built: rules, each with a start and an end, between which edges read bytes, read nothing, or
 * call a rule.
 */
final class Network {
    /** Far more than a schema of sensible lengths takes; a number such as {@code maxItems} can ask for any. */
    private static final int LARGEST = 500_000;

    static final int NOTHING = -1;

    /**
     * A step between states.
     *
     * @param rule the rule that it calls; {@link #NOTHING} if it calls none
     * @param low lowest byte that it reads; {@link #NOTHING} if it reads none
     * @param high highest byte
     */
    record Edge(int from, int rule, int low, int high, int to) {
        boolean reads() {
            return low != NOTHING;
        }

        boolean calls() {
            return rule != NOTHING;
        }
    }

    private final List<List<Edge>> edges = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>();
    private final BitSet ends = new BitSet();
    private final BitSet writable;

    /** @param writable bytes that the model's tokens can write one by one; edges that read others are left out */
    Network(BitSet writable) {
        this.writable = writable;
    }

    int state() {
        if (edges.size() >= LARGEST) {
            throw new SchemaException("the schema takes more than " + LARGEST
                    + " states; lower its limits (maxItems, maxLength, patterns) or leave them out");
        }
        edges.add(new ArrayList<>());
        return edges.size() - 1;
    }

    /** A new rule; its start is {@link #start} and its end the state after it. */
    int rule() {
        int start = state();
        ends.set(state());
        starts.add(start);
        return starts.size() - 1;
    }

    int start(int rule) {
        return starts.get(rule);
    }

    int end(int rule) {
        return starts.get(rule) + 1;
    }

    int size() {
        return edges.size();
    }

    boolean isEnd(int state) {
        return ends.get(state);
    }

    List<Edge> edges(int state) {
        return edges.get(state);
    }

    /** Reads one byte of a range. */
    void read(int from, int low, int high, int to) {
        for (int first = writable.nextSetBit(low); first >= 0 && first <= high; ) {
            int last = Math.min(high, writable.nextClearBit(first) - 1);
            edges.get(from).add(new Edge(from, NOTHING, first, last, to));
            first = writable.nextSetBit(last + 1);
        }
    }

    /** Reads one character's bytes, which need not be writable one by one. */
    void readWhole(int from, int low, int high, int to) {
        edges.get(from).add(new Edge(from, NOTHING, low, high, to));
    }

    /** Reads a text. */
    void read(int from, String text, int to) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int at = from;
        for (int i = 0; i < bytes.length; i++) {
            int next = i == bytes.length - 1 ? to : state();
            read(at, bytes[i] & 0xFF, bytes[i] & 0xFF, next);
            at = next;
        }
    }

    void skip(int from, int to) {
        edges.get(from).add(new Edge(from, NOTHING, NOTHING, NOTHING, to));
    }

    void call(int from, int rule, int to) {
        edges.get(from).add(new Edge(from, rule, NOTHING, NOTHING, to));
    }

    /**
     * Takes out all that leads nowhere, so that whatever is begun can be ended.
     *
     * @throws SchemaException if a rule leads nowhere from its start, or calls itself before it has read anything
     */
    void close(int rule) {
        BitSet useful = useful();
        if (!useful.get(start(rule))) {
            throw new SchemaException("the schema allows no finite value that the model's tokens can write");
        }
        for (List<Edge> out : edges) {
            out.removeIf(edge -> !useful.get(edge.to()) || (edge.calls() && !useful.get(start(edge.rule()))));
        }
        BitSet empty = empty();
        int[] colour = new int[starts.size()];
        for (int each = 0; each < starts.size(); each++) {
            requireReading(each, colour, empty);
        }
    }

    /** States from which the end of their rule can be reached. */
    private BitSet useful() {
        List<List<Edge>> into = new ArrayList<>();
        List<List<Edge>> calling = new ArrayList<>();
        edges.forEach(_ -> into.add(new ArrayList<>()));
        starts.forEach(_ -> calling.add(new ArrayList<>()));
        int[] ruleOfStart = new int[edges.size()];
        Arrays.fill(ruleOfStart, NOTHING);
        for (int rule = 0; rule < starts.size(); rule++) {
            ruleOfStart[start(rule)] = rule;
        }
        for (List<Edge> out : edges) {
            for (Edge edge : out) {
                into.get(edge.to()).add(edge);
                if (edge.calls()) {
                    calling.get(edge.rule()).add(edge);
                }
            }
        }
        BitSet useful = (BitSet) ends.clone();
        Deque<Integer> fresh = new ArrayDeque<>();
        ends.stream().forEach(fresh::add);
        while (!fresh.isEmpty()) {
            int state = fresh.remove();
            for (Edge edge : into.get(state)) {
                if ((!edge.calls() || useful.get(start(edge.rule()))) && !useful.get(edge.from())) {
                    useful.set(edge.from());
                    fresh.add(edge.from());
                }
            }
            if (ruleOfStart[state] != NOTHING) {
                for (Edge edge : calling.get(ruleOfStart[state])) {
                    if (useful.get(edge.to()) && !useful.get(edge.from())) {
                        useful.set(edge.from());
                        fresh.add(edge.from());
                    }
                }
            }
        }
        return useful;
    }

    /** Rules that can be passed without reading anything. */
    private BitSet empty() {
        BitSet empty = new BitSet();
        boolean more = true;
        while (more) {
            more = false;
            for (int rule = 0; rule < starts.size(); rule++) {
                if (!empty.get(rule) && unread(rule, empty).get(end(rule))) {
                    empty.set(rule);
                    more = true;
                }
            }
        }
        return empty;
    }

    /** States of a rule before anything is read. */
    private BitSet unread(int rule, BitSet empty) {
        BitSet seen = new BitSet();
        Deque<Integer> open = new ArrayDeque<>(List.of(start(rule)));
        while (!open.isEmpty()) {
            int state = open.remove();
            if (!seen.get(state)) {
                seen.set(state);
                for (Edge edge : edges.get(state)) {
                    if (!edge.reads() && (!edge.calls() || empty.get(edge.rule()))) {
                        open.add(edge.to());
                    }
                }
            }
        }
        return seen;
    }

    private void requireReading(int rule, int[] colour, BitSet empty) {
        if (colour[rule] == 1) {
            throw new SchemaException(
                    "the schema refers to itself with nothing in between ($ref, anyOf); a recursion needs an object or a list");
        }
        if (colour[rule] == 2) {
            return;
        }
        colour[rule] = 1;
        unread(rule, empty).stream()
                .flatMap(state -> edges.get(state).stream().filter(Edge::calls).mapToInt(Edge::rule))
                .forEach(called -> requireReading(called, colour, empty));
        colour[rule] = 2;
    }
}
