package org.reft4j.task.source;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Likeness;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.dataset.SplitRule;
import org.reft4j.task.generated.GeneratedSets;

/** Every dataset that can be read. Adding a format: write its file, add its line to {@link #FORMATS}. */
public final class Datasets {
    /**
     * Tried in this order on the first row of a file; of two files that serve as well, the earlier format's is used.
     */
    static final List<RowFormat> FORMATS = List.of(
            new ReferenceRows(),
            new SvampRows(),
            new ChoiceRows(),
            new Gsm8kRows(),
            new PairRows(),
            new MessagesRows(),
            new PlainRows());

    /** Separator between a path, which may have colons of its own, and its settings. */
    private static final Pattern SETTINGS = Pattern.compile(":(?=[A-Za-z_-]+=)");

    private Datasets() {}

    /**
     * A dataset as a command line names it.
     *
     * @param nameOrPath see {@link DataSpec}
     * @throws DataException if there is no such data, or it is faulty
     */
    public static Dataset open(String nameOrPath, Cot cot) {
        return open(ofFiles(nameOrPath, cot));
    }

    /** Reads a path, then a colon with its settings and the names of its fields: {@code mine.csv:question=prompt,answer=target}. */
    public static DataConfig ofFiles(String text, Cot cot) {
        return DataSpec.of(text).config(cot);
    }

    /**
     * The names of the fields of a file's first row.
     *
     * @throws DataException if it cannot be read
     */
    public static List<String> fields(Path file) {
        return QuestionFile.first(file).fieldNames();
    }

    private static boolean exists(String path) {
        try {
            return Files.exists(Path.of(path));
        } catch (InvalidPathException _) {
            return false;
        }
    }

    /** Index of the colon between a path and its settings, or -1. */
    static int settingsAt(String text) {
        Matcher settings = SETTINGS.matcher(text);
        return settings.find() && !exists(text) ? settings.start() : -1;
    }

    /** The data in the words of a command line, with what their rows' fields are called. */
    public static String withFields(String nameOrPath, Map<String, String> fields) {
        StringBuilder text = new StringBuilder(nameOrPath);
        boolean begun = settingsAt(nameOrPath) >= 0;
        for (Map.Entry<String, String> entry : new TreeMap<>(fields).entrySet()) {
            text.append(begun ? ',' : ':').append(entry.getKey()).append('=').append(entry.getValue());
            begun = true;
        }
        return text.toString();
    }

    /**
     * Reads or generates a dataset.
     *
     * @throws DataException naming file, line or item, field and remedy
     */
    public static Dataset open(DataConfig config) {
        return open(config, SplitRule.BY_SKELETON);
    }

    /** The same for a run that began with another rule. */
    public static Dataset open(DataConfig config, SplitRule rule) {
        String path = config.path();
        Function<DataConfig, Dataset> family = GeneratedSets.family(config.dataset());
        if (family != null && path != null) {
            throw new DataException("data.dataset is " + config.dataset() + ", which is generated: remove data.path");
        }
        if (family != null) {
            requireNoFiles(config);
        }
        Dataset whole = family != null ? family.apply(config) : fromFiles(config, path(config, path), rule);
        return limited(whole, config);
    }

    /**
     * The kind of the chains of thought that data have, as far as it can be told: the only one that is there, and programs where both kinds are
     * or none.
     *
     * @throws DataException if there are no such data
     */
    public static Cot cot(DataSpec data) {
        if (GeneratedSets.has(data.place())) {
            return data.place().equals(GeneratedSets.EMBEDDED) ? Cot.PROGRAM : Cot.PROSE;
        }
        DataConfig config = data.config(Cot.PROGRAM);
        Path path = path(config, data.place());
        List<QuestionFile> files = Files.isDirectory(path)
                ? DataFolder.known(path, FieldNames.of(config))
                : List.copyOf(single(path, null, FieldNames.of(config)).values());
        Set<Cot> kinds = files.stream()
                .map(QuestionFile::rationale)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        return kinds.equals(Set.of(Cot.PROSE)) ? Cot.PROSE : Cot.PROGRAM;
    }

