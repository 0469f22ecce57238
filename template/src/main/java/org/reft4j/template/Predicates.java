package org.reft4j.template;

import java.util.Set;
import org.reft4j.template.Value.Items;

/** Jinja's tests, {@code value is name}. */
final class Predicates {
    private static final Set<String> NUMBER = Set.of("odd", "even", "divisibleby");

    private final Operators operators;
    private final Budget budget;

    Predicates(Operators operators, Budget budget) {
        this.operators = operators;
        this.budget = budget;
    }

    boolean test(String name, Value value, Arguments arguments) {
        if (NUMBER.contains(name)) {
            return number(name, value, arguments);
        }
        return switch (name) {
            case "defined" -> !(value instanceof Value.Undefined);
            case "undefined" -> value instanceof Value.Undefined;
            case "none" -> value instanceof Value.None;
            case "boolean" -> value instanceof Value.Bool;
            case "true" -> value instanceof Value.Bool flag && flag.value();
            case "false" -> value instanceof Value.Bool flag && !flag.value();
            case "integer" -> value instanceof Value.Int;
            case "float" -> value instanceof Value.Real;
            case "number" -> Numbers.isNumber(value);
            case "string" -> value instanceof Value.Text;
            case "escaped" -> value instanceof Value.Text text && text.safe();
            case "mapping" -> value instanceof Value.Mapping;
            case "sequence" -> sequence(value);
            case "iterable" -> iterable(value);
            case "callable" -> value instanceof Value.Callable || value instanceof Value.Undefined;
            case "lower" -> LetterCase.ask("islower", PythonPrint.str(value, budget));
            case "upper" -> LetterCase.ask("isupper", PythonPrint.str(value, budget));
            case "sameas" -> same(value, other(arguments));
            case "in" -> operators.contains(other(arguments), value);
            case "==", "eq", "equalto" -> operators.equal(value, other(arguments));
            case "!=", "ne" -> !operators.equal(value, other(arguments));
            case ">", "gt", "greaterthan" -> operators.ordered(">", value, other(arguments));
            case ">=", "ge" -> operators.ordered(">=", value, other(arguments));
            case "<", "lt", "lessthan" -> operators.ordered("<", value, other(arguments));
            case "<=", "le" -> operators.ordered("<=", value, other(arguments));
            default -> throw new TemplateFault("No test named '" + name + "'.");
        };
    }

    private static Value other(Arguments arguments) {
        return arguments.required(0, "other");
    }

    private boolean number(String name, Value value, Arguments arguments) {
        Value by = name.equals("divisibleby") ? arguments.required(0, "num") : Value.integer(2);
        Value rest = operators.binary("%", value, by);
        return Numbers.equal(rest, Value.integer(name.equals("odd") ? 1 : 0));
    }

    private static boolean sequence(Value value) {
        return value instanceof Value.Text
                || value instanceof Value.Mapping
                || value instanceof Value.Range
                || value instanceof Value.Undefined
                || (value instanceof Items items && items.kind().indexed());
    }

    private static boolean iterable(Value value) {
        return value instanceof Items
                || value instanceof Value.Stream
                || value instanceof LoopContext
                || sequence(value);
    }

    /** Identity, of the values that exist once in Python. */
    private static boolean same(Value a, Value b) {
        return a == b
                || (a.getClass() == b.getClass()
                        && a instanceof Value.Plain
                        && !(a instanceof Items)
                        && !(a instanceof Value.Mapping)
                        && a.equals(b));
    }
}
