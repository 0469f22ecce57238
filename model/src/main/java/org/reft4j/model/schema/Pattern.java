package org.reft4j.model.schema;

import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * Reader of the regular part of ECMA 262's expressions: alternatives, groups, classes, repetition, and {@code ^} and {@code $} at the ends
 * of an alternative. References back, assertions that look around and classes by Unicode's properties are refused.
 */
final class Pattern {
    private static final int MOST_REPEATS = 10_000;
    private static final int LAST = Character.MAX_CODE_POINT;

    private final String text;
    private int at;
    private int depth;

    private Pattern(String text) {
        this.text = text;
    }

    /**
     * The strings that a pattern matches somewhere, as JSON schemas have it.
     *
     * @throws SchemaException without a place, if it cannot be read
     */
    static Automaton strings(String text) {
        Pattern pattern = new Pattern(text);
        Automaton read = pattern.alternatives();
        if (pattern.at < text.length()) {
            throw pattern.fault("has a ) that closes nothing");
        }
        return read;
    }

    private Automaton alternatives() {
        List<Automaton> all = new ArrayList<>();
        do {
            all.add(sequence());
        } while (take('|'));
        return all.size() == 1 ? all.getFirst() : Operations.union(all);
    }

    /** One alternative; at the top it may go on to both sides where it is not anchored. */
    private Automaton sequence() {
        List<Automaton> parts = new ArrayList<>();
        boolean begins = depth == 0 && take('^');
        boolean ends = false;
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            if (depth == 0 && text.charAt(at) == '$' && (at + 1 == text.length() || text.charAt(at + 1) == '|')) {
                at++;
                ends = true;
                break;
            }
            parts.add(repeated(atom()));
        }
        if (depth == 0 && !begins) {
            parts.addFirst(Operations.repeat(Automata.makeAnyChar()));
        }
        if (depth == 0 && !ends) {
            parts.add(Operations.repeat(Automata.makeAnyChar()));
        }
        return parts.isEmpty() ? Automata.makeEmptyString() : Operations.concatenate(parts);
    }

    private Automaton atom() {
        int character = next();
        return switch (character) {
            case '(' -> group();
            case '[' -> Characters.automaton(set());
            case '.' -> Characters.automaton(Characters.others(Characters.LINE_ENDS));
            case '\\' -> Characters.automaton(escaped());
            case '^', '$' ->
                throw fault(
                        "has " + (char) character + " inside; it is read at the beginning and end of an alternative");
            case '*', '+', '?' -> throw fault("repeats nothing");
            default -> Automata.makeChar(character);
        };
    }

    private Automaton group() {
        if (text.startsWith("?:", at)) {
            at += 2;
        } else if (text.startsWith("?<", at) && !text.startsWith("?<=", at) && !text.startsWith("?<!", at)) {
            int end = text.indexOf('>', at);
            at = end < 0 ? text.length() : end + 1;
        } else if (text.startsWith("?", at)) {
            throw fault("looks ahead or behind, which cannot be held while sampling; write the strings that it leaves");
        }
        depth++;
        Automaton inner = alternatives();
        depth--;
        if (!take(')')) {
            throw fault("has a ( that is not closed");
        }
        return inner;
    }

    private Automaton repeated(Automaton once) {
        Automaton all = once;
        while (at < text.length()) {
            char sign = text.charAt(at);
            int[] bounds = sign == '{' ? bounds() : new int[0];
            if (sign == '*') {
                all = Operations.repeat(all);
            } else if (sign == '+') {
                all = Operations.repeat(all, 1);
            } else if (sign == '?') {
                all = Operations.optional(all);
            } else if (bounds.length == 2) {
                all = bounds[1] < 0 ? Operations.repeat(all, bounds[0]) : Operations.repeat(all, bounds[0], bounds[1]);
            } else {
                return all;
            }
            if (bounds.length == 0) {
                at++;
            }
            take('?'); // Taking few or many makes no other strings.
            return all;
        }
        return all;
    }

    /** Least and most of {@code {2}}, {@code {2,}} or {@code {2,5}}, the most negative where it is open. */
    private int[] bounds() {
        int end = text.indexOf('}', at);
        String inner = end < 0 ? "" : text.substring(at + 1, end);
        if (!inner.matches("[0-9]{1,6}(,[0-9]{0,6})?")) {
            throw fault("has a { that begins no number of repetitions; write \\{");
        }
        at = end + 1;
        int comma = inner.indexOf(',');
        int least = Integer.parseInt(comma < 0 ? inner : inner.substring(0, comma));
        int most = comma < 0 ? least : comma == inner.length() - 1 ? -1 : Integer.parseInt(inner.substring(comma + 1));
        if (Math.max(least, most) > MOST_REPEATS || (most >= 0 && most < least)) {
            throw fault("repeats {" + inner + "}; expected at most " + MOST_REPEATS + ", and the lower number first");
        }
        return new int[] {least, most};
    }

    /** Pairs of first and last characters of a class in brackets. */
    private List<int[]> set() {
        boolean others = take('^');
        List<int[]> ranges = new ArrayList<>();
        while (!take(']')) {
            List<int[]> first = one();
            boolean single = first.size() == 1 && first.getFirst()[0] == first.getFirst()[1];
            if (single && at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']') {
                at++;
                List<int[]> last = one();
                int low = first.getFirst()[0];
                int high = last.getFirst()[1];
                if (last.size() != 1 || last.getFirst()[0] != high || high < low) {
                    throw fault("has a range in brackets whose ends are in the wrong order");
                }
                ranges.add(new int[] {low, high});
            } else {
                ranges.addAll(first);
            }
        }
        return others ? Characters.others(ranges) : ranges;
    }

    private List<int[]> one() {
        int character = next();
        if (character == '\\') {
            if (take('b')) {
                return Characters.of('\b');
            }
            return take('-') ? Characters.of('-') : escaped();
        }
        return Characters.of(character);
    }

    private List<int[]> escaped() {
        int character = next();
        return switch (character) {
            case 'd' -> Characters.DIGITS;
            case 'D' -> Characters.others(Characters.DIGITS);
            case 'w' -> Characters.WORD;
            case 'W' -> Characters.others(Characters.WORD);
            case 's' -> Characters.SPACE;
            case 'S' -> Characters.others(Characters.SPACE);
            case 't' -> Characters.of('\t');
            case 'n' -> Characters.of('\n');
            case 'r' -> Characters.of('\r');
            case 'f' -> Characters.of('\f');
            case 'v' -> Characters.of(0x0B);
            case 'x' -> Characters.of(hexadecimal(2));
            case 'u' -> Characters.of(unicode());
            default -> {
                if (Character.isLetterOrDigit(character)) {
                    throw fault("has \\" + Character.toString(character) + ", which is not read; expected one of"
                            + " \\d \\w \\s \\D \\W \\S \\t \\n \\r \\f \\v \\xHH \\uHHHH, or a sign");
                }
                yield Characters.of(character);
            }
        };
    }

    private int unicode() {
        if (!take('{')) {
            return hexadecimal(4);
        }
        int end = text.indexOf('}', at);
        int value = hexadecimal(Math.max(1, end - at));
        take('}');
        return value;
    }

    private int hexadecimal(int digits) {
        int end = Math.min(text.length(), at + digits);
        try {
            int value = Integer.parseInt(text, at, end, 16);
            if (end - at == digits && value >= 0 && value <= LAST) {
                at = end;
                return value;
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw fault("has a character by number that is none");
    }

    private boolean take(char expected) {
        if (at < text.length() && text.charAt(at) == expected) {
            at++;
            return true;
        }
        return false;
    }

    private int next() {
        if (at >= text.length()) {
            throw fault("ends too early");
        }
        int character = text.codePointAt(at);
        at += Character.charCount(character);
        return character;
    }

    private SchemaException fault(String fault) {
        return new SchemaException("the pattern " + text + " " + fault);
    }

    /** Classes of characters, as pairs of a first and a last one. */
    private static final class Characters {
        static final List<int[]> DIGITS = List.of(new int[] {'0', '9'});
        static final List<int[]> WORD =
                List.of(new int[] {'0', '9'}, new int[] {'A', 'Z'}, new int[] {'_', '_'}, new int[] {'a', 'z'});
        static final List<int[]> SPACE = List.of(
                new int[] {0x09, 0x0D},
                new int[] {' ', ' '},
                new int[] {0xA0, 0xA0},
                new int[] {0x1680, 0x1680},
                new int[] {0x2000, 0x200A},
                new int[] {0x2028, 0x2029},
                new int[] {0x202F, 0x202F},
                new int[] {0x205F, 0x205F},
                new int[] {0x3000, 0x3000},
                new int[] {0xFEFF, 0xFEFF});
        static final List<int[]> LINE_ENDS =
                List.of(new int[] {'\n', '\n'}, new int[] {'\r', '\r'}, new int[] {0x2028, 0x2029});

        private Characters() {}

        static List<int[]> of(int character) {
            return List.of(new int[] {character, character});
        }

        static List<int[]> others(List<int[]> ranges) {
            List<int[]> sorted = ranges.stream()
                    .sorted((a, b) -> Integer.compare(a[0], b[0]))
                    .toList();
            List<int[]> others = new ArrayList<>();
            int from = 0;
            for (int[] range : sorted) {
                if (range[0] > from) {
                    others.add(new int[] {from, range[0] - 1});
                }
                from = Math.max(from, range[1] + 1);
            }
            if (from <= LAST) {
                others.add(new int[] {from, LAST});
            }
            return others;
        }

        static Automaton automaton(List<int[]> ranges) {
            return Operations.union(ranges.stream()
                    .map(range -> Automata.makeCharRange(range[0], range[1]))
                    .toList());
        }
    }
}
