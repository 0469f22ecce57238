package org.reft4j.verify.documents;

import static org.reft4j.ground.settings.RecordKeys.key;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.RecordKeys;
import org.reft4j.task.dataset.Cot;
import org.reft4j.train.algorithm.Recipes;

/** The page of all configuration keys: from the records, their comments, their checks and the table of recipes. */
final class ConfigReference {
    private static final String TRAIN = "train/src/main/java/org/reft4j/train/";
    private static final String TASK = "task/src/main/java/org/reft4j/task/";
    /** Files and folders of records whose components are keys, with their checks. */
    private static final List<String> SOURCES = List.of(
            TRAIN + "settings",
            TRAIN + "algorithm",
            TRAIN + "loss",
            TASK + "dataset/DataConfig.java",
            TASK + "grade/RewardRule.java");

    private static final String HEAD = """
            # Configuration keys

            <!-- Generated from the configuration records; ConfigReferenceTest says how to refresh it. Do not edit. -->

            A configuration is a YAML file. `recipe` names the algorithm; all other keys belong to its record. A key that is left out has the
            default below; one without a default must be given. An unknown key, a wrong type or an impossible value is refused with
            the file, the line and what is expected. `--set optimizer.learning-rate=1e-5` overrides a key on the command line.

            ```sh
            ./reft train recipes/svamp-smollm2-pcot-sft.yaml --set epochs=2 --explain
            ```

            What the settings of an algorithm do, and which the paper used: [sft.md](../algorithms/sft.md),
            [reft.md](../algorithms/reft.md), [self-training.md](../algorithms/self-training.md), [preference.md](../algorithms/preference.md). Names for `data.options`: [data.md](../algorithms/data.md).
            """;

    private final SourceComments comments;
    private final List<String> rows = new ArrayList<>();

    private ConfigReference(SourceComments comments) {
        this.comments = comments;
    }

    static String page() throws IOException {
        SourceComments comments = SourceComments.of(sources());
        StringBuilder page = new StringBuilder(HEAD);
        for (Recipes.Entry<?> recipe : Recipes.ALL) {
            ConfigReference table = new ConfigReference(comments);
            table.add(recipe.type(), recipe.defaults(), "", "");
            page.append("\n## `recipe: ").append(recipe.name()).append("`\n\n");
            page.append(capital(recipe.about())).append(".\n\n");
            page.append("| key | default | expected | meaning |\n|---|---|---|---|\n");
            table.rows.forEach(row -> page.append(row).append('\n'));
        }
        return page.toString();
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String source : SOURCES) {
            try (Stream<Path> files = Files.walk(new Document(source).file())) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file ->
                                !Objects.requireNonNull(file.getParent()).endsWith("algorithm") || hasSettings(file))
                        .sorted()
                        .forEach(sources::add);
            }
        }
        return sources;
    }

    /** A recipe's settings are in its own file or beside it. */
    private static boolean hasSettings(Path file) {
        return file.toString().matches(".*(Recipe|Settings)\\.java");
    }

    /** @param given the optional section that the keys belong to, empty outside of one */
    private void add(Class<?> type, @Nullable Object defaults, String prefix, String given) {
        for (RecordComponent component : RecordKeys.components(type)) {
            String key = prefix + key(component);
            Object value = defaults == null ? null : part(defaults, component);
            if (component.getType().isRecord()) {
                row("**`" + key + "`**", "", "", comments.summary(component.getType()));
                add(component.getType(), value, key + ".", optional(component) && value == null ? key : given);
            } else {
                String expected =
                        Optional.ofNullable(comments.expectation(key)).orElseGet(() -> kind(component.getType()));
                row("`" + key + "`", shown(component, value, given), expected, meaning(component));
            }
        }
    }

    private String meaning(RecordComponent component) {
        Class<?> type = component.getDeclaringRecord();
        String meaning = comments.meaning(type, component.getName());
        if (meaning == null) {
            throw new AssertionError(
                    type.getSimpleName() + " has no @param " + component.getName() + " in its comment");
        }
        // Comments name components, readers know keys.
        for (RecordComponent other : type.getRecordComponents()) {
            meaning = meaning.replace("`" + other.getName() + "`", "`" + key(other) + "`");
        }
        return meaning;
    }

    private static @Nullable Object part(Object defaults, RecordComponent component) {
        if (defaults instanceof Map<?, ?> map) {
            return map.get(key(component));
        }
        try {
            return component.getAccessor().invoke(defaults);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("cannot read " + component, e);
        }
    }

    private static boolean optional(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static String shown(RecordComponent component, @Nullable Object value, String given) {
        return switch (value) {
            case null -> absent(component, given);
            case Cot cot -> cot == Cot.PROGRAM ? "`p`" : "`n`";
            case Enum<?> choice -> "`" + spelled(choice) + "`";
            case Double number ->
                "`"
                        + String.valueOf(number)
                                .replace(".0E", "e")
                                .replace('E', 'e')
                                .replaceAll("\\.0$", "") + "`";
            case Map<?, ?> map when map.isEmpty() -> "`{}`";
            default -> "`" + value + "`";
        };
    }

    private static String absent(RecordComponent component, String given) {
        JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
        if (property != null && !property.defaultValue().isEmpty()) {
            return "`" + property.defaultValue() + "`";
        }
        if (optional(component)) {
            return "none";
        }
        return given.isEmpty() ? "**required**" : "required with `" + given + "`";
    }

    private static String kind(Class<?> type) {
        if (type == int.class || type == long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class) {
            return "`true` or `false`";
        }
        if (type == Cot.class) {
            return "`p` or `n`";
        }
        if (type.isEnum()) {
            return Stream.of(type.getEnumConstants())
                    .map(choice -> "`" + spelled((Enum<?>) choice) + "`")
                    .collect(Collectors.joining(" or "));
        }
        if (type == List.class) {
            return "a list of texts";
        }
        return type == Map.class ? "names and values" : "a text";
    }

    private static String spelled(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void row(String key, String value, String expected, String meaning) {
        rows.add("| " + key + " | " + value + " | " + expected.replace("|", "\\|") + " | "
                + capital(meaning.replace("|", "\\|").replace("`null`", "none")) + " |");
    }

    private static String capital(String sentence) {
        return sentence.isEmpty() ? "" : sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
    }
}
