package org.reft4j.verify.documents;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Cot;
import org.reft4j.train.algorithm.Recipes;
import org.reft4j.train.settings.RecipeConfig;

/** The page of all configuration keys: from the records, their comments, their checks and the table of recipes. */
final class ConfigReference {
    private static final String RECIPES = "train/src/main/java/org/reft4j/train/settings/";
    private static final String TASK = "task/src/main/java/org/reft4j/task/";
    private static final List<String> SOURCES = List.of(
            RECIPES + "RecipeConfig.java",
            RECIPES + "CheckpointInterval.java",
            RECIPES + "SftConfig.java",
            RECIPES + "ReftConfig.java",
            RECIPES + "RolloutConfig.java",
            RECIPES + "GuardConfig.java",
            RECIPES + "OfflineSelfTrainingConfig.java",
            RECIPES + "OnlineSelfTrainingConfig.java",
            RECIPES + "SelfTrainingRollout.java",
            RECIPES + "RewardModelConfig.java",
            RECIPES + "StepLabelSource.java",
            RECIPES + "GradingGuard.java",
            RECIPES + "StoredSamplesConfig.java",
            RECIPES + "DpoConfig.java",
            RECIPES + "WeightedRegressionConfig.java",
            RECIPES + "KtoConfig.java",
            RECIPES + "SamplesConfig.java",
            "train/src/main/java/org/reft4j/train/loss/PreferenceConfig.java",
            "train/src/main/java/org/reft4j/train/loss/RegressionConfig.java",
            "train/src/main/java/org/reft4j/train/loss/KtoWeights.java",
            "train/src/main/java/org/reft4j/train/loss/PpoConfig.java",
            "train/src/main/java/org/reft4j/train/loss/AdaptiveKl.java",
            RECIPES + "ModelSource.java",
            RECIPES + "LoraConfig.java",
            RECIPES + "PromptConfig.java",
            RECIPES + "OptimizerConfig.java",
            RECIPES + "EvaluateConfig.java",
            TASK + "dataset/DataConfig.java",
            TASK + "grade/RewardRule.java",
            RECIPES + "GrpoConfig.java",
            "train/src/main/java/org/reft4j/train/loss/GrpoLossConfig.java",
            "train/src/main/java/org/reft4j/train/loss/OverlongPenalty.java");

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
        List<Path> sources =
                SOURCES.stream().map(path -> new Document(path).file()).toList();
        SourceComments comments = SourceComments.of(sources);
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

    /** @param given the optional section that the keys belong to, empty outside of one */
    private void add(Class<?> type, @Nullable Object defaults, String prefix, String given) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + key(component);
            Object value = defaults == null ? null : part(defaults, component);
            if (component.getType().isRecord()) {
                row("**`" + key + "`**", "", "", comments.summary(component.getType()));
                add(component.getType(), value, key + ".", optional(component) && value == null ? key : given);
            } else {
                String expected =
                        Optional.ofNullable(comments.expectation(key)).orElseGet(() -> kind(component.getType()));
                row("`" + key + "`", shown(component, value, given), expected, meaning(type, component));
            }
        }
    }

    private String meaning(Class<?> type, RecordComponent component) {
        String meaning = Stream.of(type, RecipeConfig.class)
                .flatMap(owner -> Stream.ofNullable(comments.meaning(owner, component.getName())))
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        type.getSimpleName() + " has no @param " + component.getName() + " in its comment"));
        // Comments name components, readers know keys.
        for (RecordComponent other : type.getRecordComponents()) {
            meaning = meaning.replace("`" + other.getName() + "`", "`" + key(other) + "`");
        }
        return meaning;
    }

    private static String key(RecordComponent component) {
        JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
        return property != null && !property.value().isEmpty()
                ? property.value()
                : component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
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
