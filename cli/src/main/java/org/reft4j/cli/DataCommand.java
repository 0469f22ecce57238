package org.reft4j.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.cli.DataOptions.CotConverter;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.source.DataSpec;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.ConfigException;
import org.reft4j.train.plan.DataSheet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft data}. */
@Command(
        name = "data",
        description = "Shows a dataset: its splits and sizes, some items as a model sees them, and what is odd in it.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft data wordproblems                              the questions that come with the program",
            "  reft data wordproblems:steps=2,annotated=100 --items 5",
            "  reft data countdown:numbers=4 --cot n               puzzles, which a verifier grades",
            "  reft data data/svamp --cot n",
            "  reft data data/gsm8k/test.jsonl --json",
            "  reft data mine.csv --cot n --field question=prompt --field answer=target",
            "",
            "It reads the authors' JSON files of GSM8K, SVAMP and MathQA, OpenAI's GSM8K, the original SVAMP.json,",
            "multiple choice as in AQuA, and JSON Lines, JSON, CSV, TSV and Parquet with question, answer and, if there is one, rationale,",
            "whatever their names are: --field question=prompt. Conversations have messages, as OpenAI's rows do."
        })
final class DataCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "DATA",
            description =
                    "A folder or file of questions, or generated data: wordproblems, countdown, lookup, extraction.")
    private String data = "";

    @Mixin
    private DataOptions.Fields fields = new DataOptions.Fields();

    @Option(
            names = "--cot",
            paramLabel = "KIND",
            converter = CotConverter.class,
            description = "How answers are reasoned: p (a program) or n (prose). Default: as the data do.")
    private Optional<Cot> kind = Optional.empty();

    @Option(names = "--split", description = "Items of: ${COMPLETION-CANDIDATES}.", defaultValue = "TRAIN")
    private Split split = Split.TRAIN;

    @Option(names = "--items", paramLabel = "N", description = "How many items to show.", defaultValue = "2")
    private int items = 2;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        ConfigException.check(items >= 0, "--items", items, "0 or more");
        DataSpec spec = DataSpec.of(fields.of(data));
        Cot cot = kind.orElseGet(() -> Datasets.cot(spec));
        Dataset dataset = Datasets.open(spec.config(cot));
        output.show(DataSheet.of(dataset, cot, split, items));
        return 0;
    }
}
