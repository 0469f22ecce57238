package org.reft4j.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a template that writes text, or decides what is written. */
sealed interface Statement {
    /** Line that it begins in, from 1. */
    int line();

    record Data(int line, String text) implements Statement {}

    /** <code>{{ value }}</code>. */
    record Print(int line, TemplateExpression value) implements Statement {}

    record Assign(int line, Target target, TemplateExpression value) implements Statement {}

    /** {@code set} with a body instead of a value. */
    record AssignBody(int line, Target target, List<TemplateExpression.FilterCall> filters, List<Statement> body)
            implements Statement {}

    record If(int line, List<Branch> branches, List<Statement> otherwise) implements Statement {}

    record Branch(int line, TemplateExpression condition, List<Statement> body) {}

    record For(
            int line,
            Target target,
            TemplateExpression items,
            @Nullable TemplateExpression condition,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise)
            implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}

    record MacroDefinition(int line, String name, Callable callable) implements Statement {}

    record CallBody(int line, Callable callable, TemplateExpression.Call call) implements Statement {}

    record FilterBody(int line, List<TemplateExpression.FilterCall> filters, List<Statement> body)
            implements Statement {}

    record With(int line, List<Target> targets, List<TemplateExpression> values, List<Statement> body)
            implements Statement {}

    /** A named block; without inheritance it is written where it stands. */
    record Block(int line, String name, List<Statement> body) implements Statement {}

    /** Text of the assistant, as the template marks it. */
    record Generation(int line, List<Statement> body) implements Statement {}

    /**
     * The parameters of a macro.
     *
     * @param names in order
     * @param defaults of the last ones
     */
    record Signature(List<String> names, List<TemplateExpression> defaults) {
        static final Signature NONE = new Signature(List.of(), List.of());
    }

    /**
     * A body that can be called. As in the reference, it takes what its parameters do not name only if it speaks of it.
     *
     * @param varargs whether it takes more arguments by position
     * @param kwargs whether it takes arguments of other names
     * @param caller whether it takes the body of a call
     */
    record Callable(Signature signature, List<Statement> body, boolean varargs, boolean kwargs, boolean caller) {}

    /** Target of an assignment. */
    sealed interface Target {}

    record NameTarget(String name) implements Target {}

    record TupleTarget(List<Target> parts) implements Target {}

    /** {@code namespace.attribute}. */
    record AttributeTarget(String namespace, String attribute) implements Target {}
}
