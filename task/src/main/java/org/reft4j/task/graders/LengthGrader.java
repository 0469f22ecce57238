package org.reft4j.task.graders;

import java.util.Map;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Template;

/** {@code length}: full reward up to a soft limit, none from a hard one on, and on a line between. */
final class LengthGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "length", "pays less the longer a text is, between a soft and a hard limit", LengthGrader::read);

    private final Template input;
    private final double soft;
    private final double hard;
    private final TextUnit unit;

    private LengthGrader(Template input, double soft, double hard, TextUnit unit) {
        this.input = input;
        this.soft = soft;
        this.hard = hard;
        this.unit = unit;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        double soft = limit(fields, "soft");
        double hard = limit(fields, "hard");
        if (!(hard > soft)) {
            throw fields.fault("hard", "is " + hard, "expected more than soft (" + soft + ")");
        }
        return new LengthGrader(
                fields.template("input", "{{ sample.output_text }}"),
                soft,
                hard,
                TextUnit.read(fields, TextUnit.CHARACTERS));
    }

    private static double limit(GraderFields fields, String field) {
        fields.required(field);
        double limit = fields.number(field, 0);
        if (!(limit >= 0)) {
            throw fields.fault(field, "is " + limit, "expected 0 or more");
        }
        return limit;
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> {
            int length = unit.count(input.fill(values));
            double score = Math.clamp((hard - length) / (hard - soft), 0.0, 1.0);
            return new Grade.Scored(score, Map.of(), length + " " + unit.word());
        });
    }
}
