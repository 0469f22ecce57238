package org.reft4j.cli;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.source.DataSpec;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.source.Datasets;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which questions a command is about that asks no model, and how their completions reason. */
final class DataOptions {
    @Option(
            names = "--data",
            required = true,
            paramLabel = "DATA",
            description =
                    "A folder or file of questions, or generated data: wordproblems, countdown, lookup, extraction; with settings"
                            + " behind a colon, such as mine.jsonl:validation=200,seed=1.")
    private String data = "";

    @Mixin
    private Fields fields = new Fields();

    /** Names that the rows of data files have for their fields. */
    static final class Fields {
        @Option(
                names = "--field",
                paramLabel = "NAME=FIELD",
                description =
                        "Read NAME (question, answer, rationale, id, messages, tools) from the rows' FIELD, such as question=prompt;"
                                + " dots reach into objects. May be repeated.")
        private Map<String, String> names = new TreeMap<>();

        /** The data in the words of the command line, these names included. */
        String of(String data) {
            return Datasets.withFields(data, names);
        }
    }

    @Option(
            names = "--cot",
            paramLabel = "KIND",
            converter = CotConverter.class,
            description = "How completions reason: p (a program) or n (prose). Default: as the data do.")
    private Optional<Cot> cot = Optional.empty();

    Cot cot() {
        return cot.orElseGet(() -> Datasets.cot(DataSpec.of(fields.of(data))));
    }

    Dataset open() {
        return Datasets.open(fields.of(data), cot());
    }
}
