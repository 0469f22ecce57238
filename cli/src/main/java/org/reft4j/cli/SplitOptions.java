package org.reft4j.cli;

import java.util.List;
import java.util.Locale;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.train.ConfigException;
import picocli.CommandLine.Option;

/** Which of the data's questions a command asks. */
final class SplitOptions {
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
