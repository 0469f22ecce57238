package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.math.Computation;

/**
 * {@code countdown}: whether the answer is an expression that uses the item's {@code numbers} and comes to the same as the item's answer,
 * which is a number or an expression. Everything is computed exactly; nothing is run.
 */
final class CountdownGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "countdown",
            "checks that an expression uses given numbers, each once or at most once, and comes to the target",
            CountdownGrader::read);

    private static final String ONCE = "once";
    private static final String AT_MOST_ONCE = "at-most-once";

    private final boolean all;

    private CountdownGrader(boolean all) {
        this.all = all;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        boolean all = fields.optionalText("use").isEmpty()
                || fields.word("use", List.of(ONCE, AT_MOST_ONCE)).equals(ONCE);
        for (DataRows rows : tools.data()) {
            for (Question question : rows.questions()) {
                String fault = fault(question);
                if (fault != null) {
                    throw new GraderException(fields.place() + " of type countdown cannot grade " + question.id()
                            + " of the " + rows.name() + ": " + fault);
                }
            }
        }
        return new CountdownGrader(all);
    }

    /** Fault of a question that lacks a field, or {@code null}. */
    private static @Nullable String fault(Question question) {
        if (numbers(question).isEmpty()) {
            return "there is no item.numbers, a list of whole numbers";
        }
        return target(question).isEmpty() ? "its answer is neither a whole number nor an expression of some" : null;
    }

    private static Optional<List<Long>> numbers(Question question) {
        JsonNode given = question.row() == null ? null : question.row().get("numbers");
        if (given == null || !given.isArray() || given.isEmpty()) {
            return Optional.empty();
        }
        List<Long> numbers = new ArrayList<>();
        for (JsonNode number : given) {
            if (!number.isIntegralNumber()) {
                return Optional.empty();
            }
            numbers.add(number.longValue());
        }
        return Optional.of(numbers);
    }

    private static Optional<Computation> target(Question question) {
        String written =
                question.answer() instanceof Answer.Numeric number && number.value() == Math.rint(number.value())
                        ? Long.toString((long) number.value())
                        : question.answer().raw();
        return Computation.read(written);
    }

    @Override
    public Grade grade(Question question, String completion) {
        String fault = fault(question);
        if (fault != null) {
            return new Grade.Failed(GradeError.INVALID_VARIABLE_ERROR, fault);
        }
        String written = AnswerGrader.written(completion);
        Optional<Computation> answer = Computation.read(written);
        if (answer.isEmpty()) {
            return new Grade.NoAnswer("no expression of whole numbers: '" + AnswerGrader.shown(written) + "'");
        }
        boolean right = uses(numbers(question).orElseThrow(), answer.get().numbers())
                && answer.get().comesTo(target(question).orElseThrow().value());
        return right ? new Grade.Correct(written) : new Grade.Wrong(written);
    }

    private boolean uses(List<Long> given, List<Long> written) {
        List<Long> left = new ArrayList<>(given);
        for (Long number : written) {
            if (!left.remove(number)) {
                return false;
            }
        }
        return !all || left.isEmpty();
    }
}
