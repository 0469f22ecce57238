package org.reft4j.cli;

import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Datasets;
import picocli.CommandLine.Option;

/** Which questions a command is about, and how their completions reason. */
final class DataOptions {
    @Option(
            names = "--data",
            required = true,
            paramLabel = "DATA",
            description =
                    "A folder or file of questions, or generated data: wordproblems, countdown, lookup, extraction.")
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

    /** The data in the words of the command line. */
    String given() {
        return data;
    }

    Dataset open() {
        return Datasets.open(data, cot);
    }
}
