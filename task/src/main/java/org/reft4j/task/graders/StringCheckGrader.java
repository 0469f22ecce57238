package org.reft4j.task.graders;

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
    private final Operation operation;

    /** Comparisons; OpenAI's guide says {@code neq}, its schema {@code ne}. */
    private enum Operation {
        EQ,
        NE,
        NEQ,
        LIKE,
        ILIKE
    }

    private StringCheckGrader(Template input, Template reference, Operation operation) {
        this.input = input;
        this.reference = reference;
        this.operation = operation;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        return new StringCheckGrader(
                fields.template("input"), fields.template("reference"), fields.word("operation", Operation.class));
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> {
            String text = input.fill(values);
            String wanted = reference.fill(values);
            boolean passed = switch (operation) {
                case EQ -> text.equals(wanted);
                case LIKE -> text.contains(wanted);
                case ILIKE -> text.toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT));
                case NE, NEQ -> !text.equals(wanted);
            };
            return Grade.Scored.of(passed ? 1 : 0);
        });
    }
}
