package org.reft4j.task.generated;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;

/** Every dataset that is made up by seed and needs no files. A new family is one file and one line here. */
public final class GeneratedSets {
    /** The one that stands for all where an example is wanted. */
    public static final String EMBEDDED = "wordproblems";

    private static final Map<String, Function<DataConfig, Dataset>> FAMILIES = Collections.unmodifiableMap(families());

    private static Map<String, Function<DataConfig, Dataset>> families() {
        Map<String, Function<DataConfig, Dataset>> families = new LinkedHashMap<>();
        families.put(EMBEDDED, WordProblems::dataset);
        families.put(Countdown.NAME, Countdown::dataset);
        families.put(Lookup.NAME, Lookup::dataset);
        families.put(Extraction.NAME, Extraction::dataset);
        return families;
    }

    private GeneratedSets() {}

    public static boolean has(String name) {
        return FAMILIES.containsKey(name);
    }

    /** The names, in the order in which messages list them. */
    public static Set<String> names() {
        return FAMILIES.keySet();
    }

    /** The generator of a family; {@code null} if no family has the name, or none is given. */
    public static @Nullable Function<DataConfig, Dataset> family(@Nullable String name) {
        return name == null ? null : FAMILIES.get(name);
    }
}
