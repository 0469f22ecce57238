package org.reft4j.train.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.reft4j.ground.files.Json;
import org.reft4j.task.graders.Graders;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.Run.Checkpoint;

/**
 * Reads a run's folder, also while the run is going on. Every call reads what is there now; nothing is held open between calls, and nothing
 * is changed.
 */
public final class RunReader {
    private final Path folder;
    private final RolloutReader rollouts;

    private RunReader(Path folder) {
        this.folder = folder;
        this.rollouts = new RolloutReader(folder.resolve(RolloutDatabase.FILE), this::passThreshold);
    }

    /**
     * Figures of one step.
     *
     * @param step they belong to
     * @param value as measured, may be infinite but not NaN
     */
    public record Point(int step, double value) {}

    /**
     * One evaluation of the model.
     *
     * @param split {@code validation} or {@code test}
     * @param accuracy in [0, 1]
     * @param low lower bound of its 95 % interval
     * @param high upper bound of its 95 % interval
     * @param reward mean reward of the answers; NaN in runs of versions that did not record it
     * @param figures all numbers by name: besides these the parts of a score ({@code grade/style}), and the losses of a validation file
     *     ({@code loss}, {@code mean-token-accuracy}, {@code preference-accuracy})
     */
    public record Measured(
            int step,
            String split,
            int correct,
            int total,
            double accuracy,
            double low,
            double high,
            double reward,
            Map<String, Double> figures) {
        /** Without further figures. */
        public Measured(
                int step,
                String split,
                int correct,
                int total,
                double accuracy,
                double low,
                double high,
                double reward) {
            this(step, split, correct, total, accuracy, low, high, reward, Map.of());
        }

        /** True for questions of the validation split, of which there were some. */
        public boolean validates() {
            return split.equals("validation") && total > 0;
        }
    }

    /**
     * Something that the run warned of.
     *
     * @param step in which
     */
    public record Warning(int step, String message) {}

    /**
     * Reads the run in {@code folder}.
     *
     * @throws ConfigException if there is none
     */
    public static RunReader of(Path folder) {
        if (!Files.exists(folder.resolve(RunFolder.CONFIG))) {
            throw new ConfigException(folder + " is not a run folder (no " + RunFolder.CONFIG
                    + " in it); expected a folder made by reft train or reft quickstart");
        }
        return new RunReader(folder);
    }

    /**
     * The model to read where {@code path} may be a run: of a run the checkpoint that validation chose, or else the newest; anything else
     * is given back as it is.
     *
     * @throws ConfigException if it is a run without any checkpoint, or without the one that validation chose
     */
    public static Path model(Path path) {
        if (!Files.isDirectory(path.resolve(RunFolder.CHECKPOINTS))
                || !Files.isRegularFile(path.resolve(RunFolder.CONFIG))) {
            return path;
        }
        RunReader run = of(path);
        run.lostBest().ifPresent(step -> {
            throw new ConfigException(path + " has lost the checkpoint that validation chose, that of step " + step
                    + "; copy the whole run again, or name one of its checkpoints, such as "
                    + run.latest().map(Checkpoint::folder).orElse(path));
        });
        return run.chosen()
                .map(Checkpoint::folder)
                .orElseThrow(() -> new ConfigException(
                        path + ", a run without a checkpoint yet; wait for its first, or name a model folder"));
    }

    /** The run's folder. */
    public Path folder() {
        return folder;
    }

    /** The resolved configuration as YAML. */
    public String config() {
        return text(RunFolder.CONFIG);
    }

    /** Every setting by its dotted key, such as {@code ppo.clip}, in the order of the file. */
    public Map<String, String> settings() {
        return ConfigDifference.leaves(config());
    }

    /** A section of the configuration, such as {@code grader}, as YAML; empty if there is none. */
    public Optional<String> section(String key) {
        return ConfigDifference.section(config(), key);
    }

    /** The grader's description in the configuration; empty where answers are compared as the paper does, or the data have their own. */
    public Optional<JsonNode> grader() {
        return Optional.of(ConfigDifference.parsed(config()).path("grader")).filter(JsonNode::isObject);
    }

    /** The score from which a completion that was judged by degree is right; of the data's own graders, one that has everything right. */
    private double passThreshold() {
        return grader().map(Graders::passThreshold).orElse(1.0);
    }

    /**
     * Versions and machine at the run's start.
     *
     * @throws ConfigException if the folder has lost the file
     */
    public Map<String, String> environment() {
        try {
            return Json.PLAIN.readValue(text(RunFolder.ENVIRONMENT), new TypeReference<TreeMap<String, String>>() {});
        } catch (IOException e) {
            throw RunException.of("cannot read", folder.resolve(RunFolder.ENVIRONMENT), e);
        }
    }

    /** The metrics of the steps by name, each in order of steps; where one was not measured there is no point. */
    public Map<String, List<Point>> metrics() {
        return series(Recording.METRICS);
    }

    /** Seconds and speeds of the steps by name. */
    public Map<String, List<Point>> timings() {
        return series(Recording.TIMINGS);
    }

