package org.reft4j.train.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.files.Yaml;
import org.reft4j.ground.settings.RecordReader;
import org.reft4j.ground.settings.SettingException;
import org.reft4j.ground.settings.SettingsTree;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.SplitSource;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.algorithm.Recipe;
import org.reft4j.train.algorithm.Recipes;
import org.reft4j.train.run.ConfigDifference;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.PromptConfig;
import org.reft4j.train.settings.RecipeConfig;

/**
 * Configuration files: YAML that names its {@code recipe} and whatever differs from that recipe's defaults. Every error is a
 * {@link ConfigException} that names file and line (or the value that was put over it), the key, and what is legal there.
 *
 * <p>{@code model.path}, {@code base.path}, {@code data.path} and the files of splits, where relative, are looked for from the current directory first and then from the
 * file's own folder. Where a model is a run, its chosen checkpoint is meant.
 */
public final class ConfigFile {
    /** Values that are neither numbers, texts, words nor records. */
    private static final Map<Class<?>, RecordReader.Kind> KINDS = Map.of(
            SplitSource.class,
            new RecordReader.Kind("a number of questions, a share below 1, or a file", ConfigFile::split),
            Cot.class,
            new RecordReader.Kind("prose or program (short: n is prose, p is program)", ConfigFile::cot),
            JsonNode.class,
            new RecordReader.Kind(
                    "an object with a type, or the name of a file that holds one",
                    value -> value.isObject() ? value : null));

    private static final String MAX_TOTAL_TOKENS = "max-total-tokens";
    private static final List<String> PATHS = List.of(
            "model.path", "base.path", "data.path", "data.validation", "data.test", "samples.path", "steps.path");
    private static final String OPTIMIZER = "optimizer";
    private static final String RATE = "learning-rate";

    private ConfigFile() {}

    /**
     * A configuration that can be run.
     *
     * @param entry the recipe that the file names
     * @param config defaults, file and options put together
     * @param yaml the same as text, every key spelled out in a fixed order; reading it gives the same configuration
     */
    public record Resolved(Recipes.Entry<?> entry, RecipeConfig config, String yaml) {
        /** Runs the recipe; see {@link Recipe#run}. */
        public void run(Run run, GraderTools tools) {
            entry.run(config, run, tools);
        }

        /** The same with other settings put over it. The files that it was made from are not read again. */
        public Resolved with(List<Setting> settings) {
            return over(
                    () -> SettingsTree.parse(yaml, entry.name()),
                    Path.of(entry.name()),
                    settings,
                    Wanted.ALL,
                    among(entry));
        }
    }

    /**
     * Reads a file and puts settings over it.
     *
     * @throws ConfigException for anything that is not legal
     */
    public static Resolved read(Path file, List<Setting> settings) {
        return over(() -> SettingsTree.read(file), file, settings, Wanted.ALL);
    }

    /**
     * The same for a run that goes on where others end.
     *
     * @param toCome keys of paths that the other runs have still to make, such as {@code model.path}: nothing is looked for there
     */
    public static Resolved read(Path file, List<Setting> settings, Set<String> toCome) {
        return over(() -> SettingsTree.read(file), file, settings, new Wanted(true, toCome));
    }

    /** The same for a text. */
    public static Resolved parse(String yaml, List<Setting> settings) {
        return over(() -> SettingsTree.parse(yaml, "settings"), Path.of("settings"), settings, Wanted.ALL);
    }

    /**
     * The same for a run that is only looked at: the models and the data that it names need not be on this machine.
     *
     * @throws ConfigException for anything else that is not legal
     */
    public static Resolved explain(Path file, List<Setting> settings) {
        return over(() -> SettingsTree.read(file), file, settings, new Wanted(false, Set.of()));
    }

    private static Resolved over(Supplier<SettingsTree> document, Path file, List<Setting> settings, Wanted wanted) {
        return over(document, file, settings, wanted, Recipes.ALL);
    }

