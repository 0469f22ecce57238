package org.reft4j.task.graders;

import java.util.List;
import java.util.Locale;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Template;

/** {@code string_check}: a reward of 1 or 0 for a comparison of two texts, neither of which is trimmed. */
final class StringCheckGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "string_check",
            "compares two texts: eq, ne, like (contains) or ilike (whatever the case)",
            StringCheckGrader::read);

    private final Template input;
    private final Template reference;
    private final String operation;

    private StringCheckGrader(Template input, Template reference, String operation) {
        this.input = input;
        this.reference = reference;
        this.operation = operation;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        // OpenAI's guide says neq, its schema ne.
        return new StringCheckGrader(
                fields.template("input"),
                fields.template("reference"),
                fields.word("operation", List.of("eq", "ne", "neq", "like", "ilike")));
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> {
            String text = input.fill(values);
            String wanted = reference.fill(values);
            boolean passed = switch (operation) {
                case "eq" -> text.equals(wanted);
                case "like" -> text.contains(wanted);
                case "ilike" -> text.toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT));
                default -> !text.equals(wanted);
            };
            return Grade.Scored.of(passed ? 1 : 0);
        });
    }
}
