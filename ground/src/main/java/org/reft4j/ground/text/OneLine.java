package org.reft4j.ground.text;

import org.jspecify.annotations.Nullable;

/** Foreign text as part of a message. */
public final class OneLine {
    private static final int LONGEST = 160;

    private OneLine() {}

    /** Makes a text one short line: without line breaks and control characters. */
    public static String of(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String start = text.length() > 4 * LONGEST ? text.substring(0, 4 * LONGEST) : text;
        String line = start.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
    }

    /** Describes an exception in one line: its kind and its message. */
    public static String of(Throwable failure) {
        String message = of(failure.getMessage());
        String kind = failure.getClass().getSimpleName();
        return message.isEmpty() ? kind : kind + ": " + message;
    }
}
