package org.reft4j.template;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.template.Value.Function;

/** The functions that every chat template can call. */
final class Globals {
    /** Numbers in the longest range, as in the reference's sandbox. */
    private static final int LONGEST_RANGE = 100_000;

    private final Operators operators;
    private final Budget budget;

    private Globals(Operators operators, Budget budget) {
        this.operators = operators;
        this.budget = budget;
    }

    /** Defines them. */
    static void define(Scope scope, ExpressionEvaluator evaluator, Clock clock) {
        Globals globals = new Globals(evaluator.operators(), evaluator.budget());
        scope.set("range", new Function("range", Globals::range));
        scope.set("dict", new Function("dict", arguments -> new Value.Mapping(globals.entries(arguments))));
        scope.set("namespace", new Function("namespace", globals::namespace));
        scope.set("cycler", new Function("cycler", Globals::cycler));
        scope.set("joiner", new Function("joiner", Globals::joiner));
        scope.set("raise_exception", new Function("raise_exception", arguments -> {
            Value message = arguments.accept("raise_exception", "message").required(0, "message");
            throw new TemplateFault(PythonPrint.str(message, globals.budget));
        }));
        scope.set("strftime_now", new Function("strftime_now", arguments -> {
            String format = arguments.accept("strftime_now", "format").requiredText(0, "format");
            globals.budget.characters(64L * format.length());
            return Value.text(Clocks.now(format, clock));
        }));
    }

    private static Value range(Arguments arguments) {
        Arguments given = arguments.accept("range", "start", "stop", "step");
        given.required(0, "start");
        boolean single = given.find(1, "stop") == null;
        long start = single ? 0 : given.integer(0, "start", 0);
        long stop = given.integer(single ? 0 : 1, "stop", 0);
        long step = given.integer(2, "step", 1);
        if (step == 0) {
            throw new TemplateFault("range() arg 3 must not be zero");
        }
        long span = step > 0 ? stop - start : start - stop;
        if (Math.ceilDiv(Math.max(0, span), Math.abs(step)) > LONGEST_RANGE) {
            throw new TemplateFault(
                    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + LONGEST_RANGE + ").");
        }
        return new Value.Range(start, stop, step);
    }

    private Map<Value, Value> entries(Arguments arguments) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        if (arguments.positional().size() > 1) {
            throw new TemplateFault("dict expected at most 1 argument, got "
                    + arguments.positional().size());
        }
        for (Value given : arguments.positional()) {
            if (given instanceof Value.Mapping mapping) {
                entries.putAll(mapping.entries());
                continue;
            }
            for (Value item : operators.list(given)) {
                List<Value> pair = operators.list(item);
                if (pair.size() != 2) {
                    throw new TemplateFault(
                            "dictionary update sequence element has length " + pair.size() + "; 2 is required");
                }
                entries.put(Operators.hashable(pair.get(0)), pair.get(1));
            }
        }
        arguments.keywords().forEach((name, value) -> entries.put(Value.text(name), value));
        budget.items(entries.size());
        return entries;
    }

    private Value namespace(Arguments arguments) {
        Map<String, Value> attributes = new LinkedHashMap<>();
        entries(arguments).forEach((key, value) -> attributes.put(PythonPrint.str(key, budget), value));
        return new Namespace(attributes);
    }

    private static Value cycler(Arguments arguments) {
        List<Value> items = arguments.positional();
        if (items.isEmpty()) {
            throw new TemplateFault("at least one item has to be provided");
        }
        int[] at = {0};
        Namespace cycler = new Namespace(Map.of("current", items.getFirst()));
        cycler.set("next", new Function("next", _ -> {
            Value current = items.get(at[0]);
            at[0] = (at[0] + 1) % items.size();
            cycler.set("current", items.get(at[0]));
            return current;
        }));
        cycler.set("reset", new Function("reset", _ -> {
            at[0] = 0;
            cycler.set("current", items.getFirst());
            return Value.NONE;
        }));
        return cycler;
    }

    /** Jinja's {@code joiner}: empty at the first call, the separator at every other one. */
    private static Value joiner(Arguments arguments) {
        String separator = arguments.accept("joiner", "sep").text(0, "sep", ", ");
        boolean[] used = {false};
        return new Function("joiner", _ -> {
            Value text = Value.text(used[0] ? separator : "");
            used[0] = true;
            return text;
        });
    }
}
