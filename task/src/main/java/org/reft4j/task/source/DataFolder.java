package org.reft4j.task.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Split;

/**
 * Files of a folder by the split that they are used for. A folder may hold several datasets, both kinds of chain of thought
 * and other files; what was left out is remarked upon.
 */
final class DataFolder {
    private final Path folder;
    private final Cot cot;
    private final List<QuestionFile> known = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    private DataFolder(Path folder, Cot cot) {
        this.folder = folder;
        this.cot = cot;
    }

    /**
     * The files to use, one for a split at most.
     *
     * @param dataset {@code null}: told from the files
     * @param names of the files' fields
     * @param remarks takes what was used and ignored
     */
    static Map<Split, QuestionFile> choose(
            Path folder, @Nullable String dataset, Cot cot, FieldNames names, List<String> remarks) {
        DataFolder chooser = new DataFolder(folder, cot);
        chooser.look(names);
        Map<Split, QuestionFile> chosen = chooser.choose(chooser.dataset(dataset));
        remarks.addAll(chooser.remarks);
        return chosen;
    }

    /** The files of a folder that can be read, of whatever dataset. */
    static List<QuestionFile> known(Path folder, FieldNames names) {
        DataFolder chooser = new DataFolder(folder, Cot.PROGRAM);
        chooser.look(names);
        return chooser.known;
    }

    private void look(FieldNames names) {
        List<Path> paths;
        try (Stream<Path> all = Files.list(folder)) {
            paths = all.filter(Files::isRegularFile)
                    .filter(RowFile::isKnown)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new DataException(folder + " cannot be listed: " + e.getMessage(), e);
        }
        for (Path path : paths) {
            QuestionFile file = QuestionFile.peek(path, names);
            if (file == null) {
                remarks.add(path.getFileName() + " is ignored: its rows have no known fields");
            } else {
                known.add(file);
            }
        }
        if (known.isEmpty()) {
            throw new DataException(folder + " holds no data files that are known; expected "
                    + String.join(", ", RowFile.ENDINGS) + " files of "
                    + names.formats().stream().map(RowFormat::title).collect(Collectors.joining(", ")));
        }
    }

    private String dataset(@Nullable String asked) {
        TreeSet<String> names =
                known.stream().map(QuestionFile::dataset).collect(Collectors.toCollection(TreeSet::new));
        if (asked != null) {
            if (!names.contains(asked)) {
                throw new DataException(
                        folder + " holds no " + asked + ", but " + String.join(", ", names) + ": correct data.dataset");
            }
            return asked;
        }
        String own = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        if (names.size() > 1 && !names.contains(own)) {
            throw new DataException(folder + " holds several datasets (" + String.join(", ", names)
                    + "): name one by data.dataset, or give one file");
        }
        return names.size() == 1 ? names.first() : own;
    }

    private Map<Split, QuestionFile> choose(String dataset) {
        Map<Split, QuestionFile> chosen = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            known.stream()
                    .filter(file -> file.dataset().equals(dataset) && file.split() == split)
                    .filter(this::fitsCot)
                    .min(preference(split))
                    .ifPresent(file -> chosen.put(split, file));
        }
        requireTrainOfKind(dataset, chosen);
        for (QuestionFile file : known) {
            String name = String.valueOf(file.path().getFileName());
            if (chosen.containsValue(file)) {
                remarks.add(file.split().name().toLowerCase(Locale.ROOT) + " is " + name + " ("
                        + file.format().title() + ")");
            } else {
                remarks.add(name + " is ignored: " + reason(file, dataset));
            }
        }
        return chosen;
    }

    private boolean fitsCot(QuestionFile file) {
        return file.rationale() == null || file.rationale() == cot || file.split() != Split.TRAIN;
    }

    /**
     * Annotated before answers only, the reference's files before others, a name that is the split's alone before
     * longer ones.
     */
    private static Comparator<QuestionFile> preference(Split split) {
        String plain = split.name().toLowerCase(Locale.ROOT);
        return Comparator.comparing((QuestionFile file) -> file.rationale() == null && split == Split.TRAIN)
                .thenComparing(file -> Datasets.FORMATS.indexOf(file.format()))
                .thenComparing(
                        file -> !Row.stem(file.path()).toLowerCase(Locale.ROOT).equals(plain))
                .thenComparing(QuestionFile::path);
    }

    private void requireTrainOfKind(String dataset, Map<Split, QuestionFile> chosen) {
        if (chosen.containsKey(Split.TRAIN)) {
            return;
        }
        for (QuestionFile file : known) {
            Cot kind = file.rationale();
            if (file.dataset().equals(dataset) && file.split() == Split.TRAIN && kind != null) {
                throw new DataException(
                        "the rationales of " + file.path() + " are " + QuestionFile.name(kind) + ", but "
                                + QuestionFile.name(cot) + " was asked for: choose cot: " + QuestionFile.letter(kind)
                                + ", add a file of the other kind, or give the test file alone to evaluate on it");
            }
        }
    }

    private String reason(QuestionFile file, String dataset) {
        if (!file.dataset().equals(dataset)) {
            return "it belongs to " + file.dataset();
        }
        return fitsCot(file)
                ? "another file serves as " + file.split().name().toLowerCase(Locale.ROOT)
                : "its rationales are of the other kind";
    }
}
