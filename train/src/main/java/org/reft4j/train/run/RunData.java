package org.reft4j.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.files.Yaml;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.dataset.SplitRule;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.ConfigException;

/**
 * Record of a run's data: how they were opened, and the questions of each split by name and fingerprint. It is stored in the run's folder
 * and with every model that the run writes, so that later commands can ask the model questions that it was not trained on.
 *
 * @param config the data section of the run's configuration
 * @param rule the rule by which questions were held out
 * @param maxTotalTokens longest prompt and completion together in the run's evaluations, in tokens
 * @param splits a line for each question: its id and, after a space, its fingerprint
 * @param earlier fingerprints of the questions that the starting models were trained on, as far as recorded
 */
public record RunData(
        DataConfig config, SplitRule rule, int maxTotalTokens, Map<Split, List<String>> splits, Set<String> earlier) {
    /** The file, which is no part of the model. */
    public static final String NAME = "reft-data.json";

    private static final ObjectReader SETTINGS = Json.SETTINGS
            .reader()
            .without(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    private static final String EARLIER = "earlier";
    private static final int USUAL_TOKENS = 700;

    public RunData {
        splits = Map.copyOf(splits);
        earlier = Set.copyOf(earlier);
    }

    /**
     * The record of data that were just opened.
     *
     * @param earlier ids of the questions that the starting models were trained on
     */
    public static RunData of(
            DataConfig config, SplitRule rule, int maxTotalTokens, Dataset data, Collection<String> earlier) {
        Map<Split, List<String>> splits = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            splits.put(
                    split,
                    data.questions(split).stream()
                            .map(question -> question.id() + " " + question.print())
                            .toList());
        }
        return new RunData(config, rule, maxTotalTokens, splits, Set.copyOf(earlier));
    }

    /**
     * The data of the run that a model comes from.
     *
     * @param model a run's folder, a checkpoint inside it, a copy of one, or a GGUF file made of one
     * @return empty where nothing says that it comes from a run
     * @throws ConfigException if what says so cannot be understood
     */
    public static Optional<RunData> of(Path model) {
        Path beside = file(model);
        if (Files.isRegularFile(beside)) {
            return Optional.of(read(beside));
        }
        if (Files.isRegularFile(model.resolve(RunFolder.CONFIG))) {
            return Optional.of(ofOldRun(model.resolve(RunFolder.CONFIG)));
        }
        Path checkpoints = model.toAbsolutePath().normalize().getParent();
        Path run = checkpoints != null && checkpoints.endsWith(RunFolder.CHECKPOINTS) ? checkpoints.getParent() : null;
        return run != null && Files.isRegularFile(run.resolve(RunFolder.CONFIG)) ? of(run) : Optional.empty();
    }

    /** The record in a run's folder; empty for runs of versions that did not write one. */
    public static Optional<RunData> recorded(Path run) {
        return Files.isRegularFile(file(run)) ? Optional.of(read(file(run))) : Optional.empty();
    }

    private static Path file(Path model) {
        return model.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")
                ? model.resolveSibling(model.getFileName() + "." + NAME)
                : model.resolve(NAME);
    }

    private static RunData read(Path file) {
        try {
            JsonNode json = Json.PLAIN.readTree(file.toFile());
            Map<Split, List<String>> splits = new EnumMap<>(Split.class);
            for (Split split : Split.values()) {
                splits.put(split, texts(json.path(word(split))));
            }
            return new RunData(
                    SETTINGS.treeToValue(json.required("data"), DataConfig.class),
                    SETTINGS.treeToValue(json.required("rule"), SplitRule.class),
                    json.required("max-total-tokens").asInt(),
                    splits,
                    Set.copyOf(texts(json.path(EARLIER))));
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException(
                    file + " does not say which data the model was trained on (" + firstLine(e)
                            + "); copy it again from where the model comes from",
                    e);
        }
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }

    /** Runs of versions without this file held out questions by their text; without their data it is unknown which questions those were. */
    private static RunData ofOldRun(Path file) {
        try {
            JsonNode settings = Yaml.PLAIN.readTree(file.toFile());
            DataConfig config = SETTINGS.treeToValue(settings.path("data"), DataConfig.class);
            int tokens = settings.path("evaluate").path("max-total-tokens").asInt(USUAL_TOKENS);
            try {
                return of(config, SplitRule.BY_TEXT, tokens, Datasets.open(config, SplitRule.BY_TEXT), Set.of());
            } catch (DataException _) {
                return new RunData(config, SplitRule.BY_TEXT, tokens, Map.of(), Set.of());
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException(file + " does not say which data the run had (" + firstLine(e) + ")", e);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** Stores it with a model, or in a run's folder. */
    public void save(Path model) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.set("data", Json.SETTINGS.valueToTree(config));
        json.set("rule", Json.SETTINGS.valueToTree(rule));
        json.put("max-total-tokens", maxTotalTokens);
        for (Split split : Split.values()) {
            ArrayNode array = json.putArray(word(split));
            splits.getOrDefault(split, List.of()).forEach(array::add);
        }
        ArrayNode before = json.putArray(EARLIER);
        new TreeSet<>(earlier).forEach(before::add);
        Path file = file(model);
        try {
            DurableFiles.write(file, Json.PLAIN.writeValueAsString(json) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw RunException.of("cannot write", file, e);
        }
    }

    /** The data as the run opened them. */
    public Dataset open() {
        return Datasets.open(config, rule);
    }

    /** True if the training questions are recorded; false if a run of an older version has lost its data. */
    public boolean isKnown() {
        return !splits.isEmpty();
    }

    /** The prints of all that the model was trained on, as far as it is known. */
    public Set<String> trained() {
        Set<String> prints = new HashSet<>(earlier);
        splits.getOrDefault(Split.TRAIN, List.of()).forEach(line -> prints.add(print(line)));
        return prints;
    }

    private static String print(String line) {
        return line.substring(line.lastIndexOf(' ') + 1);
    }

    /**
     * Refuses to go on with other questions than a run began with.
     *
     * @param run its folder, for the message
     * @param now the data as they are now
     */
    public void requireSame(Path run, RunData now) {
        for (Split split : Split.values()) {
            List<String> before = splits.getOrDefault(split, List.of());
            List<String> after = now.splits.getOrDefault(split, List.of());
            if (!before.equals(after)) {
                throw new ConfigException(
                        "the data are not those that the run in " + run + " began with: " + word(split)
                                + " had " + before.size() + " questions and has " + after.size()
                                + ", or others; put the data back as they were, or give this run another name");
            }
        }
    }

    private static String word(Split split) {
        return split.name().toLowerCase(Locale.ROOT);
    }
}
