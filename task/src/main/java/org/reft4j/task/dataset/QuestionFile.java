package org.reft4j.task.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A data file whose first row has been looked at.
 *
 * @param path of the file
 * @param format of its rows
 * @param dataset that the first row belongs to
 * @param split that the file's name speaks of
 * @param rationale the kind that the first row has, {@code null} where it has none
 */
record QuestionFile(
        Path path,
        RowFormat format,
        String dataset,
        Split split,
        @Nullable Cot rationale) {

    /**
     * Looks at the first row.
     *
     * @return {@code null} if the rows have no known format
     * @throws DataException if the file cannot be read or has no rows
     */
    static @Nullable QuestionFile peek(Path path) {
        List<Row> first = new ArrayList<>();
        JsonRows.read(path, row -> {
            first.add(row);
            return false;
        });
        if (first.isEmpty()) {
            throw new DataException(path + " holds no questions: fetch it again or give another file");
        }
        for (RowFormat format : Datasets.FORMATS) {
            if (format.fits(first.getFirst())) {
                String dataset = format.dataset(first.getFirst());
                Question question = format.question(first.getFirst(), dataset);
                return new QuestionFile(path, format, dataset, split(path, format), kind(question));
            }
        }
        return null;
    }

    private static Split split(Path path, RowFormat format) {
        String stem = Row.stem(path).toLowerCase(Locale.ROOT);
        if (format instanceof SvampRows || stem.contains("test")) {
            return Split.TEST;
        }
        return stem.contains("valid") || stem.endsWith("dev") || stem.endsWith("val") ? Split.VALIDATION : Split.TRAIN;
    }

    /** A conversation has neither kind: it says itself what is to be written. */
    private static @Nullable Cot kind(Question question) {
        String rationale = question.rationale();
        if (rationale == null || question.conversation() != null) {
            return null;
        }
        return PythonText.strip(rationale).startsWith("def ") ? Cot.PROGRAM : Cot.PROSE;
    }

    /**
     * Reads all questions. Rationales of the other kind are refused where they would be learned, and dropped elsewhere.
     *
     * @param cot that rationales must be of
     * @throws DataException naming file, line or item, field and remedy
     */
    List<Question> questions(Cot cot) {
        List<Question> questions = new ArrayList<>();
        Map<String, String> places = new HashMap<>();
        JsonRows.read(path, row -> {
            Question question = format.question(row, dataset).from(row.fields());
            String earlier = places.putIfAbsent(question.id(), row.place());
            if (earlier != null) {
                throw new DataException(row.where() + ": the id '" + question.id() + "' was already used by " + earlier
                        + "; ids must be unique, so rename or remove one");
            }
            Cot kind = kind(question);
            if (kind == null || kind == cot) {
                return questions.add(question);
            }
            if (split == Split.TRAIN) {
                throw new DataException(row.where() + ": the rationale is " + name(kind) + ", but " + name(cot)
                        + " was asked for; choose cot: " + letter(kind) + ", or give a file of the other kind");
            }
            return questions.add(question.withoutRationale());
        });
        return questions;
    }

    static String name(Cot cot) {
        return switch (cot) {
            case PROSE -> "prose";
            case PROGRAM -> "a program";
        };
    }

    /** As the setting is written. */
    static String letter(Cot cot) {
        return switch (cot) {
            case PROSE -> "n";
            case PROGRAM -> "p";
        };
    }
}
