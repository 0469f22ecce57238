package org.reft4j.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Expression.CallArguments;
import org.reft4j.template.Lexer.Token;

/**
 * Reads expressions, from the weakest operator to the strongest: conditional, or, and, not, comparison, sum, {@code ~}, product, power,
 * sign; then what follows a value (attributes, calls, filters, tests).
 */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");

    private final TokenRow tokens;

    ExpressionParser(TokenRow tokens) {
        this.tokens = tokens;
    }

    Expression expression() {
        return expression(true);
    }

    private Expression expression(boolean conditional) {
        tokens.enter();
        Expression expression = conditional ? conditional() : or();
        tokens.leave();
        return expression;
    }

    /**
     * One expression, or several with commas, which make a tuple.
     *
     * @param conditional whether {@code if} may follow; in the head of a loop it begins the condition
     * @param end a name that ends the tuple, as {@code recursive}
     */
    Expression tuple(boolean conditional, @Nullable String end) {
        return tuple(conditional, end, false);
    }

    private Expression tuple(boolean conditional, @Nullable String end, boolean parenthesised) {
        List<Expression> items = new ArrayList<>();
        boolean tuple = false;
        while (!endsTuple(end)) {
            items.add(expression(conditional));
            if (!tokens.skipOperator(",")) {
                break;
            }
            tuple = true;
        }
        if (items.size() == 1 && !tuple) {
            return items.getFirst();
        }
        if (items.isEmpty() && !parenthesised) {
            throw tokens.unexpected("an expression");
        }
        return new Expression.TupleOf(items);
    }

    private boolean endsTuple(@Nullable String end) {
        Token token = tokens.current();
        return token.is(Token.Kind.VARIABLE_END)
                || token.is(Token.Kind.BLOCK_END)
                || token.isOperator(")")
                || (end != null && token.isName(end));
    }

    private Expression conditional() {
        Expression then = or();
        while (tokens.skipName("if")) {
            Expression condition = or();
            Expression otherwise = tokens.skipName("else") ? expression() : null;
            then = new Expression.Conditional(condition, then, otherwise);
        }
        return then;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.skipName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression operand = not();
        tokens.leave();
        return new Expression.Not(operand);
    }

    private Expression comparison() {
        Expression first = sum();
        List<Expression.Operand> rest = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.is(Token.Kind.OPERATOR) && COMPARISONS.contains(token.text())) {
                tokens.next();
                rest.add(new Expression.Operand(token.text(), sum()));
            } else if (tokens.skipName("in")) {
                rest.add(new Expression.Operand("in", sum()));
            } else if (token.isName("not") && tokens.ahead().isName("in")) {
                tokens.next();
                tokens.next();
                rest.add(new Expression.Operand("not in", sum()));
            } else {
                return rest.isEmpty() ? first : new Expression.Comparison(first, rest);
            }
        }
    }

    private Expression sum() {
        Expression left = concat();
        while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
            left = new Expression.Binary(tokens.next().text(), left, concat());
        }
        return left;
    }

    private Expression concat() {
        List<Expression> parts = new ArrayList<>();
        do {
            parts.add(product());
        } while (tokens.skipOperator("~"));
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concat(parts);
    }

    private Expression product() {
        Expression left = power();
        while (tokens.current().is(Token.Kind.OPERATOR)
                && PRODUCTS.contains(tokens.current().text())) {
            left = new Expression.Binary(tokens.next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = new Expression.Binary("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean filtered) {
        tokens.enter();
        Expression value;
        if (tokens.skipOperator("-")) {
            value = new Expression.Sign(true, unary(false));
        } else if (tokens.skipOperator("+")) {
            value = new Expression.Sign(false, unary(false));
        } else {
            value = primary();
        }
        value = postfix(value);
        value = filtered ? filtersAndTests(value) : value;
        tokens.leave();
        return value;
    }

    /** A name, a literal, or an expression in brackets. */
    private Expression primary() {
        Token token = tokens.current();
        switch (token.kind()) {
            case NAME -> {
                tokens.next();
                return switch (token.text()) {
                    case "true", "True" -> new Expression.Literal(Value.TRUE);
                    case "false", "False" -> new Expression.Literal(Value.FALSE);
                    case "none", "None" -> new Expression.Literal(Value.NONE);
                    default -> new Expression.Name(name(token.text()));
                };
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (tokens.current().is(Token.Kind.STRING)) {
                    text.append(tokens.next().text());
                }
                return new Expression.Literal(Value.text(text.toString()));
            }
            case INTEGER, REAL -> {
                return new Expression.Literal(number(tokens.next()));
            }
            default -> {
                return bracketed();
            }
        }
    }

    private static String name(String text) {
        if (!Character.isUnicodeIdentifierStart(text.codePointAt(0)) && text.charAt(0) != '_') {
            throw new TemplateFault("'" + text + "' is no name");
        }
        return text;
    }

    private static Value number(Token token) {
        String digits = token.text().replace("_", "");
        if (token.is(Token.Kind.REAL)) {
            return new Value.Real(Double.parseDouble(digits));
        }
        if (digits.length() > Budget.LONGEST_NUMBER / 4) {
            throw new TemplateFault("a number of " + digits.length() + " digits");
        }
        return new Value.Int(new BigInteger(digits));
    }

    private Expression bracketed() {
        if (tokens.skipOperator("(")) {
            Expression inner = tuple(true, null, true);
            tokens.expectOperator(")");
            return inner;
        }
        if (tokens.skipOperator("[")) {
            List<Expression> items = new ArrayList<>();
            while (!tokens.skipOperator("]")) {
                items.add(expression());
                comma("]");
            }
            return new Expression.ListOf(items);
        }
        if (tokens.skipOperator("{")) {
            List<Expression.Pair> pairs = new ArrayList<>();
            while (!tokens.skipOperator("}")) {
                Expression key = expression();
                tokens.expectOperator(":");
                pairs.add(new Expression.Pair(key, expression()));
                comma("}");
            }
            return new Expression.DictOf(pairs);
        }
        throw tokens.unexpected("an expression");
    }

    /** A comma, which may be left out in front of the closing bracket only. */
    private void comma(String closing) {
        if (!tokens.current().isOperator(closing)) {
            tokens.expectOperator(",");
        }
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.skipOperator(".")) {
                value = attribute(value);
            } else if (tokens.skipOperator("[")) {
                value = subscript(value);
            } else if (tokens.current().isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression attribute(Expression target) {
        if (tokens.current().is(Token.Kind.INTEGER)) {
            return new Expression.Subscript(target, new Expression.Literal(number(tokens.next())));
        }
        return new Expression.Attribute(target, tokens.expectName());
    }

    private Expression subscript(Expression target) {
        Expression start = tokens.current().isOperator(":") ? null : expression();
        if (start != null && tokens.skipOperator("]")) {
            return new Expression.Subscript(target, start);
        }
        if (start != null && tokens.current().isOperator(",")) {
            List<Expression> items = new ArrayList<>(List.of(start));
            while (tokens.skipOperator(",")) {
                items.add(expression());
            }
            tokens.expectOperator("]");
            return new Expression.Subscript(target, new Expression.TupleOf(items));
        }
        tokens.expectOperator(":");
        Expression stop = sliceBound();
        Expression step = tokens.skipOperator(":") ? sliceBound() : null;
        tokens.expectOperator("]");
        return new Expression.Slice(target, start, stop, step);
    }

    private @Nullable Expression sliceBound() {
        return tokens.current().isOperator(":") || tokens.current().isOperator("]") ? null : expression();
    }

    CallArguments arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<Expression.Keyword> keywords = new ArrayList<>();
        Expression rest = null;
        Expression keywordRest = null;
        while (!tokens.skipOperator(")")) {
            if (keywordRest != null) {
                throw tokens.unexpected("')'");
            }
            if (tokens.current().isOperator("*") && rest == null) {
                tokens.next();
                rest = expression();
            } else if (tokens.skipOperator("**")) {
                keywordRest = expression();
            } else if (tokens.current().is(Token.Kind.NAME) && tokens.ahead().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                keywords.add(new Expression.Keyword(name, expression()));
            } else if (rest == null && keywords.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.unexpected("an argument with its name");
            }
            comma(")");
        }
        return new CallArguments(positional, keywords, rest, keywordRest);
    }

    private Expression filtersAndTests(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.skipOperator("|")) {
                value = new Expression.Filter(value, filter());
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.current().isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    /** Filter, after its bar. */
    Expression.FilterCall filter() {
        String name = dotted();
        return new Expression.FilterCall(name, tokens.current().isOperator("(") ? arguments() : CallArguments.NONE);
    }

    private String dotted() {
        StringBuilder name = new StringBuilder(tokens.expectName());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expectName());
        }
        return name.toString();
    }

    private Expression test(Expression value) {
        boolean negated = tokens.skipName("not");
        String name = dotted();
        CallArguments arguments = CallArguments.NONE;
        if (tokens.current().isOperator("(")) {
            arguments = arguments();
        } else if (beginsOperand()) {
            if (tokens.current().isName("is")) {
                throw new TemplateFault("tests cannot be chained with 'is'");
            }
            arguments = new CallArguments(List.of(postfix(primary())), List.of(), null, null);
        }
        Expression test = new Expression.Test(value, name, arguments);
        return negated ? new Expression.Not(test) : test;
    }

    private boolean beginsOperand() {
        Token token = tokens.current();
        return switch (token.kind()) {
            case STRING, INTEGER, REAL -> true;
            case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
            case OPERATOR -> token.isOperator("[") || token.isOperator("{");
            default -> false;
        };
    }
}
