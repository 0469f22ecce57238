package org.reft4j.task.source;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.SplitSource;
import org.reft4j.task.generated.GeneratedSets;

/**
 * Data as a command line names them: {@code data/mine.jsonl}, {@code data/mine.jsonl:validation=200,seed=1},
 * {@code wordproblems:steps=4,annotated=300}.
 *
 * @param place the name of generated data, a folder, or a file
 * @param settings by name
 */
public record DataSpec(String place, Map<String, String> settings) {
    private static final long SEED = 42;
    /** Settings of files. */
    private static final List<String> OF_FILES =
            List.of("dataset", "validation", "test", "seed", "train-limit", "test-limit");

    public DataSpec {
        settings = Map.copyOf(settings);
    }

    /** @throws DataException if a setting is none */
    public static DataSpec of(String text) {
        if (text.isBlank()) {
            throw new DataException("the data have an empty name: give a folder or a file of questions, or "
                    + String.join(", ", GeneratedSets.names()));
        }
        String first = text.replaceFirst(":.*", "");
        if (GeneratedSets.has(first)) {
            return new DataSpec(first, settings(text, text.substring(first.length())));
        }
        int colon = Datasets.settingsAt(text);
        return colon < 0
                ? new DataSpec(text, Map.of())
                : new DataSpec(text.substring(0, colon), settings(text, text.substring(colon)));
    }

    /** @param behind text after the name: empty, or a colon and settings */
    private static Map<String, String> settings(String text, String behind) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (behind.isEmpty()) {
            return settings;
        }
        for (String setting : behind.substring(1).split(",", -1)) {
            int equals = setting.indexOf('=');
            if (equals <= 0) {
                throw new DataException("'" + setting + "' in '" + text + "' is no setting; expected name=value, as in "
                        + GeneratedSets.EMBEDDED + ":steps=4,annotated=300 or mine.jsonl:validation=200,seed=1");
            }
            String earlier = settings.put(
                    setting.substring(0, equals).strip(),
                    setting.substring(equals + 1).strip());
            if (earlier != null) {
                throw new DataException("'" + setting + "' in '" + text + "' names something twice; remove one");
            }
        }
        return settings;
    }

    /** True if these are the data of a run, perhaps in another place; then settings left out here are those of the run. */
    public boolean names(DataConfig config) {
        String path = config.path();
        if (path == null) {
            return place.equals(config.dataset());
        }
        return !GeneratedSets.has(place) && Objects.equals(name(place), name(path));
    }

    private static @Nullable Path name(String path) {
        try {
            return Path.of(path).toAbsolutePath().normalize().getFileName();
        } catch (InvalidPathException _) {
            return null;
        }
    }

    /** The data by themselves, with the defaults of a configuration. */
    public DataConfig config(Cot cot) {
        boolean generated = GeneratedSets.has(place);
        return config(new DataConfig(
                generated ? place : null,
                generated ? null : place,
                cot,
                DataConfig.VALIDATION_SHARE,
                SEED,
                0,
                0,
                Map.of()));
    }

    /**
     * The data with what a run's data have where nothing is said here.
     *
     * @throws DataException if a setting is unknown, or no number where one is expected
     */
    public DataConfig config(DataConfig otherwise) {
        Map<String, String> left = new TreeMap<>(settings);
        boolean generated = GeneratedSets.has(place);
        String seed = left.remove("seed");
        String train = left.remove("train-limit");
        String testLimit = left.remove("test-limit");
        String validation = generated ? null : left.remove("validation");
        String test = generated ? null : left.remove("test");
        String dataset = generated ? place : left.remove("dataset");
        Map<String, String> options = new TreeMap<>(otherwise.options());
        Map<String, String> fields = new TreeMap<>(otherwise.fields() == null ? Map.of() : otherwise.fields());
        if (generated) {
            options.putAll(left);
        } else {
            left.keySet().forEach(this::requireField);
            fields.putAll(left);
        }
        return new DataConfig(
                dataset == null ? otherwise.dataset() : dataset,
                generated ? null : place,
                otherwise.cot(),
                validation == null ? otherwise.validationSource() : source(validation),
                seed == null ? otherwise.seed() : whole("seed", seed),
                train == null ? otherwise.trainLimit() : (int) whole("train-limit", train),
                testLimit == null ? otherwise.testLimit() : (int) whole("test-limit", testLimit),
                options,
                test == null ? otherwise.testSource() : source(test),
                fields.isEmpty() ? null : fields);
    }

    private void requireField(String name) {
        if (!FieldNames.LEGAL.contains(name)) {
            throw new DataException(
                    place + ": '" + name + "' is no setting of data files; they have " + String.join(", ", OF_FILES)
                            + ", and the names of fields, " + String.join(", ", FieldNames.LEGAL));
        }
    }

    /** A number of questions, or a file of them. */
    private static SplitSource source(String text) {
        try {
            return new SplitSource.HeldOut(Double.parseDouble(text));
        } catch (NumberFormatException _) {
            return new SplitSource.File(text);
        }
    }

    private static String text(SplitSource source) {
        return switch (source) {
            case SplitSource.File(String path) -> path;
            case SplitSource.HeldOut(double amount) ->
                amount == Math.rint(amount) ? Long.toString((long) amount) : Double.toString(amount);
        };
    }

    private long whole(String name, String text) {
        try {
            long value = Long.parseLong(text);
            if (name.equals("seed") || value == (int) value) {
                return value;
            }
            throw new DataException(place + ": " + name + " is " + text + "; expected at most " + Integer.MAX_VALUE);
        } catch (NumberFormatException e) {
            throw new DataException(place + ": " + name + " is '" + text + "'; expected a whole number", e);
        }
    }

    /** Data as a command line would name them: only what is not the default. */
    public static String text(DataConfig config) {
        boolean generated = config.path() == null;
        String place = generated ? String.valueOf(config.dataset()) : String.valueOf(config.path());
        List<String> settings = new ArrayList<>();
        new TreeMap<>(config.options()).forEach((name, value) -> settings.add(name + "=" + value));
        if (!generated && config.dataset() != null) {
            settings.add("dataset=" + config.dataset());
        }
        if (!generated && !config.validationSource().equals(new SplitSource.HeldOut(DataConfig.VALIDATION_SHARE))) {
            settings.add("validation=" + text(config.validationSource()));
        }
        SplitSource test = config.testSource();
        if (test != null) {
            settings.add("test=" + text(test));
        }
        if (config.seed() != SEED) {
            settings.add("seed=" + config.seed());
        }
        if (config.trainLimit() > 0) {
            settings.add("train-limit=" + config.trainLimit());
        }
        if (config.testLimit() > 0) {
            settings.add("test-limit=" + config.testLimit());
        }
        Map<String, String> fields = config.fields();
        if (fields != null) {
            new TreeMap<>(fields).forEach((name, field) -> settings.add(name + "=" + field));
        }
        return settings.isEmpty() ? place : place + ":" + String.join(",", settings);
    }
}
