package org.reft4j.server.page;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.train.run.Results;

/** Figures, times and texts as pages write them. */
final class Text {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("d MMM, HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());

    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("d MMM, HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final Pattern CHECKPOINT = Pattern.compile("([^/\\\\]+)[/\\\\]checkpoints[/\\\\]step-0*(\\d+)$");

    private Text() {}

    /** Three digits, as far as they say something; a dash where there is no number. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "∞" : "−∞";
        }
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < 1e6) {
            return Long.toString((long) value);
        }
        if (size < 0.001 || size >= 1e6) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.3f", value);
    }

    static String percent(double share) {
        return Results.percent(share);
    }

    /** Such as {@code 12,345}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String duration(double seconds) {
        return Double.isNaN(seconds) ? "–" : Results.duration(seconds);
    }

    static String time(Instant time) {
        return time.equals(Instant.EPOCH) ? "" : TIME.format(time);
    }

    /** The same to the second, where several things happen in a minute. */
    static String moment(Instant time) {
        return MOMENT.format(time);
    }

    /** A model's name without the folders that it lies in: that of the run with the step, or the last one. */
    static String model(String name) {
        Matcher matcher = CHECKPOINT.matcher(name);
        if (matcher.find()) {
            return matcher.group(1) + ", step " + matcher.group(2);
        }
        boolean folder = name.startsWith("/") || name.startsWith(".") || name.contains("\\");
        return folder ? name.replaceFirst(".*[/\\\\](?=[^/\\\\])", "") : name;
    }

    /** The beginning of a text on one line. */
    static String excerpt(String text, int characters) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.codePointCount(0, line.length()) <= characters
                ? line
                : line.substring(0, line.offsetByCodePoints(0, characters)) + "…";
    }

    /** A value in the query of an address. */
    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** A part of the path of an address. */
    static String segment(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** One or many. */
    static String plural(long count, String one, String many) {
        return count(count) + " " + (count == 1 ? one : many);
    }
}