    /** The evaluations of the run, in order of time. */
    public List<Measured> evaluations() {
        return lines(EventLines.EVALUATION).stream()
                .map(line -> new Measured(
                        line.path("step").asInt(),
                        line.path("split").asText(),
                        line.path("correct").asInt(),
                        line.path("total").asInt(),
                        EventLines.number(line.path("accuracy")),
                        EventLines.number(line.path("low")),
                        EventLines.number(line.path("high")),
                        EventLines.number(line.path("reward")),
                        EventLines.numbers(line)))
                .toList();
    }

    /** The warnings of the run, in order of time. */
    public List<Warning> warnings() {
        return lines(EventLines.WARNING).stream()
                .map(line -> new Warning(
                        line.path("step").asInt(), line.path("message").asText()))
                .toList();
    }

    /** The number of steps that the run will have; 0 if that is not known yet. */
    public int steps() {
        return lines(EventLines.STARTED).stream()
                .reduce((_, last) -> last)
                .map(line -> line.path("steps").asInt())
                .orElse(0);
    }

    /** The outcome of the run; empty while it is active or if it was killed. */
    public Optional<RunEvent.Outcome> outcome() {
        return lines(EventLines.FINISHED).stream()
                .reduce((_, last) -> last)
                .map(line -> outcome(line.path("outcome").asText()));
    }

    private RunEvent.Outcome outcome(String word) {
        return Arrays.stream(RunEvent.Outcome.values())
                .filter(each -> each.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new RunException(folder.resolve(Recording.METRICS) + ": outcome is " + word
                        + "; expected done, stopped or diverged: restore the file"));
    }

    /** The complete checkpoints by ascending step. */
    public List<Checkpoint> checkpoints() {
        return Checkpoints.list(folder.resolve(RunFolder.CHECKPOINTS));
    }

    /** The checkpoint with the highest score; empty if none was measured. */
    public Optional<Checkpoint> best() {
        return Checkpoints.best(checkpoints());
    }

    /** The step of the checkpoint that validation chose, if it was there and is not any more. */
    public OptionalInt lostBest() {
        return Checkpoints.lostBest(checkpoints());
    }

    /** The model that a run hands on: the best on validation; where nothing was measured, the newest. */
    public Optional<Checkpoint> chosen() {
        return best().or(this::latest);
    }

    /** The newest complete checkpoint; empty if there is none yet. */
    public Optional<Checkpoint> latest() {
        return checkpoints().reversed().stream().findFirst();
    }

    /** True if all steps are done, or if the run diverged. */
    public boolean ended() {
        return outcome().filter(outcome -> outcome != RunEvent.Outcome.STOPPED).isPresent();
    }

    /** The same, and with these settings, as far as the rule has it. */
    public boolean doneWith(String resolvedConfigYaml, ConfigChanges.Rule rule) {
        return ended() && rule.between(config(), resolvedConfigYaml).refused().isEmpty();
    }

    /** The completions of training. */
    public List<KeptRollout> rollouts(RolloutQuery query) {
        return rollouts.find(query);
    }

    /** The number of completions that a query finds without its limit. */
    public int rolloutCount(RolloutQuery query) {
        return rollouts.count(query);
    }

    /** The rewards of the completions that a query finds without its limit, in bars of equal width; empty where there are none. */
    public List<RolloutBin> rewardHistogram(RolloutQuery query, int bars) {
        return rollouts.histogram(query, bars);
    }

    /** By step, the share of questions whose completions were all paid the same: nothing is learned from these. */
    public Map<Integer, Double> sameRewards() {
        return rollouts.sameRewards();
    }

    /** Numbers of rollouts by step, in order of steps. */
    public Map<Integer, Integer> rolloutCounts() {
        return rollouts.counts();
    }

    /** The questions that were sampled in the most steps, most frequent first, then by id. */
    public List<String> recurringQuestions(int limit) {
        return rollouts.recurringQuestions(limit);
    }

    /** The answers of an evaluation, in the order of the questions; empty if there was none. */
    public List<Evaluation.Answered> answers(int step, String split) {
        return rollouts.answers(step, split);
    }

    private Map<String, List<Point>> series(String file) {
        Map<String, List<Point>> series = new LinkedHashMap<>();
        for (JsonNode line : LineFile.read(folder.resolve(file))) {
            if (line.path("event").asText().equals(EventLines.STEP)) {
                int step = line.path("step").asInt();
                EventLines.numbers(line)
                        .forEach((name, value) -> series.computeIfAbsent(name, _ -> new ArrayList<>())
                                .add(new Point(step, value)));
            }
        }
        return series;
    }

    private List<JsonNode> lines(String event) {
        return LineFile.read(folder.resolve(Recording.METRICS)).stream()
                .filter(line -> line.path("event").asText().equals(event))
                .toList();
    }

    private String text(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (NoSuchFileException e) {
            throw new ConfigException(
                    folder.resolve(name) + " is missing: the folder of the run is incomplete; copy it again", e);
        } catch (IOException e) {
            throw RunException.of("cannot read", folder.resolve(name), e);
        }
    }
}
