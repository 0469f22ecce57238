package org.reft4j.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression of a template. */
sealed interface TemplateExpression {
    record Literal(Value value) implements TemplateExpression {}

    record Name(String name) implements TemplateExpression {}

    record ListOf(List<TemplateExpression> items) implements TemplateExpression {}

    record TupleOf(List<TemplateExpression> items) implements TemplateExpression {}

    record DictOf(List<Pair> pairs) implements TemplateExpression {}

    record Pair(TemplateExpression key, TemplateExpression value) {}

    /** {@code target.name}. */
    record Attribute(TemplateExpression target, String name) implements TemplateExpression {}

    /** {@code target[index]}. */
    record Subscript(TemplateExpression target, TemplateExpression index) implements TemplateExpression {}

    /** {@code target[start:stop:step]}. */
    record Slice(
            TemplateExpression target,
            @Nullable TemplateExpression start,
            @Nullable TemplateExpression stop,
            @Nullable TemplateExpression step)
            implements TemplateExpression {}

    record Call(TemplateExpression target, CallArguments arguments) implements TemplateExpression {}

    /** {@code target | name(arguments)}. */
    record Filter(TemplateExpression target, FilterCall call) implements TemplateExpression {}

    record FilterCall(String name, CallArguments arguments) {}

    /** {@code target is name(arguments)}. */
    record Test(TemplateExpression target, String name, CallArguments arguments) implements TemplateExpression {}

    record Not(TemplateExpression operand) implements TemplateExpression {}

    /** {@code -operand} or {@code +operand}. */
    record Sign(boolean minus, TemplateExpression operand) implements TemplateExpression {}

    /** Arithmetic, by the operator as written. */
    record Binary(String operator, TemplateExpression left, TemplateExpression right) implements TemplateExpression {}

    record And(TemplateExpression left, TemplateExpression right) implements TemplateExpression {}

    record Or(TemplateExpression left, TemplateExpression right) implements TemplateExpression {}

    /** {@code a ~ b ~ c}. */
    record Concat(List<TemplateExpression> parts) implements TemplateExpression {}

    /** {@code first < second <= third}. */
    record Comparison(TemplateExpression first, List<Operand> rest) implements TemplateExpression {}

    /** @param operator as written; {@code in} and {@code not in} are among them */
    record Operand(String operator, TemplateExpression value) {}

    /** {@code then if condition else otherwise}. */
    record Conditional(
            TemplateExpression condition,
            TemplateExpression then,
            @Nullable TemplateExpression otherwise) implements TemplateExpression {}

    /**
     * The arguments of a call, as written.
     *
     * @param rest behind {@code *}
     * @param keywordRest behind {@code **}
     */
    record CallArguments(
            List<TemplateExpression> positional,
            List<Keyword> keywords,
            @Nullable TemplateExpression rest,
            @Nullable TemplateExpression keywordRest) {
        static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);
    }

    record Keyword(String name, TemplateExpression value) {}
}
