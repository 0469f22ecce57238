package org.reft4j.task.math;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads expressions by recursive descent: sums, products (also unwritten, as in {@code 2x}), powers (to the right), mixed numbers, bars,
 * functions. {@code 1/2x} is half of x; {@code -2^2} is -4.
 */
final class ExpressionParser {
    static final Set<String> SEPARATORS = Set.of("or", "and");

    private static final int MAX_DEPTH = 60;
    private static final int MAX_PRODUCT_OF_LETTERS = 3;

    private static final Map<String, Function<Real, Real>> FUNCTIONS = Map.ofEntries(
            Map.entry("sqrt", Real::squareRoot),
            Map.entry("abs", Real::abs),
            Map.entry("exp", x -> x.map(Math::exp)),
            Map.entry("ln", Real::logarithm),
            Map.entry("log", x -> x.map(Math::log10)),
            Map.entry("sin", x -> x.map(Math::sin)),
            Map.entry("cos", x -> x.map(Math::cos)),
            Map.entry("tan", x -> x.map(Math::tan)),
            Map.entry("arcsin", x -> x.map(Math::asin)),
            Map.entry("arccos", x -> x.map(Math::acos)),
            Map.entry("arctan", x -> x.map(Math::atan)));

    private static final Map<String, Double> CONSTANTS =
            Map.of("pi", Math.PI, "π", Math.PI, "e", Math.E, "inf", Double.POSITIVE_INFINITY);

    private final List<Token> tokens;
    private int at;
    private int depth;
    private int bars;

    ExpressionParser(List<Token> tokens, int at) {
        this.tokens = tokens;
        this.at = at;
    }

    /** Offset of the expression's end. */
    int at() {
        return at;
    }

    /** @throws UnreadableException if there is none */
    Expression sum() {
        Expression left = product();
        while (peek().isAny("+", "-")) {
            char operator = next().text().charAt(0);
            left = new Expression.Operation(operator, left, product());
        }
        return left;
    }

    private Expression product() {
        Expression left = signed();
        while (true) {
            if (peek().isAny("*", "/")) {
                char operator = next().text().charAt(0);
                left = new Expression.Operation(operator, left, signed());
            } else if (isCross()) {
                next();
                left = new Expression.Operation('*', left, signed());
            } else if (startsFactor()) {
                left = new Expression.Operation('*', left, power());
            } else {
                return left;
            }
        }
    }

    private Expression signed() {
        enter();
        Expression signed;
        if (peek().isAny("-")) {
            next();
            signed = negated(signed());
        } else if (peek().isAny("+")) {
            next();
            signed = signed();
        } else {
            signed = power();
        }
        depth--;
        return signed;
    }

    private static Expression negated(Expression expression) {
        return expression instanceof Expression.Literal(Real value, int decimals)
                ? new Expression.Literal(value.negate(), decimals)
                : new Expression.Operation('-', new Expression.Literal(Real.of(Rational.ZERO), -1), expression);
    }

    private Expression power() {
        Expression left = primary();
        if (peek().isAny("^")) {
            next();
            return new Expression.Operation('^', left, signed());
        }
        return left;
    }

    private Expression primary() {
        enter();
        Token token = next();
        Expression primary = switch (token.kind()) {
            case NUMBER -> number(token);
            case WORD -> word(token);
            case SIGN -> bracketed(token);
            case END -> throw new UnreadableException("it ends where a number should be");
        };
        depth--;
        return primary;
    }

    private Expression bracketed(Token token) {
        if (token.is("(")) {
            int outer = bars;
            bars = 0;
            Expression inner = sum();
            bars = outer;
            expect(")");
            return inner;
        }
        if (token.is("|")) {
            bars++;
            Expression inner = sum();
            bars--;
            expect("|");
            return new Expression.Call(Real::abs, inner);
        }
        throw new UnreadableException("'" + token.text() + "' where a number should be");
    }

