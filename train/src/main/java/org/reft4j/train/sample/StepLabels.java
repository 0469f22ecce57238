package org.reft4j.train.sample;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.StepSplit;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.ConfigException;

/**
 * Labels of the steps of chains of thought, in a JSON Lines file: a line for each chain, with {@code item_id}; the chain as
 * {@code completion}, or as a list {@code steps}, which is joined by line ends; and one number for each step. The numbers are
 * {@code labels} in [0, 1]; or {@code ratings} of people, where -1 is wrong and 0 and 1 are right (as PRM800K has them, neutral counting as
 * right: Lightman et al. 2023, arXiv:2305.20050); or {@code right}, the number of {@code rollouts} completions after the step that were
 * right (Wang et al. 2023, arXiv:2312.08935).
 */
public final class StepLabels {
    private StepLabels() {}

    /**
     * A chain of thought.
     *
     * @param labels the labels of its steps, in [0, 1]; the project's own rule splits a chain into steps
     */
    public record Chain(String text, List<Double> labels) {
        public Chain {
            labels = List.copyOf(labels);
        }
    }

    /**
     * Reads a file. If {@code reft steps} wrote it, the questions recorded with it must be the first of the training questions; in any
     * other file only their ids are checked.
     *
     * @param questions the questions that may be trained on
     * @param cot the rule by which chains are split into steps
     * @param soft true to turn the number of right rollouts into a share; false for 1 if at least one is right
     * @return the chains by the ids of their questions
     * @throws org.reft4j.task.dataset.DataException if a line is no object of JSON, or not UTF-8
     * @throws ConfigException if it belongs to other questions or a line is malformed; names file and line
     */
    public static Map<String, List<Chain>> read(Path file, List<Question> questions, Cot cot, boolean soft) {
        if (!Files.exists(file)) {
            throw new ConfigException("steps.path is " + file + "; there is no such file; make one with reft steps");
        }
        StepLabelFile.questions(file).ifPresent(print -> requireSame(file, print, questions));
        Set<String> ids = questions.stream().map(Question::id).collect(Collectors.toSet());
        Map<String, List<Chain>> chains = new LinkedHashMap<>();
        JsonLines.read(file, line -> {
            String id = line.json().path("item_id").asText();
            require(!id.isEmpty(), line.place(), "no item_id; expected the id of a question of the data");
            require(
                    ids.contains(id),
                    line.place(),
                    "item_id is " + id + ", which is no training question of the data; remove the line, or give the"
                            + " data that the chains are of");
            chains.computeIfAbsent(id, _ -> new ArrayList<>()).add(chain(line.json(), line.place(), cot, soft));
        });
        return chains;
    }

    /** Other questions may have the same ids: those of generated data count from 1 whatever its settings. */
    private static void requireSame(Path file, String print, List<Question> questions) {
        if (!Fingerprint.isOfFirst(questions, print)) {
            throw new ConfigException("steps.path is " + file + ", whose labels are of other questions: they have the"
                    + " fingerprint " + print + " ("
                    + StepLabelFile.beside(file).getFileName()
                    + "), which the first training questions of data do not have; give data as the chains were asked, or label"
                    + " samples of these questions with reft steps");
        }
    }

    private static Chain chain(JsonNode json, String place, Cot cot, boolean soft) {
        String text = json.path("completion").isTextual()
                ? json.path("completion").asText()
                : String.join(
                        "\n",
                        StreamSupport.stream(json.path("steps").spliterator(), false)
                                .map(JsonNode::asText)
                                .toList());
        require(!text.isBlank(), place, "no chain of thought; expected completion (a text) or steps (a list of texts)");
        List<Double> labels = labels(json, place, soft);
        int steps = StepSplit.of(cot).steps(text).size();
        require(
                labels.size() == steps,
                place,
                labels.size() + " labels of " + steps + " steps; a "
                        + (cot == Cot.PROGRAM
                                ? "program is cut at line ends"
                                : "prose chain is cut behind sentences and at line ends"));
        return new Chain(text, labels);
    }

    private static List<Double> labels(JsonNode json, String place, boolean soft) {
        List<Double> labels = new ArrayList<>();
        int rollouts = json.path("rollouts").asInt();
        String key = json.has("labels") ? "labels" : json.has("ratings") ? "ratings" : "right";
        for (JsonNode number : json.path(key)) {
            double value = number.asDouble(Double.NaN);
            double label = switch (key) {
                case "labels" -> value;
                case "ratings" -> value == -1 ? 0 : value == 0 || value == 1 ? 1 : Double.NaN;
                default -> soft ? value / rollouts : Math.min(1, value) * (value <= rollouts ? 1 : Double.NaN);
            };
            require(
                    label >= 0 && label <= 1,
                    place,
                    key + " has " + number
                            + "; expected labels in [0, 1], ratings of -1, 0 or 1, or right, from 0 to the number in rollouts");
            labels.add(label);
        }
        return labels;
    }

    private static void require(boolean holds, String place, String what) {
        if (!holds) {
            throw new ConfigException(place + ": " + what);
        }
    }
}
