package org.reft4j.template;

import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Upper and lower case as Python's {@code str} has it, and the questions that it answers about letters. */
final class LetterCase {
    private LetterCase() {}

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        int length = Character.charCount(first);
        return titled(first) + text.substring(length).toLowerCase(Locale.ROOT);
    }

    /** One character as it begins a word. */
    private static String titled(int c) {
        int title = Character.toTitleCase(c);
        String upper = Character.toString(c).toUpperCase(Locale.ROOT);
        return upper.length() > Character.charCount(c)
                ? upper.substring(0, 1) + upper.substring(1).toLowerCase(Locale.ROOT)
                : Character.toString(title);
    }

    /** Each run of cased letters begins with a capital. */
    static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean within = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            out.append(within ? Character.toString(c).toLowerCase(Locale.ROOT) : titled(c));
            within = cased(c);
            i += Character.charCount(c);
        }
        return out.toString();
    }

    static String swap(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> {
            String letter = Character.toString(c);
            out.append(Character.isUpperCase(c) ? letter.toLowerCase(Locale.ROOT) : letter.toUpperCase(Locale.ROOT));
        });
        return out.toString();
    }

    private static boolean cased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    /** True if every character of a text that is not empty fulfils a condition; {@code null} for methods of other kinds. */
    static @Nullable IntPredicate question(String name) {
        return switch (name) {
            case "isdigit" -> LetterCase::digit;
            case "isdecimal" -> Character::isDigit;
            case "isnumeric" -> LetterCase::numeric;
            case "isalpha" -> Character::isLetter;
            case "isalnum" -> c -> Character.isLetter(c) || numeric(c);
            case "isspace" -> TemplateText::isSpace;
            case "isascii" -> c -> c < 0x80;
            case "isprintable" -> PythonPrint::printable;
            case "isupper", "islower", "istitle", "isidentifier" -> c -> true;
            default -> null;
        };
    }

    /** The answer to one of these questions. */
    static boolean ask(String name, String text) {
        return switch (name) {
            case "isupper" ->
                text.codePoints().anyMatch(LetterCase::cased)
                        && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
            case "islower" ->
                text.codePoints().anyMatch(LetterCase::cased)
                        && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
            case "istitle" ->
                text.codePoints().anyMatch(LetterCase::cased) && title(text).equals(text);
            case "isidentifier" ->
                !text.isEmpty()
                        && (text.startsWith("_") || Character.isUnicodeIdentifierStart(text.codePointAt(0)))
                        && text.codePoints().allMatch(Character::isUnicodeIdentifierPart);
            case "isascii", "isprintable" -> text.codePoints().allMatch(each(name));
            default -> !text.isEmpty() && text.codePoints().allMatch(each(name));
        };
    }

    private static IntPredicate each(String name) {
        IntPredicate each = question(name);
        if (each == null) {
            throw new IllegalArgumentException(name);
        }
        return each;
    }

    private static boolean digit(int c) {
        return Character.isDigit(c) || (c >= 0xB2 && c <= 0xB3) || c == 0xB9 || (c >= 0x2070 && c <= 0x2089);
    }

    private static boolean numeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }
}
