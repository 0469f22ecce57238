package org.reft4j.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.source.DataSpec;
import org.reft4j.task.source.Datasets;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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

    /** The paper's N-CoT and P-CoT. */
    static final class CotConverter implements ITypeConverter<Cot> {
        @Override
        public Cot convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "p", "program", "p-cot" -> Cot.PROGRAM;
                case "n", "prose", "n-cot" -> Cot.PROSE;
                default -> throw new TypeConversionException("'" + value + "' is neither p (program) nor n (prose)");
            };
        }
    }
}
