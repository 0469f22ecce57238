package org.reft4j.task.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.text.PythonText;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;

/**
 * Multiple choice as AQuA ({@code question, options: ["A)21", …], rationale, correct}) and MathQA
 * ({@code Problem, options: "a ) 38 , b ) 27", Rationale, correct}) publish it. The options become a second line of the
 * question in MathQA's spelling, as in the reference code's files.
 */
final class ChoiceRows implements RowFormat {
    private static final Pattern LETTERED = Pattern.compile("\\s*\\(?([A-Za-z])\\s*\\)\\s*(.*)", Pattern.DOTALL);

    @Override
    public String title() {
        return "multiple choice";
    }

    @Override
    public boolean fits(Row first) {
        return first.has("options", "correct") && (first.has("question") || first.has("Problem"));
    }

    @Override
    public String dataset(Row first) {
        return first.has("Problem") ? "mathqa" : "aqua";
    }

    @Override
    public Question question(Row row, String dataset) {
        boolean mathqa = row.has("Problem");
        String text = PythonText.strip(row.text(mathqa ? "Problem" : "question")) + "\n" + options(row);
        String letter = Answer.Choice.clean(row.text("correct"));
        if (letter.length() != 1 || !text.contains(letter + " ) ")) {
            throw row.fault("correct", "is '" + row.text("correct") + "', which is none of the options", "correct it");
        }
        return new Question(row.idOr(dataset), text, Answer.Choice.of(letter), rationale(row, mathqa));
    }

    private static @Nullable String rationale(Row row, boolean mathqa) {
        return row.optionalText(mathqa ? "Rationale" : "rationale");
    }

    private static String options(Row row) {
        if (row.fields().path("options").isTextual()) {
            return PythonText.strip(row.text("options"));
        }
        List<String> spelled = new ArrayList<>();
        for (String option : row.texts("options")) {
            Matcher lettered = LETTERED.matcher(option);
            String letter = lettered.matches()
                    ? lettered.group(1).toLowerCase(Locale.ROOT)
                    : String.valueOf((char) ('a' + spelled.size()));
            spelled.add(letter + " ) " + PythonText.strip(lettered.matches() ? lettered.group(2) : option));
        }
        return String.join(" , ", spelled);
    }
}
