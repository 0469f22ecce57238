package org.reft4j.task.math;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numeric value of an expression. */
public final class Numeric {
    private static final Pattern RATIO = Pattern.compile("\\s*([\\d.,]{1,30})\\s*:\\s*([\\d.,]{1,30})\\s*");

    private Numeric() {}

    /** The first number of the words, a ratio {@code 2 : 3} as two thirds; units, money and percent signs do not matter. */
    public static OptionalDouble of(String words) {
        Matcher ratio = RATIO.matcher(words);
        String formula = ratio.matches() ? ratio.group(1) + "/" + ratio.group(2) : FinalAnswer.trim(words);
        for (MathAnswer reading : AnswerReading.all(formula, true)) {
            if (reading instanceof MathAnswer.Quantity(Expression expression, var _, var _)) {
                double value = expression.at(Map.of()).approximate();
                if (Double.isFinite(value)) {
                    return OptionalDouble.of(value);
                }
            }
        }
        return OptionalDouble.empty();
    }
}
