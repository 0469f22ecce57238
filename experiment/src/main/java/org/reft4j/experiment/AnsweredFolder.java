package org.reft4j.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.reft4j.ground.files.Json;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.Evaluation.Answered;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunReader;

/**
 * Answers read from a folder, with the settings that they were made with.
 *
 * @param folder folder of a run or of an evaluation
 * @param split such as {@code test}
 * @param evaluation the answers; tokens and seconds are 0 if unknown
 * @param settings by dotted key
 * @param date date of the answers; empty if it is not recorded
 */
public record AnsweredFolder(
        Path folder, String split, Evaluation evaluation, Map<String, String> settings, Optional<String> date) {
    private static final int NAMED = 3;

    /**
     * Reads the answers of a run or of {@code reft evaluate}. A run has test answers if an experiment or a quickstart made it; otherwise
     * the validation answers of its best checkpoint are taken.
     *
     * @throws ConfigException if it is neither, or holds no answers
     */
    public static AnsweredFolder of(Path folder) {
        if (Files.isRegularFile(folder.resolve("config.yaml"))) {
            return run(folder);
        }
        if (Files.isRegularFile(folder.resolve("answers.jsonl"))) {
            return evaluation(folder);
        }
        throw new ConfigException(
                folder + " holds no answers; expected a run folder (with config.yaml), or one that reft"
                        + " evaluate wrote (with answers.jsonl)");
    }

    private static AnsweredFolder run(Path folder) {
        RunReader reader = RunReader.of(folder);
        if ("reward-model".equals(reader.settings().get("recipe"))) {
            throw new ConfigException(folder + " is the run of a reward model, which answers no questions; reft rerank"
                    + " says what it is good for");
        }
        Path test = folder.resolve("test.json");
        if (Files.isRegularFile(test)) {
            KeptAnswers kept = KeptAnswers.read(test);
            return new AnsweredFolder(folder, "test", kept.evaluation(), reader.settings(), kept.date());
        }
        int step = reader.chosen().map(Run.Checkpoint::step).orElse(-1);
        List<Answered> answers = reader.answers(step, "validation");
        if (answers.isEmpty()) {
            throw new ConfigException(
                    "run " + folder
                            + " has no answers yet; wait for its first measurement, or run reft evaluate on its model and compare what that writes");
        }
        if (answers.stream().map(Answered::questionId).distinct().count() < answers.size()) {
            throw new ConfigException("run " + folder
                    + " was measured by several sampled answers of each question (evaluate.samples), which cannot be"
                    + " compared in pairs; run reft evaluate on its model and compare what that writes");
        }
        return new AnsweredFolder(
                folder, "validation", new Evaluation(answers, 0, 0), reader.settings(), Optional.empty());
    }

    private static AnsweredFolder evaluation(Path folder) {
        Path file = folder.resolve("answers.jsonl");
        List<Answered> answers = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        JsonLines.read(file, line -> {
            Answered answer = answer(line);
            if (!ids.add(answer.questionId())) {
                throw new ConfigException(line.place() + ": question " + answer.questionId()
                        + " is answered for the second time; run reft evaluate again");
            }
            answers.add(answer);
        });
        if (answers.isEmpty()) {
            throw new ConfigException(file + " is empty; run reft evaluate again");
        }
        Map<String, String> settings = new LinkedHashMap<>();
        String split = "unknown";
        Path results = folder.resolve("results.json");
        if (Files.isRegularFile(results)) {
            JsonNode node = results(results);
            for (String key : List.of("model", "data", "split", "cot")) {
                settings.put(key, node.path(key).asText());
            }
            split = node.path("split").asText();
        }
        return new AnsweredFolder(folder, split, new Evaluation(answers, 0, 0), settings, Optional.empty());
    }

    private static Answered answer(JsonLines.Line line) {
        JsonNode node = line.json();
        if (!node.path("item_id").isTextual() || !node.path("correct").isBoolean()) {
            throw new ConfigException(line.place()
                    + ": expected item_id and correct, as reft evaluate writes them; run reft evaluate again");
        }
        return new Answered(
                node.path("item_id").asText(),
                node.path("question").asText(),
                node.path("target").asText(),
                node.path("completion").asText(),
                node.path("grade").asText(),
                node.path("extracted").asText(),
                node.path("correct").asBoolean(),
                node.path("stop").asText(),
                node.path("reward").asDouble(Double.NaN));
    }

    /** Reads the settings of an evaluation. */
    private static JsonNode results(Path file) {
        String remedy = "; run reft evaluate again, or delete the file to compare without the settings";
        try {
            JsonNode node = Json.PLAIN.readTree(file.toFile());
            if (!node.path("split").isTextual()) {
                throw new ConfigException(file + ": damaged ("
                        + (node.isMissingNode() ? "it is empty" : "it does not say the split") + ")" + remedy);
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new ConfigException(
                    file + ", line " + e.getLocation().getLineNr() + ": not JSON (" + JsonLines.words(e) + ")" + remedy,
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * Paired tests need the same questions.
     *
     * @throws ConfigException if the other answered others; it names what differs
     */
    public void requireSameQuestions(AnsweredFolder other) {
        Map<String, Answered> here = byId();
        Map<String, Answered> there = other.byId();
        if (!here.keySet().equals(there.keySet())) {
            throw new ConfigException("not the same questions: " + folder + " answered " + here.size() + " (" + split
                    + "), " + other.folder + " answered " + there.size() + " (" + other.split + ")"
                    + only(this, other) + only(other, this)
                    + "; measure both on the same questions with reft evaluate");
        }
        here.forEach((id, answer) -> {
            Answered same = there.getOrDefault(id, answer);
            if (!same.question().equals(answer.question()) || !same.target().equals(answer.target())) {
                throw new ConfigException("not the same questions: " + id + " is \"" + start(answer) + "\" in " + folder
                        + " and \"" + start(same) + "\" in " + other.folder
                        + "; measure both on the same questions with reft evaluate");
            }
        });
    }

    public Map<String, Answered> byId() {
        Map<String, Answered> byId = new LinkedHashMap<>();
        evaluation.answers().forEach(answer -> byId.put(answer.questionId(), answer));
        return byId;
    }

    private static String start(Answered answer) {
        String text = answer.question().strip();
        return (text.length() <= 60 ? text : text.substring(0, 60) + " …") + " -> " + answer.target();
    }

    private static String only(AnsweredFolder here, AnsweredFolder there) {
        TreeSet<String> only = new TreeSet<>(here.byId().keySet());
        only.removeAll(there.byId().keySet());
        if (only.isEmpty()) {
            return "";
        }
        String names = String.join(", ", only.stream().limit(NAMED).toList());
        return "; only in " + here.folder + ": " + names
                + (only.size() > NAMED ? " and " + (only.size() - NAMED) + " more" : "");
    }
}
