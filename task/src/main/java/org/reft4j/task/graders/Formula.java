package org.reft4j.task.graders;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A formula over named numbers: {@code + - * / ^}, parentheses, and {@code min max abs floor ceil exp sqrt log} (natural). Powers bind
 * most, from the right: {@code -a^2} is {@code -(a^2)} and {@code a^b^c} is {@code a^(b^c)}. Not Java and not a script: nothing else can
 * be written.
 */
final class Formula {
    /** Names that a formula can use. */
    static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");

    private static final Pattern NUMBER = Pattern.compile("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
    private static final int LONGEST = 10_000;
    private static final int DEEPEST = 100;

    private final Term term;

    private Formula(Term term) {
        this.term = term;
    }

    /** A part of a formula. */
    @FunctionalInterface
    private interface Term {
        double of(Map<String, Double> values);
    }

    /** A formula that cannot be read or cannot be computed; the message says why. */
    static final class FormulaException extends RuntimeException {
        private static final long serialVersionUID = 1;

        FormulaException(String message) {
            super(message);
        }
    }

    private enum Function {
        MIN,
        MAX,
        ABS,
        FLOOR,
        CEIL,
        EXP,
        SQRT,
        LOG;

        static final String NAMES = "min, max, abs, floor, ceil, exp, sqrt, log";

        boolean takes(int arguments) {
            return (this == MIN || this == MAX) ? arguments >= 1 : arguments == 1;
        }

        double of(double[] x) {
            return switch (this) {
                case MIN -> Arrays.stream(x).min().orElseThrow();
                case MAX -> Arrays.stream(x).max().orElseThrow();
                case ABS -> Math.abs(x[0]);
                case FLOOR -> Math.floor(x[0]);
                case CEIL -> Math.ceil(x[0]);
                case EXP -> Math.exp(x[0]);
                case SQRT -> Math.sqrt(x[0]);
                case LOG -> Math.log(x[0]);
            };
        }

        String spelled() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param names that the formula may use
     * @throws FormulaException if it cannot be read
     */
    static Formula of(String text, Set<String> names) {
        if (text.length() > LONGEST) {
            throw new FormulaException("has " + text.length() + " characters, more than " + LONGEST);
        }
        Parser parser = new Parser(text, names);
        Term term = parser.sum();
        parser.requireEnd();
        return new Formula(term);
    }

    /**
     * @param values of all names
     * @return a finite number
     * @throws FormulaException if some step gives none: division by zero, the logarithm of 0, an overflow
     */
    double value(Map<String, Double> values) {
        return term.of(values);
    }

    private static double finite(double result, String left, String what, String right) {
        if (!Double.isFinite(result)) {
            throw new FormulaException(left + what + right + " is no finite number");
        }
        return result;
    }

    private static double apply(char operator, double a, double b) {
        if (operator == '/' && b == 0) {
            throw new FormulaException("division of " + a + " by zero");
        }
        double result = switch (operator) {
            case '+' -> a + b;
            case '-' -> a - b;
            case '*' -> a * b;
            case '/' -> a / b;
            default -> Math.pow(a, b);
        };
        return finite(result, a + " ", String.valueOf(operator), " " + b);
    }

    /** A value, and what follows it at the same level, so that long sums are loops and not deep calls. */
    private record Chain(Term first, List<Character> operators, List<Term> others) implements Term {
        @Override
        public double of(Map<String, Double> values) {
            double value = first.of(values);
            for (int i = 0; i < others.size(); i++) {
                value = apply(operators.get(i), value, others.get(i).of(values));
            }
            return value;
        }
    }

    /** Recursive descent parser. */
    private static final class Parser {
        private final String text;
        private final Set<String> names;
        private int at;
        private int depth;

        Parser(String text, Set<String> names) {
            this.text = text;
            this.names = names;
        }

        Term sum() {
            return chain("+-", () -> chain("*/", this::signed));
        }

        private Term chain(String operators, Supplier<Term> operand) {
            Term first = operand.get();
            List<Character> used = new ArrayList<>();
            List<Term> others = new ArrayList<>();
            for (char next = peek(); next != 0 && operators.indexOf(next) >= 0; next = peek()) {
                at++;
                used.add(next);
                others.add(operand.get());
            }
            return others.isEmpty() ? first : new Chain(first, used, others);
        }

        private Term signed() {
            char sign = peek();
            if (sign != '-' && sign != '+') {
                return power();
            }
            at++;
            Term operand = deeper(this::signed);
            return sign == '+' ? operand : values -> -operand.of(values);
        }

        private Term power() {
            Term radix = single();
            if (peek() != '^') {
                return radix;
            }
            at++;
            return new Chain(radix, List.of('^'), List.of(deeper(this::signed)));
        }

        private Term single() {
            if (peek() == '(') {
                at++;
                Term inner = deeper(this::sum);
                require(')');
                return inner;
            }
            Matcher number = NUMBER.matcher(text).region(at, text.length());
            if (number.lookingAt()) {
                at = number.end();
                double value = finite(Double.parseDouble(number.group()), "", number.group(), "");
                return _ -> value;
            }
            Matcher name = NAME.matcher(text).region(at, text.length());
            if (!name.lookingAt()) {
                throw unexpected("a number, a name or (");
            }
            at = name.end();
            return peek() == '(' ? call(name.group()) : variable(name.group());
        }

        private Term variable(String name) {
            if (!names.contains(name)) {
                throw new FormulaException(
                        "uses " + name + ", which is no grader; expected " + String.join(", ", new TreeSet<>(names)));
            }
            return values -> {
                Double value = values.get(name);
                if (value == null) {
                    throw new FormulaException(name + " has no value");
                }
                return value;
            };
        }

        private Term call(String name) {
            Function function = Arrays.stream(Function.values())
                    .filter(each -> each.spelled().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new FormulaException(
                            "calls " + name + ", which is no function; expected one of " + Function.NAMES));
            at++;
            List<Term> arguments = new ArrayList<>();
            arguments.add(deeper(this::sum));
            while (peek() == ',') {
                at++;
                arguments.add(deeper(this::sum));
            }
            require(')');
            if (!function.takes(arguments.size())) {
                throw new FormulaException(name + " takes one number, not " + arguments.size());
            }
            return values -> {
                double[] x =
                        arguments.stream().mapToDouble(each -> each.of(values)).toArray();
                return finite(function.of(x), name + "(", String.valueOf(x[0]), x.length > 1 ? ", …)" : ")");
            };
        }

        private Term deeper(Supplier<Term> inner) {
            if (++depth > DEEPEST) {
                throw new FormulaException("is nested more than " + DEEPEST + " deep");
            }
            Term term = inner.get();
            depth--;
            return term;
        }

        /** The next character that is no space, or 0 at the end. */
        private char peek() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return at < text.length() ? text.charAt(at) : 0;
        }

        private void require(char expected) {
            if (peek() != expected) {
                throw unexpected(String.valueOf(expected));
            }
            at++;
        }

        void requireEnd() {
            if (peek() != 0) {
                throw unexpected("an operator or the end");
            }
        }

        private FormulaException unexpected(String expected) {
            char found = peek();
            return new FormulaException("has " + (found == 0 ? "its end" : "'" + found + "'") + " at character "
                    + (at + 1) + "; expected " + expected);
        }
    }
}
