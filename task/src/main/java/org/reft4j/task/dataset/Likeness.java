package org.reft4j.task.dataset;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Texts of questions, reduced to what alike ones have in common. */
public final class Likeness {
    /** A number with thousands separators or without; digits after a letter are a name's, such as x2. */
    private static final Pattern NUMBER =
            Pattern.compile("(?<![\\p{L}\\p{N}])(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\\.[0-9]+)?");

    private static final int PRINT_BYTES = 8;
    private static final Pattern OTHERS = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final Pattern SPACE = Pattern.compile("\\s+");

    private Likeness() {}

    /** The text, whatever its case and white space, and however its numbers are spelled: equal for one question only. */
    public static String exact(String text) {
        String marked = numbers(text, value -> "<" + value + ">");
        return SPACE.matcher(marked).replaceAll("").toLowerCase(Locale.ROOT);
    }

    /** The first 64 bits of the SHA-256 of {@link #exact}. */
    public static String print(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(exact(text).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, PRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Letters and digits only, numbers by their value: what two spellings of one question share. */
    public static String normalised(String text) {
        return letters(numbers(text, value -> " " + value.replace(".", "point") + " "));
    }

    /** The same without the numbers: what questions share that differ in nothing else. */
    public static String skeleton(String text) {
        return letters(numbers(text, _ -> " number "));
    }

    /** Letters and digits only, whatever the value of numbers. */
    public static String letters(String text) {
        return OTHERS.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
    }

    private static String numbers(String text, UnaryOperator<String> written) {
        return NUMBER.matcher(text).replaceAll(found -> written.apply(value(found.group())));
    }

    /** {@code 6} of {@code 6}, {@code 6.00} and {@code 06}; {@code 1200} of {@code 1,200}. */
    private static String value(String number) {
        String digits = number.replace(",", "");
        int point = digits.indexOf('.');
        int to = digits.length();
        if (point >= 0) {
            while (digits.charAt(to - 1) == '0') {
                to--;
            }
            to = to - 1 == point ? point : to;
        }
        int from = 0;
        int lastWhole = (point < 0 ? to : point) - 1;
        while (from < lastWhole && digits.charAt(from) == '0') {
            from++;
        }
        return digits.substring(from, to);
    }
}
