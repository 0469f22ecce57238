package org.reft4j.task.source;

import java.util.Set;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;

/**
 * The files of the ReFT reference code: arrays of {@code item_id, question, answer_cot, answer_value}, all texts, where
 * the part of {@code item_id} before the underscore names the dataset (mwp_ReFT, {@code data/}).
 */
final class ReferenceRows implements RowFormat {
    private static final Set<String> NUMERIC = Set.of("gsm8k", "svamp", "mathqa-numeric");

    @Override
    public String title() {
        return "the ReFT reference code's format";
    }

    @Override
    public boolean fits(Row first) {
        return first.has("item_id");
    }

    @Override
    public String dataset(Row first) {
        String id = first.text("item_id");
        String name = id.substring(0, id.indexOf('_') < 0 ? id.length() : id.indexOf('_'));
        if (!NUMERIC.contains(name) && !name.equals("mathqa")) {
            throw first.fault(
                    "item_id",
                    "is '" + id + "'; expected gsm8k_, svamp_, mathqa_ or mathqa-numeric_ and a number",
                    "name other data 'id' instead of 'item_id', which reads it as plain rows");
        }
        return name;
    }

    @Override
    public Question question(Row row, String dataset) {
        String id = row.text("item_id");
        if (!id.startsWith(dataset + "_")) {
            throw row.fault("item_id", "is '" + id + "' in a file of " + dataset, "keep one dataset to a file");
        }
        String raw = row.text("answer_value");
        Answer answer = NUMERIC.contains(dataset) ? Answers.numeric(row, "answer_value", raw) : Answer.Choice.of(raw);
        return new Question(id, row.text("question"), answer, row.optionalText("answer_cot"));
    }
}
