package org.reft4j.task.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.text.PythonText;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;

/**
 * A data file whose first row has been looked at.
 *
 * @param path of the file
 * @param format of its rows
 * @param dataset that the first row belongs to
 * @param split that the file's name speaks of
 * @param names of its fields
 * @param rationale the kind that the first row has, {@code null} where it has none
 */
record QuestionFile(
        Path path,
        RowFormat format,
        String dataset,
        Split split,
        FieldNames names,
        @Nullable Cot rationale) {

    /**
     * Looks at the first row.
     *
     * @param names of its fields
     * @return {@code null} if the rows have no known format, or lack one of the fields that are named
     * @throws DataException if the file cannot be read or has no rows
     */
    static @Nullable QuestionFile peek(Path path, FieldNames names) {
        Row found = first(path);
        if (!names.areIn(found)) {
            return null;
        }
        Row row = names.read(found);
        for (RowFormat format : names.formats()) {
            if (format.fits(row)) {
                String dataset = format.dataset(row);
                Question question = format.question(row, dataset);
                return new QuestionFile(path, format, dataset, split(path, format), names, kind(question));
            }
        }
        return null;
    }

    /** The first row as it stands in the file. */
    static Row first(Path path) {
        List<Row> first = new ArrayList<>();
        RowFile.read(path, row -> {
            first.add(row);
            return false;
        });
        if (first.isEmpty()) {
            throw new DataException(path + " holds no questions: fetch it again or give another file");
        }
        return first.getFirst();
    }

    /**
     * Looks at the first row of a file that must be one of questions.
     *
     * @throws DataException if it is not; the message names the fields that it has
     */
    static QuestionFile require(Path path, FieldNames names) {
        QuestionFile file = peek(path, names);
        if (file != null) {
            return file;
        }
        Row row = names.read(first(path));
        throw new DataException(path + ": its first row has no known fields; expected those of "
                + names.formats().stream().map(RowFormat::title).collect(Collectors.joining(", ")) + "; it has "
                + row.names()
                + ": say which is which by data.fields: {question: ..., answer: ...}");
    }

    /** The same file, used for another split than its name speaks of. */
    QuestionFile as(Split other) {
        return new QuestionFile(path, format, dataset, other, names, rationale);
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
        Set<String> unseen = new TreeSet<>(names.names().keySet());
        RowFile.read(path, found -> {
            Row row = names.read(found);
            unseen.removeIf(row::has);
            Question question =
                    format.question(row, dataset).from(found.fields(), names.fieldOf(FieldNames.ANSWER), row.where());
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
        if (split == Split.TRAIN && !unseen.isEmpty()) {
            // Not even one row has it: a name that is spelled wrongly. Test questions need no rationales.
            throw new DataException("no row of " + path + " has the field '"
                    + names.fieldOf(unseen.iterator().next())
                    + "', which data.fields reads " + unseen.iterator().next() + " from; the first has "
                    + first(path).names());
        }
        return questions;
    }

    static String name(Cot cot) {
        return switch (cot) {
            case PROSE -> "prose";
            case PROGRAM -> "a program";
        };
    }

    /** Letter of the setting. */
    static String letter(Cot cot) {
        return switch (cot) {
            case PROSE -> "n";
            case PROGRAM -> "p";
        };
    }
}
