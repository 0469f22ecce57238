package org.reft4j.task.source;

import java.util.regex.Pattern;
import org.reft4j.ground.text.PythonText;
import org.reft4j.task.dataset.Question;

/**
 * OpenAI's GSM8K: {@code answer} holds the rationale with calculator marks, {@code 48/2 = <<48/2=24>>24}, and ends in
 * {@code #### 24}.
 */
final class Gsm8kRows implements RowFormat {
    private static final Pattern CALCULATOR_MARK = Pattern.compile("<<[^<>]*>>");
    private static final String ANSWER_MARK = "####";

    @Override
    public String title() {
        return "OpenAI's GSM8K";
    }

    @Override
    public boolean fits(Row first) {
        return first.has("question", "answer")
                && !first.has("rationale")
                && first.fields().get("answer").asText().contains(ANSWER_MARK);
    }

    @Override
    public String dataset(Row first) {
        return "gsm8k";
    }

    /** The target loses its commas: a model that learned to write {@code 1,000} would be read as giving no answer. */
    @Override
    public Question question(Row row, String dataset) {
        String solution = row.text("answer");
        int mark = solution.lastIndexOf(ANSWER_MARK);
        if (mark < 0) {
            throw row.fault("answer", "has no '#### ' with the final answer", "complete the row or remove it");
        }
        String raw =
                PythonText.strip(solution.substring(mark + ANSWER_MARK.length()).replace(",", ""));
        String prose = PythonText.strip(
                CALCULATOR_MARK.matcher(solution.substring(0, mark)).replaceAll(""));
        return new Question(
                row.idOr("gsm8k"),
                row.text("question"),
                Answers.numeric(row, "answer", raw),
                prose.isEmpty() ? null : prose);
    }
}
