package org.reft4j.task.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.math.ProseToken.Kind;

/**
 * Arithmetic in a chain of thought: every {@code 29 species * 7 pairs per species = 203 pairs} is found and evaluated exactly. Words
 * after numbers are units and do not matter; equations with unknowns are left out.
 */
public final class Arithmetic {
    private Arithmetic() {}

    /**
     * An equation of numbers, at least one side of which computes something.
     *
     * @param start offset of its first character
     * @param end offset one past its last number
     * @param text as written
     * @param holds whether both sides are equal, or the right one is the left rounded to its decimals
     */
    public record Claim(int start, int end, String text, boolean holds) {}

    /**
     * Number after an equals sign, whether what stands before it can be computed or not.
     *
     * @param end offset one past it
     * @param value as a decimal or a fraction
     */
    public record Result(int end, String value) {}

    /** The claims of a text, in its order. */
    public static List<Claim> claims(String text) {
        List<Claim> claims = new ArrayList<>();
        List<ProseToken> tokens = ProseToken.all(text);
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).kind() == Kind.EQUALS) {
                Side left = Side.before(tokens, i);
                Side right = Side.behind(tokens, i);
                if (left != null && right != null && (left.computes() || right.computes())) {
                    boolean holds = holds(left, right, tokens.get(i).text().equals("≈"));
                    claims.add(new Claim(left.start(), right.end(), text.substring(left.start(), right.end()), holds));
                }
            }
        }
        return claims;
    }

    /** Numbers after equals signs, in the text's order. */
    public static List<Result> results(String text) {
        List<Result> results = new ArrayList<>();
        List<ProseToken> tokens = ProseToken.all(text);
        for (int i = 0; i < tokens.size(); i++) {
            Side right = tokens.get(i).kind() == Kind.EQUALS ? Side.behind(tokens, i) : null;
            if (right != null && right.value().isDefined()) {
                results.add(new Result(right.end(), right.spelled()));
            }
        }
        return results;
    }

    /** All numbers of a text, in its order, as they are written but for separators of thousands. */
    public static List<Result> numbers(String text) {
        return ProseToken.all(text).stream()
                .filter(token -> token.kind() == Kind.NUMBER)
                .map(token -> new Result(token.end(), token.text()))
                .toList();
    }

    private static boolean holds(Side left, Side right, boolean about) {
        for (Real a : left.values()) {
            for (Real b : right.values()) {
                if (near(a, b, right.decimals(), about)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Equal, or rounded or cut off: to the decimals that the right side has, if it has any or says that it is about. */
    private static boolean near(Real left, Real right, int decimals, boolean about) {
        if (!left.isDefined() || !right.isDefined()) {
            return false;
        }
        double distance = Math.abs(left.approximate() - right.approximate());
        if (left.exact() != null && right.exact() != null) {
            Rational exact = left.exact().minus(right.exact()).abs();
            if (exact.signum() == 0) {
                return true;
            }
            Rational last = Rational.ONE.over(Rational.of(10).power(Math.clamp(decimals, 0, 100)));
            boolean cut = left.exact().abs().compareTo(right.exact().abs()) > 0 && exact.compareTo(last) < 0;
            boolean rounded = exact.compareTo(last.over(Rational.of(2))) <= 0;
            boolean noise = distance <= Points.NOISE * Math.abs(left.approximate());
            return decimals > 0 ? cut || rounded || noise : about && decimals == 0 && rounded;
        }
        double room = decimals > 0 || about ? 0.5 * Math.pow(10, -Math.max(decimals, 0)) : 0;
        return distance <= room + Points.NOISE * Math.max(1, Math.abs(left.approximate()));
    }

    /**
     * One side of an equation.
     *
     * @param value as it is read first
     * @param values what it may mean: of percentages also a hundred times as much
     * @param decimals of a plain number, 0 for a whole one; -1 for a computation
     * @param written its last number
     */
    private record Side(
            int start, int end, Real value, List<Real> values, boolean computes, int decimals, String written) {
        /** A plain number as written, without its percent sign; else its value. */
        String spelled() {
            return decimals < 0 ? value.toString() : (value.approximate() < 0 ? "-" : "") + written;
        }

        /** Expression before the equals sign, from the last place where it can begin. */
        static @Nullable Side before(List<ProseToken> tokens, int equals) {
            ProseExpression expression = new ProseExpression(true);
            int from = equals;
            while (from > 0 && !tokens.get(from - 1).ends()) {
                from--;
            }
            for (int i = from; i < equals; i++) {
                expression.take(tokens.get(i), next(tokens, i));
            }
            Side side = of(expression);
            // 5 gallons = 5 * 8 pints, 1/4 cup = 2 oz: a bare number or fraction counts only right before the sign.
            boolean fraction = expression.parts().size() == 3
                    && expression.parts().get(1).text().equals("/")
                    && expression.parts().get(1).touches(expression.parts().getFirst());
            boolean counts = side != null
                    && ((side.computes() && !fraction)
                            || side.end() == tokens.get(equals - 1).end());
            return counts ? side : null;
        }

        /** Expression after the equals sign, as far as it goes. */
        static @Nullable Side behind(List<ProseToken> tokens, int equals) {
            ProseExpression expression = new ProseExpression(false);
            for (int i = equals + 1; i < tokens.size() && !tokens.get(i).ends(); i++) {
                if (!expression.take(tokens.get(i), next(tokens, i))) {
                    break;
                }
            }
            return of(expression);
        }

        private static @Nullable ProseToken next(List<ProseToken> tokens, int index) {
            return index + 1 < tokens.size() ? tokens.get(index + 1) : null;
        }

        private static @Nullable Side of(ProseExpression expression) {
            List<ProseToken> parts = expression.parts();
            if (parts.isEmpty()) {
                return null;
            }
            boolean computes = parts.stream().skip(1).anyMatch(part -> part.kind() == Kind.OPERATOR);
            String written = parts.getLast().text();
            int point = written.indexOf('.');
            int decimals = computes || parts.size() > 2 ? -1 : point < 0 ? 0 : written.length() - point - 1;
            List<Real> values = values(parts);
            return new Side(
                    parts.getFirst().start(),
                    parts.getLast().end(),
                    values.getFirst(),
                    values,
                    computes,
                    decimals,
                    written);
        }

        private static List<Real> values(List<ProseToken> parts) {
            List<Real> values = new ArrayList<>(List.of(value(ProseExpression.tokens(parts))));
            List<Token> closely = ProseExpression.closely(parts);
            if (closely.size() > parts.size()) {
                values.add(value(closely));
            }
            if (parts.stream().anyMatch(ProseToken::percent)) {
                values.add(values.getFirst().times(Real.of(Rational.of(100))));
            }
            return values;
        }

        private static Real value(List<Token> tokens) {
            try {
                ExpressionParser parser = new ExpressionParser(tokens, 0);
                Expression expression = parser.sum();
                return parser.at() == tokens.size() ? expression.at(Map.of()) : Real.UNDEFINED;
            } catch (UnreadableException e) {
                return Real.UNDEFINED;
            }
        }
    }
}
