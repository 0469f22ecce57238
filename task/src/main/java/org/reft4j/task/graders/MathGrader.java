package org.reft4j.task.graders;

import java.util.Map;
import java.util.Optional;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Template;
import org.reft4j.task.math.FinalAnswer;
import org.reft4j.task.math.MathEquality;

/** {@code math}: finds the final answer in a text and compares it with the reference as mathematics, not as letters. */
final class MathGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "math",
            "compares final answers as mathematics: numbers, fractions, LaTeX, intervals, expressions",
            MathGrader::read);

    private static final int SHOWN = 60;

    private final Template input;
    private final Template reference;
    private final MathEquality equality;
    private final double correct;
    private final double wrong;
    private final double noAnswer;

    private MathGrader(GraderFields fields, MathEquality equality) {
        this.input = fields.template("input", "{{ sample.output_text }}");
        this.reference = fields.template("reference", "{{ item.answer }}");
        this.equality = equality;
        this.correct = fields.number("correct", 1);
        this.wrong = fields.number("wrong", 0);
        this.noAnswer = fields.number("no_answer", 0);
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        MathEquality.Options defaults = MathEquality.Options.DEFAULT;
        MathGrader grader = new MathGrader(
                fields,
                new MathEquality(new MathEquality.Options(
                        tolerance(fields, "relative_tolerance", defaults.relative()),
                        tolerance(fields, "absolute_tolerance", defaults.absolute()),
                        fields.flag("round_to_reference", defaults.round()),
                        fields.word("percent", defaults.percent()),
                        fields.word("units", defaults.units()))));
        if (!(grader.correct > grader.wrong && grader.correct > grader.noAnswer)) {
            throw fields.fault(
                    "correct",
                    "is " + grader.correct,
                    "expected more than wrong (" + grader.wrong + ") and no_answer (" + grader.noAnswer + ")");
        }
        return grader;
    }

    private static double tolerance(GraderFields fields, String field, double absent) {
        double tolerance = fields.number(field, absent);
        if (!(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw fields.fault(field, "is " + tolerance, "expected 0 or more");
        }
        return tolerance;
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> grade(reference.fill(values), input.fill(values)));
    }

    private Grade grade(String target, String text) {
        String wanted = wanted(target);
        if (wanted.isBlank()) {
            return new Grade.Failed(GradeError.OTHER_ERROR, "the reference is empty");
        }
        Optional<FinalAnswer> answer = FinalAnswer.in(text);
        if (answer.isEmpty() || !equality.isReadable(wanted, answer.get())) {
            String seen = answer.map(found -> "nothing to compare in '" + shown(found.text()) + "'")
                    .orElse("the text is empty");
            return new Grade.Scored(noAnswer, Map.of(), "no answer: " + seen);
        }
        boolean equal = equality.equal(wanted, answer.get());
        String reason = "'" + shown(answer.get().text()) + "' (" + answer.get().where() + ") "
                + (equal ? "equals" : "is not") + " '" + shown(wanted) + "'";
        return new Grade.Scored(equal ? correct : wrong, Map.of(), reason);
    }

    /** A reference that is a whole solution, as GSM8K's {@code answer} is, says where its own answer stands. */
    private static String wanted(String target) {
        boolean solution = target.contains("####") || target.contains("\\boxed");
        return solution ? FinalAnswer.in(target).map(FinalAnswer::text).orElse("") : target;
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
    }
}
