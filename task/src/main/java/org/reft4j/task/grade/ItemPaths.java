package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.reft4j.task.dataset.Question;

/**
 * Holds what a grader's templates name of the item against the first data rows, as OpenAI's service does before a job: a name that is
 * spelled wrongly would otherwise show as a failed grade of every completion, when the model has been loaded and has sampled.
 */
public final class ItemPaths {
    private static final int ROWS = 20;
    /** Fields that may hold double braces and are no templates. */
    private static final Set<String> NO_TEMPLATES = Set.of("source", "pattern", "calculate_output", "schema");

    private ItemPaths() {}

    /**
     * @param grader a description that was accepted
     * @param place what to call it in messages
     * @param data what to call the questions in messages
     * @throws GraderException if one of the first rows lacks what a template names
     */
    public static void require(JsonNode grader, String place, String data, List<Question> questions) {
        for (Map.Entry<String, JsonNode> field : grader.properties()) {
            String where = place + "." + field.getKey();
            if (!NO_TEMPLATES.contains(field.getKey())) {
                look(field.getValue(), where, data, questions);
            }
        }
    }

    private static void look(JsonNode value, String where, String data, List<Question> questions) {
        if (value.isTextual()) {
            paths(value.textValue(), where, data, questions);
        } else if (value.isObject()) {
            require(value, where, data, questions);
        } else {
            for (int i = 0; i < value.size(); i++) {
                look(value.get(i), where + "[" + i + "]", data, questions);
            }
        }
    }

    private static void paths(String text, String where, String data, List<Question> questions) {
        Template template = Template.of(text, where);
        if (template.itemPaths().isEmpty()) {
            return;
        }
        for (int row = 0; row < Math.min(ROWS, questions.size()); row++) {
            Question question = questions.get(row);
            ObjectNode item = question.item();
            for (String path : template.itemPaths()) {
                try {
                    Template.of("{{" + path + "}}", where).fill(new Template.Values(item, item));
                } catch (Template.MissingVariableException e) {
                    throw new GraderException(where + " names {{ " + path + " }}, which row " + (row + 1) + " of the "
                            + data + " (" + question.id() + ") lacks; it has " + names(item));
                }
            }
        }
    }

    private static String names(ObjectNode item) {
        return item.properties().stream().map(entry -> "item." + entry.getKey()).collect(Collectors.joining(", "));
    }
}
