package org.reft4j.task.graders;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Template;

/** {@code repetition}: the share of a text's n-grams that have not occurred in it before. */
final class RepetitionGrader implements Grader {
    static final GraderType TYPE =
            new GraderType("repetition", "pays less the more of a text's n-grams are repeated", RepetitionGrader::read);

    private static final int MOST_WORDS = 100_000;
    private static final int MAX_N = 100;

    private final Template input;
    private final int n;
    private final TextUnit unit;

    private RepetitionGrader(Template input, int n, TextUnit unit) {
        this.input = input;
        this.n = n;
        this.unit = unit;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        double n = fields.number("n", 4);
        if (!(n >= 1 && n <= MAX_N && n == Math.rint(n))) {
            throw fields.fault("n", "is " + n, "expected a whole number from 1 to " + MAX_N);
        }
        return new RepetitionGrader(
                fields.template("input", "{{ sample.output_text }}"), (int) n, TextUnit.read(fields, TextUnit.WORDS));
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> {
            List<String> words = unit.pieces(input.fill(values).toLowerCase(Locale.ROOT), MOST_WORDS);
            int grams = words.size() - n + 1;
            if (grams < 1) {
                return new Grade.Scored(1, Map.of(), "shorter than " + n + " " + unit.word());
            }
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < grams; i++) {
                seen.add(String.join("\n", words.subList(i, i + n)));
            }
            String reason = (grams - seen.size()) + " of " + grams + " n-grams are repeated";
            return new Grade.Scored((double) seen.size() / grams, Map.of(), reason);
        });
    }
}
