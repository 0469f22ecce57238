package org.reft4j.task.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.reft4j.task.dataset.DataException;

/** Files of a user's with one JSON object a line, read as data files are: blank lines and a byte order mark are passed over. */
public final class JsonLines {
    /** The parser's advice is for programmers: what to enable, who set a limit, where in its buffer something began. */
    private static final Pattern ADVICE = Pattern.compile(
            ": enable `.*$|, from `[^`]*`|; `[^`]*` enabled| \\(start marker at \\[Source.*$", Pattern.DOTALL);

    private JsonLines() {}

    /**
     * A line that is not blank.
     *
     * @param place file and line, as a message begins
     */
    public record Line(String place, ObjectNode json) {}

    /**
     * Reads a file line by line; of an empty one there is none.
     *
     * @throws DataException that names file and line, if the file is missing or not UTF-8, or a line is no JSON object
     */
    public static void read(Path file, Consumer<Line> each) {
        JsonRows.readLines(file, row -> {
            each.accept(new Line(row.where(), row.fields()));
            return true;
        });
    }

    /** Explanation for people of why a text is no JSON. */
    public static String words(JsonProcessingException fault) {
        return ADVICE.matcher(fault.getOriginalMessage()).replaceAll("");
    }
}
