package org.reft4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.reft4j.cli.DataOptions.CotConverter;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.source.DataSpec;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.RunData;
import org.reft4j.train.sample.AskedData;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for the questions to ask a model: by default those of the run that it comes from, opened in the same way. */
final class AskedOptions {
    @Option(
            names = "--data",
            paramLabel = "DATA",
            description =
                    "A folder or file of questions, or generated data: wordproblems, countdown, lookup, extraction; with settings"
                            + " behind a colon, such as mine.jsonl:validation=200,seed=1. Default: the data of the run that the model"
                            + " comes from; of those, what is not said here is as it was there.")
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--cot",
            paramLabel = "KIND",
            converter = CotConverter.class,
            description =
                    "How completions reason: p (a program) or n (prose). Default: as in the model's run, or else as the data do.")
    private Optional<Cot> cot = Optional.empty();

    @Mixin
    private DataOptions.Fields fields = new DataOptions.Fields();

    @Mixin
    private SplitOptions split = new SplitOptions();

    @Option(
            names = "--allow-trained",
            description =
                    "Ask questions that the model was trained on too, and mark them; without it they are refused, unless --split is"
                            + " TRAIN.")
    private boolean allowTrained;

    /**
     * The questions of a model.
     *
     * @throws ConfigException if nothing says which, or the model was trained on some
     */
    AskedData open(Path model) {
        Optional<RunData> run = RunData.of(model);
        AskedData asked = AskedData.open(config(run, model), run, split::questions);
        if (!allowTrained && !split.isTrain()) {
            asked.requireNew(model, split.name(), "leave out --data and its settings", "give --allow-trained");
        }
        return asked;
    }

    private DataConfig config(Optional<RunData> run, Path model) {
        if (data.isEmpty()) {
            DataConfig own = run.map(RunData::config)
                    .orElseThrow(
                            () -> new ConfigException(
                                    "--data is missing, and " + model
                                            + " is neither a run nor a checkpoint that says on which data it was trained; name the data"));
            return cot.map(kind -> own.with(kind)).orElse(own);
        }
        DataSpec named = DataSpec.of(fields.of(data.get()));
        Cot kind = cot.or(() -> run.map(there -> there.config().cot())).orElseGet(() -> Datasets.cot(named));
        return run.map(RunData::config)
                .filter(named::names)
                .map(own -> named.config(own.with(kind)))
                .orElseGet(() -> named.config(kind));
    }

    SplitOptions split() {
        return split;
    }

    /** Which of the data's questions a command asks. */
    static final class SplitOptions {
        @Option(names = "--split", description = "Which questions: ${COMPLETION-CANDIDATES}.", defaultValue = "TEST")
        private Split split = Split.TEST;

        @Option(names = "--limit", paramLabel = "N", description = "The first N questions only; 0 for all.")
        private int limit;

        boolean isTrain() {
            return split == Split.TRAIN;
        }

        /** The first N questions only; 0 for all. */
        int limit() {
            return limit;
        }

        /** The split as files spell it. */
        String name() {
            return split.name().toLowerCase(Locale.ROOT);
        }

        /**
         * At least one question.
         *
         * @throws ConfigException if there is none
         */
        List<Question> questions(Dataset dataset) {
            ConfigException.check(limit >= 0, "--limit", limit, "0 (all) or more");
            List<Question> questions = dataset.questions(split);
            if (questions.isEmpty()) {
                throw new ConfigException("the data has no " + name() + " questions; choose another --split");
            }
            return limit > 0 && limit < questions.size() ? questions.subList(0, limit) : questions;
        }
    }
}
