package org.reft4j.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression of a template. */
sealed interface Expression {
    record Literal(Value value) implements Expression {}

    record Name(String name) implements Expression {}

    record ListOf(List<Expression> items) implements Expression {}

    record TupleOf(List<Expression> items) implements Expression {}

    record DictOf(List<Pair> pairs) implements Expression {}

    record Pair(Expression key, Expression value) {}

    /** {@code target.name}. */
    record Attribute(Expression target, String name) implements Expression {}

    /** {@code target[index]}. */
    record Subscript(Expression target, Expression index) implements Expression {}

    /** {@code target[start:stop:step]}. */
    record Slice(
            Expression target,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step) implements Expression {}

    record Call(Expression target, CallArguments arguments) implements Expression {}

    /** {@code target | name(arguments)}. */
    record Filter(Expression target, FilterCall call) implements Expression {}

    record FilterCall(String name, CallArguments arguments) {}

    /** {@code target is name(arguments)}. */
    record Test(Expression target, String name, CallArguments arguments) implements Expression {}

    record Not(Expression operand) implements Expression {}

    /** {@code -operand} or {@code +operand}. */
    record Sign(boolean minus, Expression operand) implements Expression {}

    /** Arithmetic, by the operator as written. */
    record Binary(String operator, Expression left, Expression right) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    /** {@code a ~ b ~ c}. */
    record Concat(List<Expression> parts) implements Expression {}

    /** {@code first < second <= third}. */
    record Comparison(Expression first, List<Operand> rest) implements Expression {}

    /** @param operator as written; {@code in} and {@code not in} are among them */
    record Operand(String operator, Expression value) {}

    /** {@code then if condition else otherwise}. */
    record Conditional(
            Expression condition, Expression then, @Nullable Expression otherwise) implements Expression {}

    /**
     * The arguments of a call, as written.
     *
     * @param rest the argument after {@code *}
     * @param keywordRest the argument after {@code **}
     */
    record CallArguments(
            List<Expression> positional,
            List<Keyword> keywords,
            @Nullable Expression rest,
            @Nullable Expression keywordRest) {
        static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);
    }

    record Keyword(String name, Expression value) {}
}
