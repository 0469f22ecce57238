package org.reft4j.task.source;

import org.reft4j.ground.text.PythonText;
import org.reft4j.task.dataset.Question;

/**
 * The original {@code SVAMP.json}: {@code ID, Body, Question, Equation, Answer, Type}; the published test set, without
 * rationales.
 */
final class SvampRows implements RowFormat {
    @Override
    public String title() {
        return "the original SVAMP.json";
    }

    @Override
    public boolean fits(Row first) {
        return first.has("ID", "Body", "Question", "Answer");
    }

    @Override
    public String dataset(Row first) {
        return "svamp";
    }

    @Override
    public Question question(Row row, String dataset) {
        String text = PythonText.strip(row.text("Body")) + " " + PythonText.strip(row.text("Question"));
        return new Question(
                "svamp_" + row.text("ID"), text, Answers.numeric(row, "Answer", row.scalar("Answer")), null);
    }
}
