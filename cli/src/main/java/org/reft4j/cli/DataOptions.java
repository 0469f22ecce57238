package org.reft4j.cli;

import java.util.List;
import java.util.Locale;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Datasets;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.train.ConfigException;
import picocli.CommandLine.Option;

/** Which questions a command is about, and how their completions reason. */
final class DataOptions {
    @Option(
            names = "--data",
            required = true,
            paramLabel = "DATA",
            description = "A folder or file of questions, or wordproblems.")
    private String data = "";

    @Option(
            names = "--cot",
            paramLabel = "KIND",
            converter = CotConverter.class,
            description = "How completions reason: p (a program) or n (prose).",
            defaultValue = "p")
    private Cot cot = Cot.PROGRAM;

    Cot cot() {
        return cot;
    }

    Dataset open() {
        return Datasets.open(data, cot);
    }

    /**
     * The questions of a split, at least one.
     *
     * @param limit the first so many only; 0 for all
     * @throws ConfigException if there is none
     */
    static List<Question> questions(Dataset dataset, Split split, int limit) {
        ConfigException.check(limit >= 0, "--limit", limit, "0 (all) or more");
        List<Question> questions = dataset.questions(split);
        if (questions.isEmpty()) {
            throw new ConfigException(
                    "the data has no " + split.name().toLowerCase(Locale.ROOT) + " questions; choose another --split");
        }
        return limit > 0 && limit < questions.size() ? questions.subList(0, limit) : questions;
    }
}
