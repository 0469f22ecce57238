package org.reft4j.server.page;

import com.github.difflib.DiffUtils;
import com.github.difflib.patch.AbstractDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The difference between two texts, word by word. */
final class WordDiff {
    /** Beyond this, comparing takes long and nobody reads it: the rest counts as changed. */
    private static final int WORDS = 4000;

    private static final Pattern WORD = Pattern.compile("\\s+|[\\p{L}\\p{N}_]+|[^\\s\\p{L}\\p{N}_]");

    private WordDiff() {}

    /** Fate of a piece: kept, added or removed. */
    enum Change {
        SAME,
        GONE,
        NEW
    }

    record Piece(Change change, String text) {}

    static List<Piece> of(String before, String after) {
        List<String> first = words(before);
        List<String> second = words(after);
        List<Piece> pieces = new ArrayList<>();
        int at = 0;
        for (AbstractDelta<String> delta : DiffUtils.diff(first, second).getDeltas()) {
            int from = delta.getSource().getPosition();
            add(pieces, Change.SAME, first.subList(at, from));
            add(pieces, Change.GONE, delta.getSource().getLines());
            add(pieces, Change.NEW, delta.getTarget().getLines());
            at = from + delta.getSource().size();
        }
        add(pieces, Change.SAME, first.subList(at, first.size()));
        return pieces;
    }

    private static void add(List<Piece> pieces, Change change, List<String> words) {
        if (!words.isEmpty()) {
            pieces.add(new Piece(change, String.join("", words)));
        }
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        int end = 0;
        while (words.size() < WORDS && matcher.find()) {
            words.add(matcher.group());
            end = matcher.end();
        }
        if (end < text.length()) {
            words.add(text.substring(end));
        }
        return words;
    }
}
