package org.reft4j.server.openai;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.http.ApiError;

/** The fields that files and uploads have in common. */
final class FileFields {
    private static final List<String> PURPOSES =
            List.of("assistants", "batch", "fine-tune", "vision", "user_data", "evals");
    private static final int SHORTEST_LIFE = 3600;
    private static final int LONGEST_LIFE = 2_592_000;
    private static final int LONGEST_NAME = 255;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private FileFields() {}

    static String purpose(@Nullable String given) {
        if (given == null) {
            throw ApiError.invalid("purpose", "'purpose' is a required property; for training data it is fine-tune.");
        }
        if (!PURPOSES.contains(given)) {
            throw ApiError.invalid(
                    "purpose",
                    "'" + given + "' is not one of " + PURPOSES + " - 'purpose'; for training data it is fine-tune.");
        }
        return given;
    }

    /** The seconds until a file is deleted by itself; null for never. Files of batches have 30 days unless told otherwise. */
    static @Nullable Long lifetime(@Nullable String anchor, @Nullable String seconds, String purpose) {
        if (anchor == null && seconds == null) {
            return purpose.equals("batch") ? Long.valueOf(LONGEST_LIFE) : null;
        }
        if (!"created_at".equals(anchor)) {
            throw ApiError.invalid("expires_after.anchor", "'expires_after.anchor' must be created_at.");
        }
        if (seconds == null) {
            throw ApiError.invalid("expires_after.seconds", "'expires_after.seconds' is a required property.");
        }
        return (long) number(seconds, "expires_after.seconds", SHORTEST_LIFE, LONGEST_LIFE, 0);
    }

    /** The last part of a file's name, without anything that could be a path or break a line. */
    static String filename(@Nullable String given) {
        String name =
                given == null ? "" : given.substring(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1);
        String plain = CONTROL.matcher(name).replaceAll("").strip();
        if (plain.isEmpty()) {
            return "upload";
        }
        return plain.substring(0, Math.min(LONGEST_NAME, plain.length()));
    }

    /** A whole number of a query or a form. */
    static int number(@Nullable String given, String param, int least, int most, int byDefault) {
        if (given == null) {
            return byDefault;
        }
        try {
            int number = Integer.parseInt(given.strip());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw ApiError.invalid(
                param,
                "Invalid value for '" + param + "': " + given + "; expected a whole number from " + least + " to "
                        + most + ".");
    }
}
