package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FormulaTest {
    private static final Map<String, Double> VALUES =
            Map.of("a", 2.0, "b", 0.5, "zero", 0.0, "größe_1", 3.0, "min", 9.0);
    private static final double ROUNDING = 1e-12;

    private static double value(String formula) {
        return Formula.of(formula, VALUES.keySet()).value(VALUES);
    }

    private static String fault(String formula) {
        return String.valueOf(assertThrows(Formula.FormulaException.class, () -> value(formula))
                .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.5 * a + 0.5 * b|1.25",
                "1 - 2 - 3|-4",
                "8 / 4 / 2|1",
                "1 + 2 * 3|7",
                "(1 + 2) * 3|9",
                "2 ^ 3 ^ 2|512",
                "-a ^ 2|-4",
                "(-a) ^ 2|4",
                "a ^ -1|0.5",
                "2 * -a|-4",
                "2--a|4",
                "+a|2",
                "- - a|2",
                ".5 + 1. + 1e1 + 2.5E-1|11.75",
                "größe_1*2|6",
                "min(a, b)|0.5",
                "max(1, a, b)|2",
                "min(a)|2",
                "min + 1|10",
                "abs(b - a)|1.5",
                "floor(-b) + ceil(b)|0",
                "exp(0) + sqrt(a * 8)|5",
                "log(exp(a))|2",
                "max(min(a, 1), abs(-3)) ^ (1 + 1)|9",
            })
    void computes(String formula, double expected) {
        assertEquals(expected, value(formula), ROUNDING);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|has its end at character 1; expected a number, a name or (",
                "a +|has its end at character 4; expected a number, a name or (",
                "a b|has 'b' at character 3; expected an operator or the end",
                "(a|has its end at character 3; expected )",
                "a)|has ')' at character 2; expected an operator or the end",
                "a ** 2|has '*' at character 4; expected a number, a name or (",
                "a % 2|has '%' at character 3; expected an operator or the end",
                "a.b|has '.' at character 2; expected an operator or the end",
                "a, b|has ',' at character 2; expected an operator or the end",
                "c + 1|uses c, which is no grader; expected a, b, größe_1, min, zero",
                "log|uses log, which is no grader; expected a, b, größe_1, min, zero",
                "round(a)|calls round, which is no function; expected one of min, max, abs, floor, ceil, exp, sqrt, log",
                "a(1)|calls a, which is no function; expected one of min, max, abs, floor, ceil, exp, sqrt, log",
                "sqrt(a, b)|sqrt takes one number, not 2",
                "min()|has ')' at character 5; expected a number, a name or (",
                "1e999|1e999 is no finite number",
                "System.exit(1)|uses System, which is no grader; expected a, b, größe_1, min, zero",
            })
    void whatCannotBeReadIsRefused(String formula, String message) {
        String fault =
                String.valueOf(assertThrows(Formula.FormulaException.class, () -> Formula.of(formula, VALUES.keySet()))
                        .getMessage());
        assertEquals(message, fault);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a / zero|division of 2.0 by zero",
                "min(1, a / zero)|division of 2.0 by zero",
                "zero / zero|division of 0.0 by zero",
                "log(zero)|log(0.0) is no finite number",
                "sqrt(-a)|sqrt(-2.0) is no finite number",
                "exp(a * 1000)|exp(2000.0) is no finite number",
                "10 ^ 400|10.0 ^ 400.0 is no finite number",
                "(-a) ^ b|-2.0 ^ 0.5 is no finite number",
                "zero ^ -1|0.0 ^ -1.0 is no finite number",
            })
    void whatCannotBeComputedIsSaid(String formula, String message) {
        assertEquals(message, fault(formula));
    }

    @Test
    void spaceMayStandAnywhere() {
        assertEquals(2.5, value("\ta\n+ b "));
    }

    @Test
    void nestingAndLengthEnd() {
        assertEquals("is nested more than 100 deep", fault("(".repeat(101) + "a" + ")".repeat(101)));
        assertEquals("is nested more than 100 deep", fault("-".repeat(5000) + "a"));
        assertEquals("is nested more than 100 deep", fault("2^".repeat(4000) + "a"));
        assertEquals("has 10001 characters, more than 10000", fault(" ".repeat(10_000) + "a"));
        assertEquals(2, value("(".repeat(100) + "a" + ")".repeat(100)));
    }

    @Test
    void longSumsNeedNoDeepStack() {
        String sum = IntStream.range(0, 5000).mapToObj(_ -> "1").collect(Collectors.joining("+"));
        assertEquals(5000, value(sum));
    }
}
