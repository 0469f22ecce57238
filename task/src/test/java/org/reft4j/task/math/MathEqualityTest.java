package org.reft4j.task.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.math.MathEquality.Options;
import org.reft4j.task.math.MathEquality.Percent;
import org.reft4j.task.math.MathEquality.UnitRule;

final class MathEqualityTest {
    /** Long beside the milliseconds that it takes, for machines with other things to do; a bomb would take years. */
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final MathEquality DEFAULT = new MathEquality(Options.DEFAULT);

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                // numbers
                "18; 18",
                "18; 18.0",
                "18; 18.",
                "18; +18",
                "18; 018",
                "1234; 1,234",
                "1234567.5; 1,234,567.50",
                "1234; 1_234",
                "-3; −3",
                "0.5; .5",
                "0.5; 1/2",
                "3/4; 0.75",
                "3/4; 6/8",
                "-3/4; 3/-4",
                "1.5; 1 1/2",
                "1.5; 1\\frac{1}{2}",
                "1.5; 1½",
                "2.5; 5/2",
                "1/3; 0.3333333",
                "1e3; 1000",
                "1000; 10^3",
                "0.000012; 1.2e-5",
                "3.2e5; 3.2 \\times 10^{5}",
                "6.02*10^23; 6.02 × 10²³",
                "10000; 10{,}000",
                "10000; 10,\\!000",
                "10000; 10\\,000",
                "1/3; \\frac13",
                "2^{10}; 1024",
                "8; 2^3",
                "-4; -2^2",
                "2; 8^(1/3)",
                "-2; (-8)^(1/3)",
                // percent, money, units
                "50; 50%",
                "0.5; 50%",
                "50%; 0.5",
                "50%; 50",
                "50; 50\\%",
                "50; 50 percent",
                "18; $18",
                "18; \\$18",
                "-5; -$5",
                "$18; 18 dollars",
                "500; Rs. 500",
                "5; 5 apples",
                "5; 5 apples per day",
                "5 km; 5 kilometers",
                "5 m; 5 meters",
                "5; 5 m",
                "5; 5cm",
                "5 km/h; 5 km per hour",
                "5 ft^2; 5 square feet",
                "5 sq ft; 5 ft²",
                "90; 90^\\circ",
                "90°; 90 degrees",
                "5 cm^2; 5\\text{ cm}^2",
                "10; 10\\text{ inches}",
                // LaTeX
                "3/4; \\dfrac{3}{4}",
                "2\\sqrt{3}; \\sqrt{12}",
                "sqrt(2)/2; \\frac{\\sqrt{2}}{2}",
                "\\frac{1}{\\sqrt{2}}; \\frac{\\sqrt2}{2}",
                "\\sqrt[3]{27}; 3",
                "2\\pi; 2π",
                "6; 2 \\cdot 3",
                "6; 2 x 3",
                "\\left(1, 2\\right); (1,2)",
                "\\pi r^2; r^2\\pi",
                "3\\pi/2; 1.5\\pi",
                // algebra
                "2x+3; 3+2x",
                "(x+1)^2; x^2+2x+1",
                "x(x-1); x^2-x",
                "1/2x; 0.5x",
                "|x|; \\sqrt{x^2}",
                "sin(x)^2+cos(x)^2; 1",
                "\\log_2 8; 3",
                "2xy; 2yx",
                "x_1+x_2; x_2+x_1",
                "a; A",
                "\\frac{x^2-1}{x-1}; x+1",
                "e^{2x}; (e^x)^2",
                // equations and inequalities
                "3; x = 3",
                "x = 3; 3",
                "x=3; 3 = x",
                "3; 3 = x",
                "y = 2x+1; 2x+1",
                "y = 2x+1; y - 2x = 1",
                "x+y=1; 2x+2y=2",
                "6; 2 * 3 = 6",
                "x > 3; 3 < x",
                "x > 3; (3, \\infty)",
                "x \\le 3; (-\\infty, 3]",
                "(1,3]; 1 < x \\leq 3",
                "x+y<1; -x-y>-1",
                "x \\ne 2; x != 2",
                // several
                "[1, 2); [1,2)",
                "[1, 2); \\left[1, \\frac{4}{2}\\right)",
                "{1, 2}; {2, 1}",
                "\\{1,2\\}; {2,1,1}",
                "{1,2}; 1, 2",
                "1, 2; 2 and 1",
                "x = 1 or x = 2; 2, 1",
                "1, -1; \\pm 1",
                "(1, 1/2); (1, 0.5)",
                "(1,234); (1, 234)",
                "{(1,2),(3,4)}; {(3,4),(1,2)}",
                "(-\\infty,1)\\cup(2,3); (2,3) U (-inf, 1)",
                "x \\in [1,2]; [1,2]",
                // words and letters
                "yes; Yes.",
                "no; **No**",
                "True; true",
                "C; c",
                "C; (C)",
                "(C); c",
                "C; C) 198",
                "C; \\text{(C)}",
                "C; option c",
                "Monday; monday.",
                "blue; The blue",
                "dark  blue; \\text{dark blue}",
                "10^10^10; 10^10^10",
                "1500000; 1.5 million",
                "$1.5 million; 1500000 dollars",
                "\\text{Yes}; yes",
                "\\textbf{(A)}; (a)",
                "Tom; tom",
                "18; 18, as she has 2 of them",
                "18; 18 a day",
                "Red; red",
            })
    void theSame(String reference, String answer) {
        assertEquals(
                reference + " = " + answer, reference + (DEFAULT.equal(reference, answer) ? " = " : " # ") + answer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "18; 19",
                "18; -18",
                "18; 18.01",
                "1000000; 1000001",
                "1/3; 0.33",
                "3/4; 4/3",
                "1.5; 1 1/3",
                "1234; 1,235",
                "1234; 1.234",
                "12; 1,2",
                "50; 0.5",
                "0.5; 50",
                "50%; 5",
                "50%; 0.05",
                "18; 18000",
                "5 km; 5 m",
                "5 km; 5",
                "$5; 5 euros",
                "5 km; 5000 m",
                "18; eighteen",
                "2\\sqrt{3}; \\sqrt{11}",
                "2\\pi; 6.28",
                "\\sqrt2; 1.41",
                "2x+3; 2x-3",
                "2x; 2y",
                "x; |x|",
                "x^2; x^3",
                "x; 1",
                "\\frac{1}{x}; x",
                "2x+3; 5",
                "3; x = 4",
                "x=3; x=4",
                "y = 2x+1; y = 2x",
                "x+y=1; x+y=2",
                "x > 3; x < 3",
                "x > 3; x \\ge 3",
                "x+y<1; x+y>1",
                "x = 2; x \\ne 2",
                "x=1; y=1",
                "[1, 2); (1, 2)",
                "[1, 2); [1, 3)",
                "{1, 2}; {1, 3}",
                "{1, 2}; {1}",
                "{1}; {1, 2}",
                "(1, 2); (2, 1)",
                "(1,2); [1,2]",
                "1, 2; 1",
                "1; 1, 2",
                "(1,2); 1, 2",
                "(-\\infty,1)\\cup(2,3); (2,3)",
                "yes; no",
                "yes; maybe",
                "C; B",
                "C; cat",
                "C; 198",
                "C; C or B",
                "Monday; Tuesday",
                "(C); (A)",
                "10^10^10; 10^10^11",
                "3; ",
                "3; ?",
                "3; 1/0",
                "0; 1/0",
                "sqrt(-1); 1",
            })
    void notTheSame(String reference, String answer) {
        String given = answer == null ? "" : answer;
        assertEquals(reference + " # " + given, reference + (DEFAULT.equal(reference, given) ? " = " : " # ") + given);
    }

    @Test
    void percentSignsMeanWhatTheOptionSays() {
        MathEquality fraction = new MathEquality(new Options(1e-6, 0, false, Percent.FRACTION, UnitRule.AGREE));
        MathEquality number = new MathEquality(new Options(1e-6, 0, false, Percent.NUMBER, UnitRule.AGREE));
        assertEquals("true false", fraction.equal("0.5", "50%") + " " + fraction.equal("50", "50%"));
        assertEquals("false true", number.equal("0.5", "50%") + " " + number.equal("50", "50%"));
        assertEquals("true true", fraction.equal("50%", "50 %") + " " + number.equal("50%", "50 %"));
    }

    @Test
    void unitsCountAsTheOptionSays() {
        MathEquality given = new MathEquality(new Options(1e-6, 0, false, Percent.EITHER, UnitRule.IF_GIVEN));
        MathEquality none = new MathEquality(new Options(1e-6, 0, false, Percent.EITHER, UnitRule.IGNORE));
        assertEquals("true false", given.equal("5 km", "5") + " " + given.equal("5 km", "5 m"));
        assertEquals("true true", none.equal("5 km", "5") + " " + none.equal("5 km", "5 m"));
    }

    @Test
    void tolerancesAreOptions() {
        MathEquality hundredth = new MathEquality(new Options(0, 0.01, false, Percent.EITHER, UnitRule.AGREE));
        assertEquals("true false", hundredth.equal("7", "7.01") + " " + hundredth.equal("7", "7.011"));
        MathEquality tenth = new MathEquality(new Options(0.1, 0, false, Percent.EITHER, UnitRule.AGREE));
        assertEquals("true false", tenth.equal("7.5", "8.25") + " " + tenth.equal("7.5", "8.26"));
        assertFalse(tenth.equal("70", "71"), "whole numbers have no relative tolerance");
    }

    @Test
    void roundingIsAnOption() {
        MathEquality round = new MathEquality(new Options(1e-6, 0, true, Percent.EITHER, UnitRule.AGREE));
        assertEquals("true false", round.equal("3.14", "\\pi") + " " + DEFAULT.equal("3.14", "\\pi"));
        assertEquals("true false", round.equal("0.67", "2/3") + " " + round.equal("0.67", "0.664"));
        assertEquals("false false", round.equal("3", "2.6") + " " + round.equal("3.14", "3.1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10^10^10",
                "10^10^10^10",
                "9^9^9^9",
                "(10^300)^(10^300)",
                "1e999999999",
                "2^(-10^18)",
                "(1/3)^100000",
                "1/(10^10^10)",
            })
    void bombsEndFast(String answer) {
        assertFalse(assertTimeoutPreemptively(SOON, () -> DEFAULT.equal("1", answer)), answer);
    }

    @Test
    void longAndDeepTextsEndFast() {
        String[] bombs = {
            "(".repeat(1_000_000),
            "(".repeat(90) + "1" + ")".repeat(90),
            "{".repeat(500) + "1" + "}".repeat(500),
            "((((((((((1,2),3),4),5),6),7),8),9),10)",
            "-".repeat(500) + "1",
            "\\sqrt{".repeat(300) + "1" + "}".repeat(300),
            "9".repeat(1_000_000),
            "1+".repeat(500_000) + "1",
            "1,".repeat(290) + "1",
            "^".repeat(1999),
            "$=".repeat(2000),
            "$".repeat(1_000_000),
            "\\sqrt[".repeat(200_000),
            "\\frac{".repeat(200_000),
            " ".repeat(1_000_000) + "x",
            "2^".repeat(300) + "2",
        };
        for (String bomb : bombs) {
            assertFalse(assertTimeoutPreemptively(SOON, () -> DEFAULT.equal("3", bomb)));
            assertTimeoutPreemptively(SOON, () -> DEFAULT.equal(bomb, "3"));
            assertTimeoutPreemptively(SOON, () -> FinalAnswer.in("x " + bomb).map(found -> DEFAULT.equal("3", found)));
        }
    }
}