    private static Resolved over(
            Supplier<SettingsTree> document,
            Path file,
            List<Setting> settings,
            Wanted wanted,
            List<Recipes.Entry<?>> recipes) {
        return configured(() -> {
            SettingsTree tree = document.get();
            Map<String, String> places = new LinkedHashMap<>(tree.places());
            settings.forEach(setting -> setting.put(tree.root(), places));
            return resolve(
                    new GivenConfig(file, new SettingsTree(tree.root(), tree.source(), places)), wanted, recipes);
        });
    }

    /** Whatever settings are refused while a configuration is read, the configuration cannot be run. */
    private static <T> T configured(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (SettingException e) {
            throw ConfigException.of(e);
        }
    }

    /**
     * A configuration made in code rather than read from a file.
     *
     * @param recipe as in {@code recipe:} of a file
     * @param values settings by key path, such as {@code ppo.kl}; the others have the recipe's defaults
     */
    public static Resolved of(String recipe, Map<String, String> values) {
        return of(recipe, values, Recipes.ALL);
    }

    /** The same for a recipe of a program's own, which need not be in {@link Recipes#ALL}. */
    public static Resolved of(Recipes.Entry<?> recipe, Map<String, String> values) {
        return of(recipe.name(), values, among(recipe));
    }

    private static Resolved of(String recipe, Map<String, String> values, List<Recipes.Entry<?>> recipes) {
        SettingsTree tree = new SettingsTree(Json.PLAIN.createObjectNode().put("recipe", recipe), recipe, Map.of());
        List<Setting> settings = values.entrySet().stream()
                .map(value -> new Setting(value.getKey(), value.getValue()))
                .toList();
        return over(() -> tree, Path.of(recipe), settings, Wanted.ALL, recipes);
    }

    private static List<Recipes.Entry<?>> among(Recipes.Entry<?> recipe) {
        return Recipes.ALL.contains(recipe) ? Recipes.ALL : List.of(recipe);
    }

    /**
     * The object in a YAML or JSON file, such as a grader's description.
     *
     * @throws ConfigException if it cannot be read; the message names file and line
     */
    public static ObjectNode object(Path file) {
        return configured(() -> SettingsTree.read(file)).root();
    }

    /**
     * A record in a YAML file of its own, such as the settings of a server.
     *
     * @param defaults values for the keys that the file leaves out
     * @throws ConfigException for anything that is not legal
     */
    public static <T extends Record> T record(Path file, Class<T> type, T defaults) {
        return configured(() -> {
            SettingsTree given = SettingsTree.read(file);
            ObjectNode tree = Json.SETTINGS.valueToTree(defaults);
            merge(tree, given.root());
            return new RecordReader<>(type, KINDS).read(given.with(tree));
        });
    }

    /** The defaults of a recipe by dotted key, as written in a configuration; empty for an unknown recipe. */
    static Map<String, String> defaults(String recipe) {
        return Recipes.ALL.stream()
                .filter(entry -> entry.name().equals(recipe))
                .findFirst()
                .map(entry -> {
                    ObjectNode defaults = Json.SETTINGS.valueToTree(entry.defaults());
                    return ConfigDifference.leaves(text(reader(entry).defaults(defaults)));
                })
                .orElse(Map.of());
    }

    private static Resolved resolve(GivenConfig places, Wanted wanted, List<Recipes.Entry<?>> recipes) {
        ObjectNode given = places.tree().root();
        Recipes.Entry<?> entry = recipe(given, places, recipes);
        ObjectNode tree = Json.SETTINGS.valueToTree(entry.defaults());
        given.remove("recipe");
        merge(tree, given);
        measureAsSampled(tree, given);
        adaptersLearnFaster(tree, given);
        for (String path : List.of("grader", "models", "step-grader", PromptConfig.RESPONSE_FORMAT)) {
            places.inline(tree, path);
        }
        places.classpath(tree, wanted.present());
        // Components of records that are not given are null in the defaults' tree; a null in the file means "take the
        // default".
        RecordReader<?> reader = reader(entry);
        SettingsTree known = reader.checked(places.tree().with(tree));
        ObjectNode checked = known.root();
        for (String path : PATHS) {
            if (!wanted.toCome().contains(path)) {
                places.locate(checked, path, wanted.present());
            }
        }
        RecipeConfig config = entry.type().cast(reader.read(known));
        try {
            config.check();
        } catch (SettingException refused) {
            throw refused.at(places.of(refused.key()), refused);
        }
        ObjectNode whole = Json.PLAIN.createObjectNode().put("recipe", entry.name());
        whole.setAll(checked);
        return new Resolved(entry, config, text(whole));
    }

