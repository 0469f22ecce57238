package org.reft4j.task.graders;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.math.Arithmetic;
import org.reft4j.task.math.FinalAnswer;
import org.reft4j.task.math.MathEquality;
import org.reft4j.task.math.MathEquality.Percent;
import org.reft4j.task.math.MathEquality.UnitRule;
import org.reft4j.task.math.Numeric;

/**
 * {@code chain_consistency}: whether the value that a chain of thought arrives at is the answer that it gives: the value of the chosen
 * option, or the number. It does not ask whether the answer is right.
 */
final class ChainConsistencyGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "chain_consistency",
            "checks that the value a chain of thought ends with is that of its answer or chosen option",
            ChainConsistencyGrader::read);

    private static final String COMPUTED = "last_computed";
    private static final String NUMBER = "last_number";

    /** Published options are rounded. */
    private static final double OPTION_TOLERANCE = 0.01;

    private static final Pattern RATIO = Pattern.compile("\\s?:\\s?(\\d{1,15}(?:\\.\\d{1,15})?)(?!\\d)");

    private static final MathEquality SAME =
            new MathEquality(new MathEquality.Options(1e-6, 0, true, Percent.EITHER, UnitRule.IGNORE));

    private final boolean computed;
    private final double tolerance;
    private final NothingToJudge none;

    private ChainConsistencyGrader(boolean computed, double tolerance, NothingToJudge none) {
        this.computed = computed;
        this.tolerance = tolerance;
        this.none = none;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        boolean computed = fields.value("value").isEmpty()
                || fields.word("value", List.of(COMPUTED, NUMBER)).equals(COMPUTED);
        double tolerance = fields.number("option_tolerance", OPTION_TOLERANCE);
        if (!(tolerance >= 0 && tolerance < 1)) {
            throw fields.fault("option_tolerance", "is " + tolerance, "expected 0 or more, and less than 1");
        }
        return new ChainConsistencyGrader(computed, tolerance, NothingToJudge.read(fields, 0));
    }

    @Override
    public Grade grade(Question question, String completion) {
        Optional<FinalAnswer> answer = FinalAnswer.in(completion);
        if (answer.isEmpty()) {
            return none.because("no answer");
        }
        String value = value(FinalAnswer.reasoning(completion));
        if (value.isEmpty()) {
            return none.because("the chain of thought ends with no value");
        }
        ChoiceOptions options = ChoiceOptions.of(question.text());
        return options.texts().isEmpty() ? number(value, answer.get()) : option(value, answer.get(), options);
    }

    /** Result of the chain: the last number after an equals sign, or else the last number. */
    private String value(String chain) {
        List<Arithmetic.Result> results = computed ? Arithmetic.results(chain) : List.of();
        List<Arithmetic.Result> candidates = results.isEmpty() ? Arithmetic.numbers(chain) : results;
        if (candidates.isEmpty()) {
            return "";
        }
        Arithmetic.Result last = candidates.getLast();
        Matcher ratio = RATIO.matcher(chain).region(last.end(), chain.length());
        return ratio.lookingAt() ? "(" + last.value() + ")/" + ratio.group(1) : last.value();
    }

    private static Grade number(String value, FinalAnswer answer) {
        boolean same = SAME.equal(answer.text(), value) || SAME.equal(value, answer);
        return scored(same, "the chain ends with " + value + ", the answer is '" + shown(answer.text()) + "'");
    }

    private Grade option(String value, FinalAnswer answer, ChoiceOptions options) {
        String letter = options.chosen(answer.text());
        if (letter.isEmpty()) {
            return none.because("no option is chosen in '" + shown(answer.text()) + "'");
        }
        OptionalDouble size = Numeric.of(value);
        if (size.isEmpty() || !options.hasNumbers()) {
            return none.because("the options are no numbers");
        }
        boolean same = options.leadsTo(size.getAsDouble(), letter, tolerance);
        return scored(
                same,
                "the chain ends with " + value + ", the chosen option " + letter + " is '"
                        + shown(String.valueOf(options.texts().get(letter))) + "'");
    }

    private static Grade scored(boolean same, String reason) {
        return new Grade.Scored(same ? 1 : 0, Map.of(), reason);
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > 60 ? line.substring(0, 60) + "…" : line;
    }
}