    private Expression number(Token token) {
        Rational value = rational(token);
        int point = token.text().indexOf('.');
        boolean pointed = point >= 0 && point < token.text().length() - 1;
        if (!pointed && value.isWhole() && isMixed(value)) {
            Rational above = rational(next());
            next();
            return new Expression.Literal(Real.of(value.plus(above.over(rational(next())))), -1);
        }
        int decimals = pointed ? token.text().replaceAll("[eE].*", "").length() - point - 1 : -1;
        return new Expression.Literal(Real.of(value), decimals);
    }

    /** True if a proper fraction of digits follows, with space: {@code 1 1/2}. */
    private boolean isMixed(Rational whole) {
        Token above = peek(0);
        Token below = peek(2);
        return above.kind() == Token.Kind.NUMBER
                && above.spaced()
                && peek(1).isAny("/")
                && below.kind() == Token.Kind.NUMBER
                && rational(above).isWhole()
                && rational(below).isWhole()
                && rational(above).compareTo(rational(below)) < 0
                && whole.signum() >= 0;
    }

    private static Rational rational(Token token) {
        return Rational.ofDecimal(token.text())
                .orElseThrow(() -> new UnreadableException("'" + token.text() + "' is out of range"));
    }

    private Expression word(Token token) {
        String name = token.text();
        String lower = token.lower();
        if (lower.equals("log") && peek().isAny("_")) {
            next();
            Expression base = primary();
            return new Expression.Operation('/', call(Real::logarithm), new Expression.Call(Real::logarithm, base));
        }
        Function<Real, Real> function = FUNCTIONS.get(lower);
        if (function != null) {
            return call(function);
        }
        Double constant = CONSTANTS.get(lower);
        if (constant != null && !name.equals("E")) {
            return new Expression.Literal(Real.approximately(constant), -1);
        }
        if (name.length() == 1) {
            return variable(name);
        }
        if (name.length() > MAX_PRODUCT_OF_LETTERS || SEPARATORS.contains(lower)) {
            throw new UnreadableException("the word '" + name + "' where a number should be");
        }
        return name.codePoints()
                .<Expression>mapToObj(letter -> variable(Character.toString(letter)))
                .reduce((left, right) -> new Expression.Operation('*', left, right))
                .orElseThrow();
    }

    private Expression variable(String name) {
        if (peek().isAny("_") && !peek().spaced()) {
            next();
            Token subscript = next();
            if (subscript.is("(")) {
                subscript = next();
                expect(")");
            }
            return new Expression.Variable(name + "_" + subscript.text());
        }
        return new Expression.Variable(name);
    }

    private Expression call(Function<Real, Real> function) {
        if (peek().isAny("^")) { // sin^2 x
            next();
            Expression exponent = primary();
            return new Expression.Operation('^', new Expression.Call(function, power()), exponent);
        }
        return new Expression.Call(function, peek().isAny("(") ? primary() : power());
    }

    /** An x between numbers is a multiplication sign. */
    private boolean isCross() {
        return peek().isWord()
                && peek().lower().equals("x")
                && at > 0
                && !tokens.get(at - 1).isWord()
                && peek(1).kind() == Token.Kind.NUMBER;
    }

    private boolean startsFactor() {
        Token token = peek();
        if (token.isAny("(")) {
            return true;
        }
        if (token.isAny("|")) {
            return bars == 0;
        }
        if (!token.isWord()) {
            return false;
        }
        String lower = token.lower();
        return !SEPARATORS.contains(lower)
                && (token.text().length() == 1
                        || FUNCTIONS.containsKey(lower)
                        || CONSTANTS.containsKey(lower)
                        || (!token.spaced()
                                && !Units.isKnown(lower)
                                && token.text().length() <= MAX_PRODUCT_OF_LETTERS));
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw new UnreadableException("nested too deeply");
        }
    }

    private void expect(String sign) {
        if (!next().is(sign)) {
            throw new UnreadableException("'" + sign + "' is missing");
        }
    }

    private Token peek() {
        return peek(0);
    }

    private Token peek(int ahead) {
        return at + ahead < tokens.size() ? tokens.get(at + ahead) : new Token(Token.Kind.END, "", false);
    }

    private Token next() {
        Token token = peek();
        at++;
        return token;
    }
}
