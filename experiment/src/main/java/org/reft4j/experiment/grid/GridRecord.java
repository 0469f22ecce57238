package org.reft4j.experiment.grid;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.reft4j.ground.files.Json;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ResumeRules;
import org.reft4j.train.run.ConfigDifference;
import org.reft4j.train.run.Results;

/**
 * Record of the settings of an experiment's runs, kept in its folder to make sure that a resumed experiment is the same one.
 *
 * @param rungs by name, every setting by its dotted key
 * @param seeds in the order of the file
 * @param values values of the swept setting, as in the names of folders
 */
public record GridRecord(Map<String, Map<String, String>> rungs, List<Long> seeds, List<String> values) {
    private static final String FILE = "experiment.json";

    /** @param seeds the seeds of the file; others that are asked for in addition are not recorded */
    public static GridRecord of(Grid grid, GridPlan plan, List<Long> seeds) {
        Map<String, Map<String, String>> rungs = new LinkedHashMap<>();
        plan.stages().values().forEach(stage -> {
            Grid.Rung rung = stage.cell().rung();
            Map<String, String> settings =
                    new LinkedHashMap<>(ConfigDifference.leaves(stage.config().yaml()));
            settings.remove("seed");
            rung.from().ifPresent(from -> settings.put(Links.MODEL, "that of rung " + from));
            rung.samples().ifPresent(from -> settings.put(Links.SAMPLES, "that of rung " + from));
            if (stage.cell().value().isPresent()) {
                String key = grid.sweep().map(Grid.Sweep::key).orElse("");
                settings.put(key, "swept");
            }
            settings.put("vote", Integer.toString(rung.vote()));
            rungs.putIfAbsent(rung.name(), settings);
        });
        List<String> values = grid.sweep().stream()
                .flatMap(sweep -> sweep.values().stream().map(sweep::label))
                .toList();
        return new GridRecord(rungs, seeds, values);
    }

    /** Writes it, after {@link #checked}. */
    public void keep(Path folder, boolean part) {
        Results.write(folder.resolve(FILE), Results.text(Json.PLAIN.valueToTree(checked(folder, part))));
    }

    /**
     * Compares this with the record in the folder: rungs, seeds and swept values may have been added, nothing else may have changed. Writes
     * nothing.
     *
     * @param part true if only a part of the experiment was asked for, so that missing runs are not treated as removed
     * @return this record, completed from the one in the folder
     * @throws ConfigException with every difference
     */
    public GridRecord checked(Path folder, boolean part) {
        Optional<GridRecord> kept = read(folder);
        GridRecord whole = part ? kept.map(this::over).orElse(this) : this;
        kept.ifPresent(before -> {
            List<String> differences = whole.differences(before);
            if (!differences.isEmpty()) {
                throw new ConfigException(
                        "the experiment in " + folder + " was begun with other settings:\n  "
                                + String.join("\n  ", differences)
                                + "\nOnly rungs, seeds and swept values may be added; undo the change, or give the experiment another folder");
            }
        });
        return whole;
    }

    /** This, and what it lacks of another. */
    private GridRecord over(GridRecord other) {
        Map<String, Map<String, String>> allRungs = new LinkedHashMap<>(other.rungs);
        allRungs.putAll(rungs);
        return new GridRecord(allRungs, union(other.seeds, seeds), union(other.values, values));
    }

    private static <T> List<T> union(List<T> one, List<T> other) {
        return Stream.concat(one.stream(), other.stream()).distinct().toList();
    }

    private static Optional<GridRecord> read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode json = Json.PLAIN.readTree(file.toFile());
            if (!json.path("rungs").isObject()
                    || !json.path("seeds").isArray()
                    || !json.path("values").isArray()) {
                throw damaged(file);
            }
            return Optional.of(Json.PLAIN.treeToValue(json, GridRecord.class));
        } catch (JsonProcessingException _) {
            throw damaged(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static ConfigException damaged(Path file) {
        return new ConfigException(
                file
                        + " is damaged; restore it, or delete it if the experiment's file is still the one that it was begun with");
    }

    /** The differences from the record of an experiment that has begun, in words. */
    List<String> differences(GridRecord before) {
        List<String> differences = new ArrayList<>();
        before.rungs.forEach((rung, settings) -> {
            Map<String, String> now = rungs.get(rung);
            if (now == null) {
                differences.add("rung " + rung + " is gone");
            } else {
                ResumeRules.mattering(settings, now)
                        .forEach(difference -> differences.add("rung " + rung + ": " + difference.key() + " was "
                                + difference.before() + ", is " + difference.now()));
            }
        });
        before.seeds.stream()
                .filter(seed -> !seeds.contains(seed))
                .forEach(seed -> differences.add("seed " + seed + " is gone"));
        before.values.stream()
                .filter(value -> !values.contains(value))
                .forEach(value -> differences.add("swept value " + value + " is gone"));
        return differences;
    }
}