    /** Gives evaluations the same length limit as sampling, unless the file sets one. */
    private static void measureAsSampled(ObjectNode tree, ObjectNode given) {
        JsonNode sampled = tree.path("rollout").path(MAX_TOTAL_TOKENS);
        JsonNode told = given.path("evaluate").path(MAX_TOTAL_TOKENS);
        if ((told.isMissingNode() || told.isNull())
                && !sampled.isMissingNode()
                && tree.path("evaluate") instanceof ObjectNode evaluate) {
            evaluate.set(MAX_TOTAL_TOKENS, sampled);
        }
    }

    /**
     * Adapters take about ten times the rate of whole weights (Schulman and Thinking Machines Lab 2025, "LoRA without regret"): where a
     * file asks for some and says no rate, the recipe's default times ten.
     */
    private static void adaptersLearnFaster(ObjectNode tree, ObjectNode given) {
        if (tree.path("lora").isObject()
                && tree.path(OPTIMIZER) instanceof ObjectNode optimizer
                && given.path(OPTIMIZER).path(RATE).asText("").isEmpty()) {
            optimizer.put(
                    RATE,
                    BigDecimal.valueOf(optimizer.path(RATE).asDouble())
                            .movePointRight(1)
                            .doubleValue());
        }
    }

    private static Recipes.Entry<?> recipe(ObjectNode given, GivenConfig places, List<Recipes.Entry<?>> recipes) {
        JsonNode name = given.path("recipe");
        String legal =
                String.join(" or ", recipes.stream().map(Recipes.Entry::name).toList());
        if (name.isMissingNode() || name.isNull()) {
            throw new ConfigException(
                    places.tree().source() + ":1: recipe is missing; expected \"recipe: \" and " + legal);
        }
        return recipes.stream()
                .filter(entry -> entry.name().equals(name.asText()))
                .findFirst()
                .orElseThrow(() -> new ConfigException(places.of("recipe"), "recipe", name.asText(), legal, null));
    }

    private static void merge(ObjectNode under, ObjectNode over) {
        for (Map.Entry<String, JsonNode> entry : over.properties()) {
            JsonNode below = under.path(entry.getKey());
            if (below instanceof ObjectNode object && entry.getValue() instanceof ObjectNode above) {
                merge(object, above);
            } else if (!entry.getValue().isNull() || below.isMissingNode()) {
                under.set(entry.getKey(), entry.getValue());
            }
        }
    }

    private static RecordReader<? extends Record> reader(Recipes.Entry<?> entry) {
        return new RecordReader<>(entry.type().asSubclass(Record.class), KINDS);
    }

    private static @Nullable JsonNode split(JsonNode value) {
        if (value.isNumber()) {
            return Double.isFinite(value.doubleValue()) ? DoubleNode.valueOf(value.doubleValue()) : null;
        }
        return value.isTextual() && !value.asText().isBlank() ? value : null;
    }

    /** The paper's own names are P-CoT and N-CoT; both kinds begin with the letter p, so n stands for prose. */
    private static @Nullable JsonNode cot(JsonNode value) {
        return switch (value.asText().toLowerCase(Locale.ROOT)) {
            case "program", "p", "p-cot" -> TextNode.valueOf("program");
            case "prose", "n", "n-cot" -> TextNode.valueOf("prose");
            default -> null;
        };
    }

    private static String text(ObjectNode tree) {
        try {
            return Yaml.PLAIN.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The files that paths of a configuration must lead to.
     *
     * @param present true if they must exist
     * @param toCome keys of paths at which nothing is looked for yet
     */
    private record Wanted(boolean present, Set<String> toCome) {
        private static final Wanted ALL = new Wanted(true, Set.of());
    }
}
