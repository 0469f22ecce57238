package org.reft4j.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Python's format specification of a value, {@code [[fill]align][sign][#][0][width][grouping][.precision][type]}.
 *
 * @param align {@code <}, {@code >}, {@code ^}, {@code =}, or a space for the type's own
 * @param sign {@code +}, a space, or {@code -} for negative numbers only
 * @param grouping {@code ,} or {@code _}, or 0
 * @param precision -1 if there is none
 * @param type 0 if there is none
 */
record FormatSpec(
        String fill, char align, char sign, boolean alternate, int width, char grouping, int precision, char type) {
    private static final Pattern SPEC =
            Pattern.compile("(?s)(?:(.)?([<>=^]))?([-+ ])?z?(#)?(0)?(\\d{1,9})?([,_])?(?:\\.(\\d{1,9}))?([a-zA-Z%])?");
    private static final int WIDEST = 1 << 16;

    FormatSpec {
        if (width > WIDEST || precision > WIDEST) {
            throw new TemplateFault("a width or precision above " + WIDEST);
        }
    }

    static FormatSpec of(String text) {
        Matcher matcher = SPEC.matcher(text);
        if (!matcher.matches()) {
            throw new TemplateFault("Invalid format specifier '" + text + "'");
        }
        boolean zero = matcher.group(5) != null;
        String align = matcher.group(2);
        return new FormatSpec(
                matcher.group(1) != null ? matcher.group(1) : zero && align == null ? "0" : " ",
                align != null ? align.charAt(0) : zero ? '=' : ' ',
                letter(matcher.group(3), '-'),
                matcher.group(4) != null,
                number(matcher.group(6), 0),
                letter(matcher.group(7), (char) 0),
                number(matcher.group(8), -1),
                letter(matcher.group(9), (char) 0));
    }

    private static char letter(@Nullable String group, char otherwise) {
        return group == null ? otherwise : group.charAt(0);
    }

    private static int number(@Nullable String group, int otherwise) {
        return group == null ? otherwise : Integer.parseInt(group);
    }

    String write(Value value, Budget budget) {
        if (value instanceof Value.Real || (Numbers.isInteger(value) && "eEfFgG%".indexOf(type) >= 0 && type != 0)) {
            return padded(signed(real(Numbers.real(value))), '>');
        }
        if (Numbers.isInteger(value) && (type != 0 || value instanceof Value.Int)) {
            return padded(signed(whole(value)), '>');
        }
        if (type != 0 && type != 's') {
            throw new TemplateFault(
                    "Unknown format code '" + type + "' for object of type '" + PythonPrint.type(value) + "'");
        }
        String text = PythonPrint.str(value, budget);
        if (precision >= 0 && precision < TemplateText.length(text)) {
            text = text.substring(0, TemplateText.offset(text, precision));
        }
        return padded(text, '<');
    }

    private String whole(Value value) {
        BigInteger number = Objects.requireNonNull(Numbers.whole(value));
        return switch (type) {
            case 0, 'd', 'n', 'i', 'u' -> {
                String digits = number.abs().toString();
                // A precision is the least number of digits, as in C.
                digits = "0".repeat(Math.max(0, precision - digits.length())) + digits;
                yield minus(number) + grouped(digits, 3);
            }
            case 'x' -> minus(number) + prefix("0x") + grouped(number.abs().toString(16), 4);
            case 'X' ->
                minus(number) + prefix("0X") + grouped(upper(number.abs().toString(16)), 4);
            case 'o' -> minus(number) + prefix("0o") + grouped(number.abs().toString(8), 4);
            case 'b' -> minus(number) + prefix("0b") + grouped(number.abs().toString(2), 4);
            case 'c' -> Character.toString(Math.clamp(Numbers.clamped(value), 0, Character.MAX_CODE_POINT));
            default -> throw new TemplateFault("Unknown format code '" + type + "' for object of type 'int'");
        };
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    private static String minus(BigInteger number) {
        return number.signum() < 0 ? "-" : "";
    }

    private String prefix(String prefix) {
        return alternate ? prefix : "";
    }

    private String grouped(String digits, int size) {
        if (grouping == 0) {
            return digits;
        }
        StringBuilder grouped = new StringBuilder(digits);
        for (int at = digits.length() - size; at > 0; at -= size) {
            grouped.insert(at, grouping);
        }
        return grouped.toString();
    }

    private String real(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            String word = Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
            return Character.isUpperCase(type) ? upper(word) : word;
        }
        boolean negative = value < 0 || (value == 0 && 1 / value < 0);
        BigDecimal number = new BigDecimal(Math.abs(value));
        int digits = precision < 0 ? 6 : precision;
        String text = switch (type) {
            case 'f', 'F' -> fixed(number, digits);
            case 'e', 'E' -> exponent(number, digits);
            case '%' -> fixed(number.scaleByPowerOfTen(2), digits) + "%";
            case 'g', 'G', 'n' -> general(number, Math.max(1, digits));
            case 0 -> precision < 0 ? PythonPrint.real(Math.abs(value)) : shortest(number, Math.max(1, precision));
            default -> throw new TemplateFault("Unknown format code '" + type + "' for object of type 'float'");
        };
        return (negative ? "-" : "") + (Character.isUpperCase(type) ? upper(text) : text);
    }

    private String fixed(BigDecimal number, int digits) {
        String text = number.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
        int point = text.indexOf('.') < 0 ? text.length() : text.indexOf('.');
        return grouped(text.substring(0, point), 3) + text.substring(point);
    }

    private static String exponent(BigDecimal number, int digits) {
        if (number.signum() == 0) {
            return "0" + (digits > 0 ? "." + "0".repeat(digits) : "") + "e+00";
        }
        BigDecimal rounded = number.round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        String unscaled = rounded.unscaledValue().toString();
        unscaled += "0".repeat(Math.max(0, digits + 1 - unscaled.length()));
        return unscaled.charAt(0)
                + (digits > 0 ? "." + unscaled.substring(1, digits + 1) : "")
                + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    private String general(BigDecimal number, int digits) {
        BigDecimal rounded = number.round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = number.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        if (exponent < -4 || exponent >= digits) {
            String text = exponent(number, digits - 1);
            int e = text.indexOf('e');
            return bare(text.substring(0, e)) + text.substring(e);
        }
        return bare(fixed(rounded, Math.max(0, digits - 1 - exponent)));
    }

    /** Format without a type, but with a precision: as {@code g}, with at least one digit after the point. */
    private String shortest(BigDecimal number, int digits) {
        String text = general(number, digits);
        return text.indexOf('.') < 0 && text.indexOf('e') < 0 ? text + ".0" : text;
    }

    private String bare(String text) {
        if (alternate || text.indexOf('.') < 0) {
            return text;
        }
        String stripped = TemplateText.stripRight(text, "0");
        return stripped.endsWith(".") ? stripped.substring(0, stripped.length() - 1) : stripped;
    }

    private String signed(String number) {
        return number.startsWith("-") || sign == '-' ? number : sign + number;
    }

    private String padded(String text, char own) {
        int missing = width - TemplateText.length(text);
        if (missing <= 0) {
            return text;
        }
        return switch (align == ' ' ? own : align) {
            case '<' -> text + fill.repeat(missing);
            case '^' -> fill.repeat(missing / 2) + text + fill.repeat(missing - missing / 2);
            case '=' -> {
                boolean signed = !text.isEmpty() && "+- ".indexOf(text.charAt(0)) >= 0;
                yield text.substring(0, signed ? 1 : 0) + fill.repeat(missing) + text.substring(signed ? 1 : 0);
            }
            default -> fill.repeat(missing) + text;
        };
    }
}
