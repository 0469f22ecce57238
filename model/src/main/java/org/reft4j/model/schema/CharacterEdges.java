package org.reft4j.model.schema;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Transition;

/** Characters inside a JSON string as edges over bytes: themselves in UTF-8, or escaped where JSON asks for it. */
final class CharacterEdges {
    private static final String SHORT = "\"\\\b\f\n\r\t";
    private static final String LETTERS = "\"\\bfnrt";

    private final Network network;
    private final Alphabet alphabet;
    /** The rule of one character, any. */
    private final int any;

    CharacterEdges(Network network, Alphabet alphabet) {
        this.network = network;
        this.alphabet = alphabet;
        this.any = network.rule();
        one(network.start(any), 0, Character.MAX_CODE_POINT, network.end(any));
        hexadecimal(network.start(any), network.end(any));
    }

    /** The strings of an automaton over characters, which must be deterministic, without the quotation marks. */
    void strings(Automaton automaton, int from, int to) {
        int[] states = new int[Math.max(1, automaton.getNumStates())];
        for (int i = 0; i < states.length; i++) {
            states[i] = network.state();
        }
        network.skip(from, states[0]);
        Transition transition = new Transition();
        for (int i = 0; i < automaton.getNumStates(); i++) {
            if (automaton.isAccept(i)) {
                network.skip(states[i], to);
            }
            int count = automaton.initTransition(i, transition);
            for (int t = 0; t < count; t++) {
                automaton.getNextTransition(transition);
                if (transition.min == 0 && transition.max == Character.MAX_CODE_POINT) {
                    network.call(states[i], any, states[transition.dest]);
                } else {
                    one(states[i], transition.min, transition.max, states[transition.dest]);
                }
            }
        }
    }

    /** One character of a range. */
    private void one(int from, int low, int high, int to) {
        for (int i = 0; i < SHORT.length(); i++) {
            if (low <= SHORT.charAt(i) && SHORT.charAt(i) <= high) {
                network.read(from, "\\" + LETTERS.charAt(i), to);
            }
        }
        for (int control = low; control <= Math.min(high, 0x1F); control++) {
            if (SHORT.indexOf(control) < 0) {
                network.read(from, String.format(Locale.ROOT, "\\u%04x", control), to);
            }
        }
        plain(from, Math.max(low, 0x20), Math.min(high, '"' - 1), to);
        plain(from, Math.max(low, '"' + 1), Math.min(high, '\\' - 1), to);
        plain(from, Math.max(low, '\\' + 1), Math.min(high, Character.MIN_SURROGATE - 1), to);
        plain(from, Math.max(low, Character.MAX_SURROGATE + 1), high, to);
    }

    private void plain(int from, int low, int high, int to) {
        BitSet known = alphabet.characters();
        for (int first = known.nextSetBit(low); first >= 0 && first <= high; ) {
            int last = Math.min(high, known.nextClearBit(first) - 1);
            utf8(from, first, last, to);
            first = known.nextSetBit(last + 1);
        }
    }

    /** Characters that take one, two, three and four bytes. */
    private void utf8(int from, int low, int high, int to) {
        int first = low;
        for (int limit : new int[] {0x7F, 0x7FF, 0xFFFF, Character.MAX_CODE_POINT}) {
            if (first <= Math.min(limit, high)) {
                bytes(from, utf8(first), utf8(Math.min(limit, high)), 0, to);
                first = Math.min(limit, high) + 1;
            }
        }
    }

    private static byte[] utf8(int character) {
        return Character.toString(character).getBytes(StandardCharsets.UTF_8);
    }

    /** Byte sequences of one length from {@code low} to {@code high}, which agree in the bytes before {@code at}. */
    private void bytes(int from, byte[] low, byte[] high, int at, int to) {
        int first = low[at] & 0xFF;
        int last = high[at] & 0xFF;
        if (at == low.length - 1) {
            network.readWhole(from, first, last, to);
            return;
        }
        if (first < last && !isFilled(low, at + 1, 0x80)) {
            bytes(step(from, first, first), low, filled(low, at + 1, 0xBF), at + 1, to);
            first++;
        }
        if (first < last && !isFilled(high, at + 1, 0xBF)) {
            bytes(step(from, last, last), filled(high, at + 1, 0x80), high, at + 1, to);
            last--;
        }
        byte[] lowest = first == (low[at] & 0xFF) ? low : filled(low, at + 1, 0x80);
        byte[] highest = last == (high[at] & 0xFF) ? high : filled(high, at + 1, 0xBF);
        bytes(step(from, first, last), lowest, highest, at + 1, to);
    }

    private int step(int from, int low, int high) {
        int next = network.state();
        network.readWhole(from, low, high, next);
        return next;
    }

    private static boolean isFilled(byte[] bytes, int from, int value) {
        for (int i = from; i < bytes.length; i++) {
            if ((bytes[i] & 0xFF) != value) {
                return false;
            }
        }
        return true;
    }

    private static byte[] filled(byte[] bytes, int from, int value) {
        byte[] filled = bytes.clone();
        Arrays.fill(filled, from, filled.length, (byte) value);
        return filled;
    }

    /** Any character of U+0000 to U+FFFF as four hexadecimal digits, any other as two halves. */
    private void hexadecimal(int from, int to) {
        int digits = network.state();
        network.read(from, "\\u", digits);
        int any3 = hex(hex(hex(to)));
        for (String first : new String[] {"09", "ac", "AC", "ef", "EF"}) {
            network.read(digits, first.charAt(0), first.charAt(1), any3);
        }
        int afterD = network.state();
        network.read(digits, "d", afterD);
        network.read(digits, "D", afterD);
        network.read(afterD, '0', '7', hex(hex(to)));
        int half = network.state();
        int low = network.state();
        network.read(half, "\\ud", low);
        network.read(half, "\\uD", low);
        int rest = hex(hex(to));
        network.read(low, 'c', 'f', rest);
        network.read(low, 'C', 'F', rest);
        int high = hex(hex(half));
        network.read(afterD, '8', '9', high);
        network.read(afterD, 'a', 'b', high);
        network.read(afterD, 'A', 'B', high);
    }

    /** A state from which one hexadecimal digit leads to another. */
    private int hex(int to) {
        int from = network.state();
        network.read(from, '0', '9', to);
        network.read(from, 'a', 'f', to);
        network.read(from, 'A', 'F', to);
        return from;
    }
}
