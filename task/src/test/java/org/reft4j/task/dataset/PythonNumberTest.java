package org.reft4j.task.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected values were printed by CPython 3.11. */
class PythonNumberTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "5|5.0",
                " 5 |5.0",
                "\t5|5.0",
                "5.|5.0",
                ".5|0.5",
                "+.5|0.5",
                "-.5e-2|-0.005",
                "007|7.0",
                "-0|-0.0",
                "1e5|100000.0",
                "1E-3|0.001",
                "1e16|1e+16",
                "1e-5|1e-05",
                "1e400|inf",
                "-1e-400|-0.0",
                "1e99999999999999999999|inf",
                "0e99999999999999999999|0.0",
                "1_000|1000.0",
                "1_000_000.5_5|1000000.55",
                "1e5_0|1e+50",
                "nan|nan",
                "-NaN|nan",
                "inf|inf",
                "-inf|-inf",
                "+Infinity|inf",
                "INFINITY|inf",
                "١٢|12.0",
                "１２|12.0",
                "５.５|5.5",
                "５e５|500000.0",
                "𝟓|5.0",
                "\u00a05\u2028|5.0",
                "5\u0085|5.0",
                "5e-324|5e-324",
                "1.7976931348623157e308|1.7976931348623157e+308",
                "2e23|2e+23",
                "123456789012345680|1.2345678901234568e+17",
                "1234567890123456.7|1234567890123456.8",
                "0.1|0.1",
                "0.0001|0.0001",
                "100|100.0",
                "0.8333333333333334|0.8333333333333334",
            })
    void readsAndPrintsAsPythonDoes(String text, String printed) {
        assertEquals(printed, PythonNumber.repr(PythonNumber.parse(text).orElseThrow()), text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                "e5",
                "1e",
                "1e+",
                "--5",
                "+ 5",
                "- 5",
                "1__0",
                "_1",
                "1_",
                "1e_5",
                "1_.5",
                "1._5",
                "i_nf",
                "1,000",
                "$5",
                "5%",
                "50 %",
                "5 apples",
                "five",
                "True",
                "None",
                "5/1",
                "5..0",
                "5.0.0",
                "0x10",
                "0b1",
                "5f",
                "5d",
                "5L",
                "½",
                "²",
                "Ⅷ",
                "infinit",
                "in f",
                "5\nNext line",
                "\u001c5",
                "5\u001c",
                "\u2028" + "5\u001c",
                "5\u0000",
                "\ufeff5",
                "\u200b5"
            })
    void refusesWhatPythonRefuses(String text) {
        assertEquals(OptionalDouble.empty(), PythonNumber.parse(text), text);
    }

    @Test
    void surroundingLinesAreWhiteSpace() {
        assertEquals(OptionalDouble.of(5), PythonNumber.parse("\r\n5\u000b\f\n"));
    }

    @Test
    void everyPowerOfTwoReadsBack() {
        for (double value = Double.MIN_VALUE; value < Double.POSITIVE_INFINITY; value *= 2) {
            assertEquals(value, PythonNumber.parse(PythonNumber.repr(value)).orElseThrow());
        }
    }
}
