package org.reft4j.template;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** {@code strftime_now}: the date as C's {@code strftime} writes it, in English. */
final class Clocks {
    private Clocks() {}

    static String now(String format, Clock clock) {
        ZonedDateTime now = ZonedDateTime.now(clock);
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < format.length(); at++) {
            char c = format.charAt(at);
            if (c != '%' || at + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char flag =
                    "-_0^#".indexOf(format.charAt(at + 1)) >= 0 && at + 2 < format.length() ? format.charAt(++at) : 0;
            char code = format.charAt(++at);
            out.append(flagged(field(code, now), flag, code));
        }
        return out.toString();
    }

    private static String flagged(String field, char flag, char code) {
        return switch (flag) {
            case '-' ->
                field.length() > 1 && (field.startsWith("0") || field.startsWith(" "))
                        ? TemplateText.stripLeft(field.substring(0, field.length() - 1), "0 ")
                                + field.substring(field.length() - 1)
                        : field;
            case '_' -> {
                String bare = TemplateText.stripLeft(field.substring(0, field.length() - 1), "0");
                yield " ".repeat(field.length() - 1 - bare.length()) + bare + field.substring(field.length() - 1);
            }
            case '0' -> field.replace(' ', '0');
            case '^' -> field.toUpperCase(Locale.ROOT);
            case '#' -> code == 'p' ? field.toLowerCase(Locale.ROOT) : field.toUpperCase(Locale.ROOT);
            default -> field;
        };
    }

    private static String field(char code, ZonedDateTime now) {
        LocalDateTime local = now.toLocalDateTime();
        return switch (code) {
            case 'Y' -> String.valueOf(now.getYear());
            case 'C' -> two(now.getYear() / 100);
            case 'y' -> two(now.getYear() % 100);
            case 'm' -> two(now.getMonthValue());
            case 'B' -> now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' ->
                now.getMonth()
                        .getDisplayName(TextStyle.SHORT_STANDALONE, Locale.ENGLISH)
                        .substring(0, 3);
            case 'd' -> two(now.getDayOfMonth());
            case 'e' -> spaced(now.getDayOfMonth());
            case 'j' -> String.format(Locale.ROOT, "%03d", now.getDayOfYear());
            case 'A' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' ->
                now.getDayOfWeek()
                        .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                        .substring(0, 3);
            case 'u' -> String.valueOf(now.getDayOfWeek().getValue());
            case 'w' -> String.valueOf(now.getDayOfWeek().getValue() % 7);
            case 'U' -> two((now.getDayOfYear() + 6 - now.getDayOfWeek().getValue() % 7) / 7);
            case 'W' -> two((now.getDayOfYear() + 6 - (now.getDayOfWeek().getValue() + 6) % 7) / 7);
            case 'V' -> two(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> String.valueOf(now.get(IsoFields.WEEK_BASED_YEAR));
            case 'g' -> two(now.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 'H' -> two(now.getHour());
            case 'k' -> spaced(now.getHour());
            case 'I' -> two(now.get(ChronoField.CLOCK_HOUR_OF_AMPM));
            case 'l' -> spaced(now.get(ChronoField.CLOCK_HOUR_OF_AMPM));
            case 'M' -> two(now.getMinute());
            case 'S' -> two(now.getSecond());
            case 'f' -> String.format(Locale.ROOT, "%06d", now.getNano() / 1000);
            case 'p' -> now.getHour() < 12 ? "AM" : "PM";
            case 'P' -> now.getHour() < 12 ? "am" : "pm";
            case 's' -> String.valueOf(now.toEpochSecond());
            // The reference's clock has no time zone.
            case 'z', 'Z' -> "";
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            case 'F' -> format("yyyy-MM-dd", local);
            case 'D', 'x' -> format("MM/dd/yy", local);
            case 'T', 'X' -> format("HH:mm:ss", local);
            case 'R' -> format("HH:mm", local);
            case 'r' -> field('I', now) + format(":mm:ss ", local) + field('p', now);
            case 'c' ->
                field('a', now) + " " + field('b', now) + " " + field('e', now) + format(" HH:mm:ss yyyy", local);
            default -> "%" + code;
        };
    }

    private static String format(String pattern, LocalDateTime time) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(time);
    }

    private static String two(int number) {
        return String.format(Locale.ROOT, "%02d", number);
    }

    private static String spaced(int number) {
        return String.format(Locale.ROOT, "%2d", number);
    }
}
