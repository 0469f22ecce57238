package org.reft4j.task.graders;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the program in what a model wrote. */
final class FencedCode {
    /** A fence, its word, its lines, and a fence as long, or the end of a text that was cut short. */
    private static final Pattern BLOCK =
            Pattern.compile("(?ms)^ {0,3}(```+|~~~+)[ \\t]*([\\w+.-]*)[^\\n]*\\n(.*?)(?:^ {0,3}\\1[ \\t]*$|\\z)");

    private FencedCode() {}

    /** The last block of Python; where none is marked as such, the last block; without blocks, the whole text. */
    static String of(String completion) {
        String text = completion.replace("\r\n", "\n");
        String last = text;
        String python = null;
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            last = matcher.group(3);
            String word = matcher.group(2).toLowerCase(Locale.ROOT);
            if (word.equals("py") || word.startsWith("python")) {
                python = last;
            }
        }
        return python == null ? last : python;
    }
}
