package org.reft4j.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.TemplateExpression.CallArguments;

/** Works out expressions. One for each rendering: it holds what the rendering may still cost. */
final class ExpressionEvaluator implements Selection.Calls {
    private final Budget budget;
    private final Operators operators;
    private final Slices slices;
    private final Attributes attributes;
    private final TextFilters textFilters;
    private final SequenceFilters sequenceFilters;
    private final Predicates predicates;

    ExpressionEvaluator(Budget budget) {
        this.budget = budget;
        this.operators = new Operators(budget);
        this.slices = new Slices(budget);
        this.attributes = new Attributes(budget, operators);
        this.textFilters = new TextFilters(budget, operators, attributes);
        this.sequenceFilters = new SequenceFilters(budget, operators, new Selection(operators, attributes, this));
        this.predicates = new Predicates(operators, budget);
    }

    Operators operators() {
        return operators;
    }

    Budget budget() {
        return budget;
    }

    /** The value of an expression. */
    Value value(TemplateExpression expression, Scope scope) {
        budget.enter();
        Value value = switch (expression) {
            case TemplateExpression.Literal literal -> literal.value();
            case TemplateExpression.Name name -> scope.get(name.name());
            case TemplateExpression.ListOf list -> budget.list(values(list.items(), scope));
            case TemplateExpression.TupleOf tuple -> {
                budget.items(tuple.items().size());
                yield Value.Items.of(Value.Items.Kind.TUPLE, values(tuple.items(), scope));
            }
            case TemplateExpression.DictOf dict -> mapping(dict, scope);
            case TemplateExpression.Attribute attribute ->
                attributes.attribute(value(attribute.target(), scope), attribute.name());
            case TemplateExpression.Subscript subscript ->
                attributes.item(value(subscript.target(), scope), value(subscript.index(), scope));
            case TemplateExpression.Slice slice ->
                slices.slice(
                        value(slice.target(), scope),
                        optional(slice.start(), scope),
                        optional(slice.stop(), scope),
                        optional(slice.step(), scope));
            case TemplateExpression.Call call -> call(call, scope, Map.of());
            case TemplateExpression.Filter filter -> filter(filter.call(), value(filter.target(), scope), scope);
            case TemplateExpression.Test test ->
                Value.bool(test(
                        test.name(),
                        value(test.target(), scope),
                        arguments(test.name(), test.arguments(), scope, Map.of())));
            case TemplateExpression.Not not -> Value.bool(!truth(not.operand(), scope));
            case TemplateExpression.Sign sign -> Operators.sign(sign.minus(), value(sign.operand(), scope));
            case TemplateExpression.Binary binary ->
                operators.binary(binary.operator(), value(binary.left(), scope), value(binary.right(), scope));
            case TemplateExpression.And and -> {
                Value left = value(and.left(), scope);
                yield Operators.truth(left) ? value(and.right(), scope) : left;
            }
            case TemplateExpression.Or or -> {
                Value left = value(or.left(), scope);
                yield Operators.truth(left) ? left : value(or.right(), scope);
            }
            case TemplateExpression.Concat concat -> operators.concat(values(concat.parts(), scope));
            case TemplateExpression.Comparison comparison -> Value.bool(compare(comparison, scope));
            case TemplateExpression.Conditional conditional -> choose(conditional, scope);
        };
        budget.leave();
        return value;
    }

    boolean truth(TemplateExpression expression, Scope scope) {
        return Operators.truth(value(expression, scope));
    }

    private List<Value> values(List<TemplateExpression> expressions, Scope scope) {
        List<Value> values = new ArrayList<>();
        for (TemplateExpression expression : expressions) {
            values.add(value(expression, scope));
        }
        return values;
    }

    private Value optional(@Nullable TemplateExpression expression, Scope scope) {
        return expression == null ? Value.NONE : value(expression, scope);
    }

    private Value mapping(TemplateExpression.DictOf dict, Scope scope) {
        budget.items(dict.pairs().size());
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (TemplateExpression.Pair pair : dict.pairs()) {
            entries.put(Operators.hashable(value(pair.key(), scope)), value(pair.value(), scope));
        }
        return new Value.Mapping(entries);
    }

    private boolean compare(TemplateExpression.Comparison comparison, Scope scope) {
        Value left = value(comparison.first(), scope);
        for (TemplateExpression.Operand operand : comparison.rest()) {
            Value right = value(operand.value(), scope);
            if (!operators.compare(operand.operator(), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private Value choose(TemplateExpression.Conditional conditional, Scope scope) {
        if (truth(conditional.condition(), scope)) {
            return value(conditional.then(), scope);
        }
        return conditional.otherwise() == null
                ? new Value.Undefined("the inline if-expression evaluated to false and no else section was defined.")
                : value(conditional.otherwise(), scope);
    }

    /** @param more keyword arguments besides those written */
    Value call(TemplateExpression.Call call, Scope scope, Map<String, Value> more) {
        Value target = value(call.target(), scope);
        Arguments arguments = arguments("call", call.arguments(), scope, more);
        return switch (target) {
            case Value.Callable callable -> callable.call(arguments);
            case LoopContext loop -> loop.recurse(arguments);
            case Value.Undefined undefined -> throw undefined.fault();
            default -> throw new TemplateFault("'" + PythonPrint.type(target) + "' object is not callable");
        };
    }

    private Arguments arguments(String function, CallArguments written, Scope scope, Map<String, Value> more) {
        List<Value> positional = values(written.positional(), scope);
        if (written.rest() != null) {
            positional.addAll(operators.list(value(written.rest(), scope)));
        }
        Map<String, Value> keywords = new LinkedHashMap<>();
        for (TemplateExpression.Keyword keyword : written.keywords()) {
            keywords.put(keyword.name(), value(keyword.value(), scope));
        }
        if (written.keywordRest() != null) {
            if (!(value(written.keywordRest(), scope) instanceof Value.Mapping rest)) {
                throw new TemplateFault("argument after ** must be a mapping");
            }
            rest.entries().forEach((key, value) -> {
                if (!(key instanceof Value.Text name)) {
                    throw new TemplateFault("keywords must be strings");
                }
                if (keywords.put(name.value(), value) != null) {
                    throw new TemplateFault("got multiple values for keyword argument '" + name.value() + "'");
                }
            });
        }
        keywords.putAll(more);
        return new Arguments(function, positional, keywords);
    }

    Value filter(TemplateExpression.FilterCall call, Value input, Scope scope) {
        return filter(call.name(), input, arguments(call.name(), call.arguments(), scope, Map.of()));
    }

    @Override
    public Value filter(String name, Value input, Arguments arguments) {
        budget.step();
        if (name.equals("attr")) {
            return attributes.attributeOnly(
                    input, arguments.accept(name, "name").requiredText(0, "name"));
        }
        Value result = textFilters.apply(name, input, arguments);
        if (result == null) {
            result = sequenceFilters.apply(name, input, arguments);
        }
        if (result == null) {
            throw new TemplateFault("No filter named '" + name + "'.");
        }
        return result;
    }

    @Override
    public boolean test(String name, Value input, Arguments arguments) {
        budget.step();
        return predicates.test(name, input, arguments);
    }
}
