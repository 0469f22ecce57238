package org.reft4j.task.graders;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;
import org.reft4j.task.grade.GraderFields;

/** Units in which a text is measured. */
enum TextUnit {
    /** Unicode code points. */
    CHARACTERS,
    /** Words, separated by white space. */
    WORDS;

    /** The field {@code unit}. */
    static TextUnit read(GraderFields fields, TextUnit absent) {
        return fields.word("unit", absent);
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    int count(String text) {
        return this == CHARACTERS ? text.codePointCount(0, text.length()) : new StringTokenizer(text).countTokens();
    }

    /** The first pieces of a text, at most {@code limit}. */
    List<String> pieces(String text, int limit) {
        List<String> pieces = new ArrayList<>();
        if (this == CHARACTERS) {
            text.codePoints().limit(limit).forEach(point -> pieces.add(Character.toString(point)));
        } else {
            StringTokenizer tokens = new StringTokenizer(text);
            while (tokens.hasMoreTokens() && pieces.size() < limit) {
                pieces.add(tokens.nextToken());
            }
        }
        return pieces;
    }
}
