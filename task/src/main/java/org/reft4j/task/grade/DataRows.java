package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import org.reft4j.task.dataset.Question;

/**
 * The first rows of the data that graders will be used on. What templates name of the item is looked for in them when a description is
 * read, as OpenAI's service does before a job: a name that is spelled wrongly would otherwise show as a failed grade of every completion,
 * when the model has been loaded and has sampled.
 *
 * @param name what to call the data in messages
 * @param questions at most 20 of those given
 */
public record DataRows(String name, List<Question> questions) {
    private static final int LOOKED_AT = 20;

    public DataRows {
        questions = List.copyOf(questions.subList(0, Math.min(LOOKED_AT, questions.size())));
    }

    /**
     * @param where the template stands
     * @throws GraderException if one of the rows lacks what the template names
     */
    public void require(Template template, String where) {
        for (int row = 0; row < questions.size(); row++) {
            Question question = questions.get(row);
            ObjectNode item = question.item();
            String spelled = template.absentIn(item).orElse(null);
            if (spelled != null) {
                throw new GraderException(where + " names {{ " + spelled + " }}, which row " + (row + 1) + " of the "
                        + name + " (" + question.id() + ") lacks; it has " + names(item));
            }
        }
    }

    private static String names(ObjectNode item) {
        return item.properties().stream().map(entry -> "item." + entry.getKey()).collect(Collectors.joining(", "));
    }
}
