package org.reft4j.train.run;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.reft4j.train.run.RolloutQuery.Range;

/**
 * The condition of a {@link RolloutQuery} in SQL.
 *
 * @param sql what follows {@code WHERE}
 * @param values of its question marks
 */
record RolloutCondition(String sql, List<Object> values) {
    /** Characters of one entry of the full-text index. */
    private static final int TRIGRAM = 3;

    static RolloutCondition of(RolloutQuery query) {
        List<String> terms = new ArrayList<>(List.of("1"));
        List<Object> values = new ArrayList<>();
        between("step", query.steps(), terms, values);
        between("reward", query.rewards(), terms, values);
        between("tokens", query.tokens(), terms, values);
        query.part().ifPresent(part -> {
            terms.add("(SELECT value FROM json_each(parts) WHERE key = ?) BETWEEN ? AND ?");
            values.addAll(
                    List.of(part.name(), part.scores().low(), part.scores().high()));
        });
        query.grade().ifPresent(grade -> equal("grade", grade, terms, values));
        query.stop().ifPresent(stop -> equal("stop", stop, terms, values));
        query.questionId().ifPresent(id -> equal("question_id", id, terms, values));
        query.grep().filter(text -> !text.isEmpty()).ifPresent(text -> {
            String trigrams = trigrams(text);
            if (!trigrams.isEmpty()) {
                terms.add("id IN (SELECT rowid FROM rollout_text WHERE rollout_text MATCH ?)");
                values.add(trigrams);
            }
            // The index only tells that all the pieces occur, not that they are adjacent.
            terms.add("(question LIKE ? ESCAPE '\\' OR completion LIKE ? ESCAPE '\\')");
            String pattern = "%" + text.replaceAll("([\\\\%_])", "\\\\$1") + "%";
            values.addAll(List.of(pattern, pattern));
        });
        return new RolloutCondition(String.join(" AND ", terms), List.copyOf(values));
    }

    /** Without a bound, what has no number (stored as NULL) is wanted too. */
    private static void between(String column, Range range, List<String> terms, List<Object> values) {
        if (!range.any()) {
            terms.add(column + " BETWEEN ? AND ?");
            values.addAll(List.of(range.low(), range.high()));
        }
    }

    private static void equal(String column, String value, List<String> terms, List<Object> values) {
        terms.add(column + " = ?");
        values.add(value);
    }

    /** A full-text query for entries that hold every trigram of {@code text}; empty for a text too short to have one. */
    private static String trigrams(String text) {
        int[] characters = text.codePoints().toArray();
        Set<String> pieces = new LinkedHashSet<>();
        for (int i = 0; i + TRIGRAM <= characters.length; i++) {
            pieces.add(new String(characters, i, TRIGRAM));
        }
        // The index folds the case of all letters and LIKE only of ASCII ones, and a zero byte ends a query: both are
        // left to LIKE.
        return pieces.stream()
                .filter(piece -> piece.indexOf('\0') < 0)
                .map(piece -> '"' + piece.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(" AND "));
    }
}
