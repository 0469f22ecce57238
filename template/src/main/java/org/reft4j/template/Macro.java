package org.reft4j.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A macro, or the body of a call. Its names lie within those of the place where it is defined.
 *
 * @param name for messages
 * @param callable its parameters and what it takes besides
 * @param around the place where it is defined
 * @param evaluator for the defaults
 * @param body writes the body and gives the text
 */
record Macro(
        String name,
        Statement.Callable callable,
        Scope around,
        ExpressionEvaluator evaluator,
        java.util.function.Function<Scope, Value> body)
        implements Value.Callable {

    @Override
    public Value call(Arguments arguments) {
        Statement.Signature signature = callable.signature();
        List<String> names = signature.names();
        List<Value> positional = arguments.positional();
        Map<String, Value> keywords = new LinkedHashMap<>(arguments.keywords());
        Scope scope = new Scope(around);
        int first = names.size() - signature.defaults().size();
        for (int i = 0; i < names.size(); i++) {
            String parameter = names.get(i);
            Value value = i < positional.size() ? positional.get(i) : keywords.remove(parameter);
            if (value == null) {
                value = i >= first
                        ? evaluator.value(signature.defaults().get(i - first), scope)
                        : new Undefined("parameter '" + parameter + "' was not provided");
            }
            scope.set(parameter, value);
        }
        if (callable.caller() && !names.contains("caller")) {
            Value caller = keywords.remove("caller");
            scope.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        }
        List<Value> rest = positional.subList(Math.min(names.size(), positional.size()), positional.size());
        refuse(rest, keywords);
        if (callable.varargs()) {
            scope.set("varargs", Items.of(Items.Kind.TUPLE, new ArrayList<>(rest)));
        }
        if (callable.kwargs()) {
            scope.set("kwargs", Mapping.ofNames(keywords));
        }
        return body.apply(scope);
    }

    private void refuse(List<Value> rest, Map<String, Value> keywords) {
        if (!keywords.isEmpty() && !callable.kwargs()) {
            throw new TemplateFault("macro '" + name + "' takes no keyword argument '"
                    + keywords.keySet().iterator().next() + "'");
        }
        if (!rest.isEmpty() && !callable.varargs()) {
            throw new TemplateFault("macro '" + name + "' takes not more than "
                    + callable.signature().names().size() + " argument(s)");
        }
    }

    /** A field, or {@code null} if a macro has none of that name. */
    @Nullable
    Value attribute(String field) {
        return switch (field) {
            case "name" -> Value.text(name);
            case "arguments" ->
                Items.of(
                        Items.Kind.TUPLE,
                        callable.signature().names().stream()
                                .<Value>map(Value::text)
                                .toList());
            default -> null;
        };
    }
}
