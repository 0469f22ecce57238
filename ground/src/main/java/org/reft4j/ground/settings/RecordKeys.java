package org.reft4j.ground.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys of a settings record: the names of its components in kebab case. A component with {@link JsonUnwrapped} is a record whose keys
 * stand among them, so that records can share settings without a section in the file.
 */
public final class RecordKeys {
    private static final String OTHERS = "*";

    private RecordKeys() {}

    /** The components that the keys stand for, in the {@linkplain KeyOrder order} of written files. */
    public static List<RecordComponent> components(Class<?> type) {
        Map<String, RecordComponent> left = new LinkedHashMap<>();
        flat(type).forEach(component -> left.put(key(component), component));
        List<RecordComponent> before = new ArrayList<>();
        List<RecordComponent> after = new ArrayList<>();
        List<RecordComponent> now = before;
        for (String key : order(type).split(" ", -1)) {
            if (key.equals(OTHERS)) {
                now = after;
            } else if (left.containsKey(key)) {
                now.add(left.remove(key));
            }
        }
        before.addAll(left.values());
        before.addAll(after);
        return List.copyOf(before);
    }

    /** The name that a file uses: {@code learningRate} is {@code learning-rate}. */
    public static String key(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        return named != null && !named.value().isEmpty()
                ? named.value()
                : component.getName().replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    private static List<RecordComponent> flat(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(component -> isFlat(component) ? flat(component.getType()).stream() : Stream.of(component))
                .toList();
    }

    private static boolean isFlat(RecordComponent component) {
        return component.getAccessor().isAnnotationPresent(JsonUnwrapped.class);
    }

    /** The record's own order, or else that of a record among its keys. */
    private static String order(Class<?> type) {
        return Stream.concat(
                        Stream.of(type),
                        Arrays.stream(type.getRecordComponents())
                                .filter(RecordKeys::isFlat)
                                .map(RecordComponent::getType))
                .flatMap(each -> Optional.ofNullable(each.getAnnotation(KeyOrder.class)).stream())
                .findFirst()
                .map(KeyOrder::value)
                .orElse(OTHERS);
    }
}
