package org.reft4j.template;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Value.Extent;
import org.reft4j.template.Value.Items;

/**
 * {@code value.name} and {@code value[key]} as the sandboxed reference resolves them: a dot asks for a method first and an item second,
 * brackets the other way round. What does not exist is undefined; methods that would change a value, and names with underscores, are
 * undefined too, and say so when used.
 */
final class Attributes {
    private static final Set<String> CHANGING_LISTS =
            Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
    private static final Set<String> CHANGING_MAPPINGS = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private final TextMethods texts;
    private final CollectionMethods collections;

    Attributes(Budget budget, Operators operators) {
        this.texts = new TextMethods(budget, operators, this);
        this.collections = new CollectionMethods(budget, operators);
    }

    /** {@code value.name}. */
    Value attribute(Value value, String name) {
        refuseUndefined(value);
        Value own = own(value, name);
        if (own != null) {
            return own;
        }
        Value item = value instanceof Value.Mapping mapping ? mapping.get(name) : null;
        return item == null ? missing(value, Value.text(name)) : item;
    }

    /** The filter {@code attr}: an attribute and never an item. */
    Value attributeOnly(Value value, String name) {
        Value own = value instanceof Value.Undefined ? null : own(value, name);
        return own == null ? missing(value, Value.text(name)) : own;
    }

    /** {@code value[key]}. */
    Value item(Value value, Value key) {
        refuseUndefined(value);
        Value item = switch (value) {
            case Value.Mapping mapping -> hashable(key) ? mapping.entries().get(key) : null;
            case Items items when items.kind().indexed() -> at(items.values(), key);
            case Value.Range range -> at(range.values(), key);
            case Value.Text text -> character(text, key);
            default -> null;
        };
        if (item == null && key instanceof Value.Text name) {
            item = own(value, name.value());
        }
        return item == null ? missing(value, key) : item;
    }

    private static void refuseUndefined(Value value) {
        if (value instanceof Value.Undefined undefined) {
            throw undefined.fault();
        }
    }

    private static boolean hashable(Value key) {
        return !(key instanceof Value.Mapping) && !(key instanceof Items items && items.kind() == Items.Kind.LIST);
    }

    private static @Nullable Value at(List<Value> values, Value key) {
        if (!Numbers.isInteger(key)) {
            return null;
        }
        long index = Numbers.clamped(key);
        long place = index < 0 ? index + values.size() : index;
        return place >= 0 && place < values.size() ? values.get((int) place) : null;
    }

    private static @Nullable Value character(Value.Text text, Value key) {
        if (!Numbers.isInteger(key)) {
            return null;
        }
        int length = TemplateText.length(text.value());
        long index = Numbers.clamped(key);
        long place = index < 0 ? index + length : index;
        if (place < 0 || place >= length) {
            return null;
        }
        int from = TemplateText.offset(text.value(), (int) place);
        return new Value.Text(Character.toString(text.value().codePointAt(from)), text.safe());
    }

    /** Attributes of a value's own: methods, and the fields of loops, namespaces and groups. */
    private @Nullable Value own(Value value, String name) {
        if (name.startsWith("__")) {
            return unsafe(value, name);
        }
        return switch (value) {
            case Value.Text text -> texts.find(text, name);
            case Value.Mapping mapping ->
                CHANGING_MAPPINGS.contains(name) ? unsafe(value, name) : collections.find(mapping, name);
            case Items items -> {
                boolean changing = items.kind() == Items.Kind.LIST && CHANGING_LISTS.contains(name);
                yield changing ? unsafe(value, name) : collections.find(items, name);
            }
            case Value.Range range -> collections.find(range, name);
            case Namespace namespace -> namespace.get(name);
            case LoopContext loop -> loop.attribute(name);
            case Macro macro -> macro.attribute(name);
            default -> null;
        };
    }

    private static Value unsafe(Value value, String name) {
        return new Value.Undefined(
                "access to attribute '" + name + "' of '" + PythonPrint.type(value) + "' object is unsafe.");
    }

    private static Value missing(Value value, Value key) {
        String type = value instanceof Value.None ? "None" : PythonPrint.type(value) + " object";
        if (key instanceof Value.Text name) {
            return new Value.Undefined("'" + type + "' has no attribute '" + name.value() + "'");
        }
        String shown = Extent.of(key).size() > 100 ? PythonPrint.type(key) : PythonPrint.repr(key, new Budget(0));
        return new Value.Undefined(type + " has no element " + shown);
    }
}
