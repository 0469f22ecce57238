package org.reft4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.run.Results;

/** Completions in a file of JSON Lines, graded without a model. */
public final class GradedFile {
    private GradedFile() {}

    /** A line of the file. */
    public record Item(ObjectNode json, Question question, String completion) {}

    /**
     * A line with its grade.
     *
     * @param json the line, with the grade added
     * @param reward NaN where grading failed
     */
    public record Graded(ObjectNode json, Grade grade, double reward) {
        RewardSummary.Row row() {
            return new RewardSummary.Row(
                    json.path("item_id").asText(),
                    reward,
                    json.path("completion").asText());
        }
    }

    /**
     * Reads a file of JSON Lines.
     *
     * @throws DataException if a line is wrong, or names a question that the data do not have; it names file and line
     */
    public static List<Item> read(Path file, Dataset dataset) {
        Map<String, Question> questions = new HashMap<>();
        for (Split split : Split.values()) {
            dataset.questions(split).forEach(question -> questions.put(question.id(), question));
        }
        List<Item> items = new ArrayList<>();
        JsonLines.read(file, line -> items.add(item(line, questions, dataset)));
        if (items.isEmpty()) {
            throw new DataException(file + ": is empty; expected lines such as {\"item_id\": \"svamp_1\","
                    + " \"completion\": \"...\"}");
        }
        return items;
    }

    private static Item item(JsonLines.Line line, Map<String, Question> questions, Dataset dataset) {
        String at = line.place() + ": ";
        String id = text(line.json(), "item_id", at);
        Question question = questions.get(id);
        if (question == null) {
            throw new DataException(at + "item_id " + id + " is not in " + dataset.name() + " (" + questions.size()
                    + " questions, such as "
                    + questions.keySet().stream().min(String::compareTo).orElse("none") + ")");
        }
        return new Item(line.json(), question, text(line.json(), "completion", at));
    }

    private static String text(ObjectNode json, String key, String at) {
        JsonNode value = json.path(key);
        if (!value.isTextual()) {
            throw new DataException(
                    at + "\"" + key + "\" is " + (value.isMissingNode() ? "missing" : value) + "; expected a text");
        }
        return value.asText();
    }

    /** Grades every line, in their order. */
    public static List<Graded> grade(List<Item> items, Grader grader) throws InterruptedException {
        List<Graded> graded = new ArrayList<>();
        // As many at a time as there are workers, so that the seconds are a program's own.
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<Graded>> futures = items.stream()
                    .map(item -> threads.submit(() -> grade(item, grader)))
                    .toList();
            for (Future<Graded> future : futures) {
                graded.add(future.get());
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        }
        return graded;
    }

    private static Graded grade(Item item, Grader grader) {
        long begin = System.nanoTime();
        Grade grade = grader.grade(item.question(), item.completion());
        double seconds = (System.nanoTime() - begin) / 1e9;
        double reward = grade instanceof Grade.Failed ? Double.NaN : RewardRule.REFT.of(grade);
        ObjectNode json = item.json();
        json.put("target", item.question().answer().raw());
        json.put("grade", grade.label());
        json.put("correct", grade.right());
        json.put("extracted", grade.answer().orElse(null));
        json.set("reward", Results.number(reward));
        json.put("reason", grade.why().orElse(null));
        Results.parts(json, grade.parts());
        if (grade instanceof Grade.Failed failed) {
            json.put("error", failed.error().flag());
        }
        grade.flag().ifPresent(flag -> json.put("flag", flag.flag()));
        json.put("seconds", Math.round(seconds * 1e6) / 1e6);
        return new Graded(json, grade, reward);
    }

    /** Distribution of rewards, and the lines with the lowest and highest, for people. */
    public static List<String> rewards(List<Graded> graded) {
        return RewardSummary.of(graded.stream().map(Graded::row).toList());
    }

    /** The counts and means. */
    public static ObjectNode totals(List<Graded> graded, double seconds) {
        Map<String, Integer> counts = new HashMap<>();
        for (Graded item : graded) {
            String label = item.grade().label();
            if (label.equals("scored")) {
                counts.merge(label, 1, Integer::sum);
            }
            counts.merge(item.grade().right() ? "correct" : label.equals("scored") ? "wrong" : label, 1, Integer::sum);
        }
        ObjectNode totals = Results.object();
        totals.put("total", graded.size());
        for (String name : List.of("correct", "wrong", "no-answer", "scored", "failed")) {
            totals.put(name, counts.getOrDefault(name, 0));
        }
        totals.set("accuracy", Results.number(counts.getOrDefault("correct", 0) / (double) graded.size()));
        totals.set(
                "reward",
                Results.number(graded.stream()
                        .mapToDouble(Graded::reward)
                        .filter(reward -> !Double.isNaN(reward))
                        .average()
                        .orElse(Double.NaN)));
        totals.set("seconds", Results.number(seconds));
        return totals;
    }
}
