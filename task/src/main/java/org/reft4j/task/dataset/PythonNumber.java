package org.reft4j.task.dataset;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.reft4j.ground.text.PythonText;

/**
 * Numbers as Python reads and prints them, since the reference code extracts answers with {@code float()}.
 *
 * <p>Java's own parser differs both ways: it takes {@code 5f}, {@code 5d} and {@code 0x1p3} and refuses {@code 1_000},
 * {@code inf} and {@code ١٢}.
 */
public final class PythonNumber {
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:e[+-]?[0-9]+)?");
    private static final Pattern SPECIAL = Pattern.compile("([+-]?)(inf|infinity|nan)");
    /** Power of ten from which {@code repr} changes to an exponent, as it does below 1e-4. */
    private static final int FIXED_DIGITS = 16;

    private static final int FIXED_ZEROS = -4;

    private PythonNumber() {}

    /** Python's {@code float(text)}; empty where Python raises {@code ValueError}. */
    public static OptionalDouble parse(String text) {
        String plain = stripAscii(asciiDigits(text));
        if (!underscoresBetweenDigits(plain)) {
            return OptionalDouble.empty();
        }
        String number = plain.replace("_", "").toLowerCase(Locale.ROOT);
        if (DECIMAL.matcher(number).matches()) {
            return OptionalDouble.of(Double.parseDouble(number));
        }
        var special = SPECIAL.matcher(number);
        if (!special.matches()) {
            return OptionalDouble.empty();
        }
        double magnitude = special.group(2).equals("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
        return OptionalDouble.of(special.group(1).equals("-") ? -magnitude : magnitude);
    }

    /** Python's {@code repr(value)}: the shortest decimal that reads back as the same number. */
    public static String repr(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = shortest(value);
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - shortest.scale() - 1;
        String sign = value < 0 ? "-" : "";
        if (exponent < FIXED_ZEROS || exponent >= FIXED_DIGITS) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return String.format(
                    Locale.ROOT,
                    "%s%c%se%c%02d",
                    sign,
                    digits.charAt(0),
                    fraction,
                    exponent < 0 ? '-' : '+',
                    Math.abs(exponent));
        }
        String plain = shortest.abs().toPlainString();
        return sign + (plain.contains(".") ? plain : plain + ".0");
    }

    /**
     * Java prints at least two digits and picks the closest pair, so {@code 5e-324} comes out as {@code 4.9E-324}; a
     * single digit that reads back is shorter.
     */
    private static BigDecimal shortest(double value) {
        BigDecimal single = new BigDecimal(value).round(new MathContext(1));
        if (single.doubleValue() == value) {
            return single.stripTrailingZeros();
        }
        return new BigDecimal(Double.toString(value)).stripTrailingZeros();
    }

    /**
     * Decimal digits and white space of any script become ASCII; other characters beyond ASCII become one that no
     * number has.
     */
    private static String asciiDigits(String text) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(codePoint -> plain.append(asciiDigit(codePoint)));
        return plain.toString();
    }

    private static char asciiDigit(int codePoint) {
        if (codePoint < 0x80) {
            return (char) codePoint;
        }
        if (PythonText.isSpace(codePoint)) {
            return ' ';
        }
        return Character.getType(codePoint) == Character.DECIMAL_DIGIT_NUMBER
                ? (char) ('0' + Character.digit(codePoint, 10))
                : '?';
    }

    private static String stripAscii(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isAsciiSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && isAsciiSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isAsciiSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static boolean underscoresBetweenDigits(String text) {
        for (int i = text.indexOf('_'); i >= 0; i = text.indexOf('_', i + 1)) {
            if (i == 0 || i + 1 == text.length() || !isDigit(text.charAt(i - 1)) || !isDigit(text.charAt(i + 1))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
