package org.reft4j.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Lexer.Token;
import org.reft4j.template.TemplateExpression.CallArguments;

/**
 * Reads expressions, from the weakest operator to the strongest: conditional, or, and, not, comparison, sum, {@code ~}, product, power,
 * sign; then what follows a value (attributes, calls, filters, tests).
 */
final class TemplateExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");

    private final TokenRow tokens;

    TemplateExpressionParser(TokenRow tokens) {
        this.tokens = tokens;
    }

    TemplateExpression expression() {
        return expression(true);
    }

    private TemplateExpression expression(boolean conditional) {
        tokens.enter();
        TemplateExpression expression = conditional ? conditional() : or();
        tokens.leave();
        return expression;
    }

    /**
     * One expression, or several with commas, which make a tuple.
     *
     * @param conditional whether {@code if} may follow; in the head of a loop it begins the condition
     * @param end a name that ends the tuple, as {@code recursive}
     */
    TemplateExpression tuple(boolean conditional, @Nullable String end) {
        return tuple(conditional, end, false);
    }

    private TemplateExpression tuple(boolean conditional, @Nullable String end, boolean parenthesised) {
        List<TemplateExpression> items = new ArrayList<>();
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
        return new TemplateExpression.TupleOf(items);
    }

    private boolean endsTuple(@Nullable String end) {
        Token token = tokens.current();
        return token.is(Token.Kind.VARIABLE_END)
                || token.is(Token.Kind.BLOCK_END)
                || token.isOperator(")")
                || (end != null && token.isName(end));
    }

    private TemplateExpression conditional() {
        TemplateExpression then = or();
        while (tokens.skipName("if")) {
            TemplateExpression condition = or();
            TemplateExpression otherwise = tokens.skipName("else") ? expression() : null;
            then = new TemplateExpression.Conditional(condition, then, otherwise);
        }
        return then;
    }

    private TemplateExpression or() {
        TemplateExpression left = and();
        while (tokens.skipName("or")) {
            left = new TemplateExpression.Or(left, and());
        }
        return left;
    }

    private TemplateExpression and() {
        TemplateExpression left = not();
        while (tokens.skipName("and")) {
            left = new TemplateExpression.And(left, not());
        }
        return left;
    }

    private TemplateExpression not() {
        if (!tokens.skipName("not")) {
            return comparison();
        }
        tokens.enter();
        TemplateExpression operand = not();
        tokens.leave();
        return new TemplateExpression.Not(operand);
    }

    private TemplateExpression comparison() {
        TemplateExpression first = sum();
        List<TemplateExpression.Operand> rest = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.is(Token.Kind.OPERATOR) && COMPARISONS.contains(token.text())) {
                tokens.next();
                rest.add(new TemplateExpression.Operand(token.text(), sum()));
            } else if (tokens.skipName("in")) {
                rest.add(new TemplateExpression.Operand("in", sum()));
            } else if (token.isName("not") && tokens.ahead().isName("in")) {
                tokens.next();
                tokens.next();
                rest.add(new TemplateExpression.Operand("not in", sum()));
            } else {
                return rest.isEmpty() ? first : new TemplateExpression.Comparison(first, rest);
            }
        }
    }

    private TemplateExpression sum() {
        TemplateExpression left = concat();
        while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
            left = new TemplateExpression.Binary(tokens.next().text(), left, concat());
        }
        return left;
    }

    private TemplateExpression concat() {
        List<TemplateExpression> parts = new ArrayList<>();
        do {
            parts.add(product());
        } while (tokens.skipOperator("~"));
        return parts.size() == 1 ? parts.getFirst() : new TemplateExpression.Concat(parts);
    }

    private TemplateExpression product() {
        TemplateExpression left = power();
        while (tokens.current().is(Token.Kind.OPERATOR)
                && PRODUCTS.contains(tokens.current().text())) {
            left = new TemplateExpression.Binary(tokens.next().text(), left, power());
        }
        return left;
    }

    private TemplateExpression power() {
        TemplateExpression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = new TemplateExpression.Binary("**", left, unary(true));
        }
        return left;
    }

    private TemplateExpression unary(boolean filtered) {
        tokens.enter();
        TemplateExpression value;
        if (tokens.skipOperator("-")) {
            value = new TemplateExpression.Sign(true, unary(false));
        } else if (tokens.skipOperator("+")) {
            value = new TemplateExpression.Sign(false, unary(false));
        } else {
            value = primary();
        }
        value = postfix(value);
        value = filtered ? filtersAndTests(value) : value;
        tokens.leave();
        return value;
    }

    /** A name, a literal, or an expression in brackets. */
    private TemplateExpression primary() {
        Token token = tokens.current();
        switch (token.kind()) {
            case NAME -> {
                tokens.next();
                return switch (token.text()) {
                    case "true", "True" -> new TemplateExpression.Literal(Value.TRUE);
                    case "false", "False" -> new TemplateExpression.Literal(Value.FALSE);
                    case "none", "None" -> new TemplateExpression.Literal(Value.NONE);
                    default -> new TemplateExpression.Name(name(token.text()));
                };
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (tokens.current().is(Token.Kind.STRING)) {
                    text.append(tokens.next().text());
                }
                return new TemplateExpression.Literal(Value.text(text.toString()));
            }
            case INTEGER, REAL -> {
                return new TemplateExpression.Literal(number(tokens.next()));
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

    private TemplateExpression bracketed() {
        if (tokens.skipOperator("(")) {
            TemplateExpression inner = tuple(true, null, true);
            tokens.expectOperator(")");
            return inner;
        }
        if (tokens.skipOperator("[")) {
            List<TemplateExpression> items = new ArrayList<>();
            while (!tokens.skipOperator("]")) {
                items.add(expression());
                comma("]");
            }
            return new TemplateExpression.ListOf(items);
        }
        if (tokens.skipOperator("{")) {
            List<TemplateExpression.Pair> pairs = new ArrayList<>();
            while (!tokens.skipOperator("}")) {
                TemplateExpression key = expression();
                tokens.expectOperator(":");
                pairs.add(new TemplateExpression.Pair(key, expression()));
                comma("}");
            }
            return new TemplateExpression.DictOf(pairs);
        }
        throw tokens.unexpected("an expression");
    }

    /** A comma, which may be left out in front of the closing bracket only. */
    private void comma(String closing) {
        if (!tokens.current().isOperator(closing)) {
            tokens.expectOperator(",");
        }
    }

    private TemplateExpression postfix(TemplateExpression start) {
        TemplateExpression value = start;
        while (true) {
            if (tokens.skipOperator(".")) {
                value = attribute(value);
            } else if (tokens.skipOperator("[")) {
                value = subscript(value);
            } else if (tokens.current().isOperator("(")) {
                value = new TemplateExpression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private TemplateExpression attribute(TemplateExpression target) {
        if (tokens.current().is(Token.Kind.INTEGER)) {
            return new TemplateExpression.Subscript(target, new TemplateExpression.Literal(number(tokens.next())));
        }
        return new TemplateExpression.Attribute(target, tokens.expectName());
    }

    private TemplateExpression subscript(TemplateExpression target) {
        TemplateExpression start = tokens.current().isOperator(":") ? null : expression();
        if (start != null && tokens.skipOperator("]")) {
            return new TemplateExpression.Subscript(target, start);
        }
        if (start != null && tokens.current().isOperator(",")) {
            List<TemplateExpression> items = new ArrayList<>(List.of(start));
            while (tokens.skipOperator(",")) {
                items.add(expression());
            }
            tokens.expectOperator("]");
            return new TemplateExpression.Subscript(target, new TemplateExpression.TupleOf(items));
        }
        tokens.expectOperator(":");
        TemplateExpression stop = sliceBound();
        TemplateExpression step = tokens.skipOperator(":") ? sliceBound() : null;
        tokens.expectOperator("]");
        return new TemplateExpression.Slice(target, start, stop, step);
    }

    private @Nullable TemplateExpression sliceBound() {
        return tokens.current().isOperator(":") || tokens.current().isOperator("]") ? null : expression();
    }

    CallArguments arguments() {
        tokens.expectOperator("(");
        List<TemplateExpression> positional = new ArrayList<>();
        List<TemplateExpression.Keyword> keywords = new ArrayList<>();
        TemplateExpression rest = null;
        TemplateExpression keywordRest = null;
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
                keywords.add(new TemplateExpression.Keyword(name, expression()));
            } else if (rest == null && keywords.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.unexpected("an argument with its name");
            }
            comma(")");
        }
        return new CallArguments(positional, keywords, rest, keywordRest);
    }

    private TemplateExpression filtersAndTests(TemplateExpression start) {
        TemplateExpression value = start;
        while (true) {
            if (tokens.skipOperator("|")) {
                value = new TemplateExpression.Filter(value, filter());
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.current().isOperator("(")) {
                value = new TemplateExpression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    /** Filter, after its bar. */
    TemplateExpression.FilterCall filter() {
        String name = dotted();
        return new TemplateExpression.FilterCall(
                name, tokens.current().isOperator("(") ? arguments() : CallArguments.NONE);
    }

    private String dotted() {
        StringBuilder name = new StringBuilder(tokens.expectName());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expectName());
        }
        return name.toString();
    }

    private TemplateExpression test(TemplateExpression value) {
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
        TemplateExpression test = new TemplateExpression.Test(value, name, arguments);
        return negated ? new TemplateExpression.Not(test) : test;
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
