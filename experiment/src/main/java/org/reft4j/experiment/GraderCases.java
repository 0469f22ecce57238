package org.reft4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.run.Results;

/** Completions with the scores that their author expects of a grader: a file of JSON Lines. */
public final class GraderCases {
    /** @param place the place of its line, for messages */
    public record Case(String place, Question question, String completion, double expected, double tolerance) {}

    /** @param reward NaN where grading failed */
    public record Tried(Case asked, Grade grade, double reward) {
        public boolean met() {
            return Math.abs(reward - asked.expected()) <= asked.tolerance();
        }
    }

    private GraderCases() {}

    /**
     * Reads them.
     *
     * @param first the question for lines that name none
     * @param tolerance the tolerance for lines without one
     * @throws DataException if a line is wrong; it names file and line
     */
    public static List<Case> read(Path file, Dataset data, Question first, double tolerance) {
        Map<String, Question> questions = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            data.questions(split).forEach(question -> questions.put(question.id(), question));
        }
        List<Case> cases = new ArrayList<>();
        JsonLines.read(file, line -> {
            ObjectNode json = line.json();
            Question question = first;
            if (json.hasNonNull("item_id")) {
                String id = json.path("item_id").asText();
                question = questions.get(id);
                if (question == null) {
                    throw new DataException(line.place() + ": item_id " + id + " is not in the data ("
                            + questions.size() + " questions)");
                }
            }
            if (!json.path("completion").isTextual()) {
                throw new DataException(line.place() + ": \"completion\" is missing or no text; expected a text");
            }
            cases.add(new Case(
                    line.place(),
                    question,
                    json.path("completion").asText(),
                    number(line, "expected"),
                    json.has("tolerance") ? number(line, "tolerance") : tolerance));
        });
        if (cases.isEmpty()) {
            throw new DataException(
                    file + ": is empty; expected lines such as {\"completion\": \"It is 7.\", \"expected\": 1}");
        }
        return cases;
    }

    private static double number(JsonLines.Line line, String key) {
        JsonNode value = line.json().path(key);
        if (!value.isNumber()) {
            throw new DataException(line.place() + ": \"" + key + "\" is " + (value.isMissingNode() ? "missing" : value)
                    + "; expected a number");
        }
        return value.doubleValue();
    }

    public static List<Tried> grade(List<Case> cases, Grader grader) {
        return cases.stream()
                .map(asked -> {
                    Grade grade = grader.grade(asked.question(), asked.completion());
                    return new Tried(
                            asked, grade, grade instanceof Grade.Failed ? Double.NaN : RewardRule.REFT.of(grade));
                })
                .toList();
    }

    public static ArrayNode json(ArrayNode list, List<Tried> tried) {
        for (Tried each : tried) {
            ObjectNode json = list.addObject()
                    .put("place", each.asked().place())
                    .put("item_id", each.asked().question().id())
                    .put("completion", each.asked().completion())
                    .put("expected", each.asked().expected())
                    .put("tolerance", each.asked().tolerance())
                    .put("grade", each.grade().label());
            json.set("reward", Results.number(each.reward()));
            json.put("reason", each.grade().why().orElse(null)).put("met", each.met());
            Results.parts(json, each.grade().parts());
        }
        return list;
    }
}