    private static void requireNoFiles(DataConfig config) {
        for (Split split : Split.values()) {
            if (config.file(split) != null) {
                throw new DataException("data." + split.name().toLowerCase(Locale.ROOT) + " is " + config.file(split)
                        + ", but " + config.dataset() + " is generated, all splits of it: give a number, or data.path");
            }
        }
        if (config.fields() != null) {
            throw new DataException("data.fields names fields of a file, but " + config.dataset()
                    + " is generated: remove it, or give data.path");
        }
    }

    private static Path path(DataConfig config, @Nullable String path) {
        if (path == null) {
            throw new DataException(
                    "data.path is missing: only generated data (" + String.join(", ", GeneratedSets.names())
                            + ") need none; give the folder of "
                            + (config.dataset() == null ? "the data files" : config.dataset() + "'s files"));
        }
        if (!config.options().isEmpty()) {
            throw new DataException("data.options are settings of generated data such as " + GeneratedSets.EMBEDDED
                    + ", not of files: remove "
                    + config.options().keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        return existing(
                path,
                "'" + path + "' does not exist: give a folder of data files, one file, or "
                        + String.join(", ", GeneratedSets.names()));
    }

    private static Path existing(String path, String otherwise) {
        try {
            Path found = Path.of(path);
            if (Files.exists(found)) {
                return found;
            }
        } catch (InvalidPathException e) {
            throw new DataException("'" + path + "' is no path: " + e.getReason(), e);
        }
        throw new DataException(otherwise);
    }

    private static Dataset fromFiles(DataConfig config, Path path, SplitRule rule) {
        List<String> remarks = new ArrayList<>();
        FieldNames names = FieldNames.of(config);
        Map<Split, QuestionFile> files = Files.isDirectory(path)
                ? DataFolder.choose(path, config.dataset(), config.cot(), names, remarks)
                : single(path, config.dataset(), names);
        ownFiles(config, files, remarks);
        Map<Split, List<Question>> questions = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            QuestionFile file = files.get(split);
            questions.put(split, file == null ? List.of() : file.questions(config.cot()));
        }
        requireDistinctIds(questions);
        holdOut(Split.TEST, questions, config, rule, remarks);
        holdOut(Split.VALIDATION, questions, config, rule, remarks);
        remarkOnRepeats(questions, remarks);
        String name = files.values().iterator().next().dataset();
        return new Dataset(
                name,
                new ReftTemplate(config.cot()),
                questions.getOrDefault(Split.TRAIN, List.of()),
                questions.getOrDefault(Split.VALIDATION, List.of()),
                questions.getOrDefault(Split.TEST, List.of()),
                remarks);
    }

    private static Map<Split, QuestionFile> single(Path path, @Nullable String dataset, FieldNames names) {
        QuestionFile file = QuestionFile.require(path, names);
        if (dataset != null && !dataset.equals(file.dataset())) {
            throw new DataException(path + " holds " + file.dataset() + ", not " + dataset + ": correct data.dataset");
        }
        Map<Split, QuestionFile> files = new EnumMap<>(Split.class);
        files.put(file.split(), file);
        return files;
    }

    /** The files that the configuration names for a split, instead of what would be held out or lies beside. */
    private static void ownFiles(DataConfig config, Map<Split, QuestionFile> files, List<String> remarks) {
        for (Split split : List.of(Split.VALIDATION, Split.TEST)) {
            String given = config.file(split);
            if (given == null) {
                continue;
            }
            String key = "data." + split.name().toLowerCase(Locale.ROOT);
            Path path = existing(
                    given,
                    key + " is '" + given + "', which does not exist: give a file of questions, or how"
                            + " many train questions to hold out");
            QuestionFile file =
                    QuestionFile.require(path, FieldNames.of(config)).as(split);
            QuestionFile train = files.values().iterator().next();
            if (!file.dataset().equals(train.dataset())) {
                throw new DataException(key + " is " + given + ", which holds " + file.dataset() + ", but "
                        + train.path() + " holds " + train.dataset() + ": give files of one format");
            }
            files.put(split, file);
            remarks.add(split.name().toLowerCase(Locale.ROOT) + " is " + path + ", as " + key + " says");
        }
    }

    private static void requireDistinctIds(Map<Split, List<Question>> questions) {
        Map<String, Split> known = new HashMap<>();
        questions.forEach((split, some) -> some.forEach(question -> {
            Split other = known.putIfAbsent(question.id(), split);
            if (other != null && other != split) {
                throw new DataException("the id '" + question.id() + "' is a "
                        + other.name().toLowerCase(Locale.ROOT) + " question's and a "
                        + split.name().toLowerCase(Locale.ROOT)
                        + " question's; ids must be unique across the files: rename"
                        + " one, or the file that it was made from");
            }
        }));
    }

    private static void holdOut(
            Split split,
            Map<Split, List<Question>> questions,
            DataConfig config,
            SplitRule rule,
            List<String> remarks) {
        List<Question> train = questions.getOrDefault(Split.TRAIN, List.of());
        double amount = config.heldOut(split);
        if (train.isEmpty()
                || amount == 0
                || !questions.getOrDefault(split, List.of()).isEmpty()) {
            return;
        }
        if (amount >= train.size()) {
            String key = split == Split.TEST && config.testSource() != null ? "data.test" : "data.validation";
            throw new DataException(
                    key + " is " + amount + ", but train has only " + train.size() + " questions: hold out fewer");
        }
        long seed = split == Split.TEST ? ~config.seed() : config.seed();
        HeldOut parts =
                rule == SplitRule.BY_SKELETON ? HeldOut.of(train, amount, seed) : HeldOut.byText(train, amount, seed);
        questions.put(Split.TRAIN, parts.kept());
        questions.put(split, parts.heldOut());
        remarks.add("no file of " + split.name().toLowerCase(Locale.ROOT) + " questions: "
                + parts.heldOut().size() + " of " + train.size() + " train questions are held out for it (seed "
                + config.seed() + ", alike in answers and lengths)");
    }

    private static void remarkOnRepeats(Map<Split, List<Question>> questions, List<String> remarks) {
        List<Question> train = questions.getOrDefault(Split.TRAIN, List.of());
        Set<String> trained = Overlap.all(train, Likeness::normalised);
        Set<String> skeletons = Overlap.all(train, Likeness::skeleton);
        if (trained.size() < train.size()) {
            remarks.add((train.size() - trained.size()) + " train questions repeat the text of another one");
        }
        long open =
                train.stream().filter(question -> question.rationale() == null).count();
        if (open > 0 && open < train.size()) {
            remarks.add(open + " of " + train.size() + " train questions have an answer but no rationale");
        }
        for (Split split : List.of(Split.VALIDATION, Split.TEST)) {
            List<Question> asked = questions.getOrDefault(split, List.of());
            long seen = asked.stream()
                    .filter(question -> trained.contains(Likeness.normalised(question.text())))
                    .count();
            long twins = asked.stream()
                            .filter(question -> skeletons.contains(Likeness.skeleton(question.text())))
                            .count()
                    - seen;
            String name = split.name().toLowerCase(Locale.ROOT);
            if (seen > 0) {
                remarks.add(seen + " " + name + " questions also occur in train");
            }
            if (twins > 0) {
                remarks.add(twins + " of " + asked.size() + " " + name
                        + " questions differ from a train question in numbers alone");
            }
        }
    }

    private static Dataset limited(Dataset whole, DataConfig config) {
        List<String> remarks = new ArrayList<>(whole.remarks());
        return new Dataset(
                whole.name(),
                whole.template(),
                first(whole.train(), config.trainLimit(), "train", remarks),
                whole.validation(),
                first(whole.test(), config.testLimit(), "test", remarks),
                remarks,
                whole.grader());
    }

    private static List<Question> first(List<Question> questions, int limit, String split, List<String> remarks) {
        if (limit == 0 || limit >= questions.size()) {
            return questions;
        }
        remarks.add("only the first " + limit + " of " + questions.size() + " " + split + " questions are used");
        return questions.subList(0, limit);
    }
}
