package org.reft4j.task.source;

import java.util.Set;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;

/**
 * Anybody's own data: {@code question, answer} and, where known, {@code rationale} and {@code id}. An answer that
 * Python's {@code float} accepts, commas aside, is compared as a number, any other one as text. Rows without the field {@code answer} are for
 * graders that read their other fields.
 */
final class PlainRows implements RowFormat {
    private static final Set<String> OWN = Set.of("id", FieldNames.QUESTION, FieldNames.ANSWER, "rationale");

    @Override
    public String title() {
        return "plain rows (question, answer, rationale)";
    }

    @Override
    public boolean fits(Row first) {
        return first.has("question");
    }

    @Override
    public String dataset(Row first) {
        return "jsonl";
    }

    @Override
    public Question question(Row row, String dataset) {
        return new Question(
                row.idOr(dataset), row.text(FieldNames.QUESTION), answer(row), row.optionalText("rationale"));
    }

    /** None is needed where the row has something else for a grader to read. */
    private static Answer answer(Row row) {
        boolean others = !row.has(FieldNames.ANSWER) && !OWN.containsAll(row.fieldNames());
        return others ? row.noAnswer() : Answer.plain(row.scalar(FieldNames.ANSWER));
    }
}
