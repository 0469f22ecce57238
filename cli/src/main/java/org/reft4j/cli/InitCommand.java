package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.plan.DataFacts;
import org.reft4j.train.plan.FirstConfig;
import org.reft4j.train.plan.FirstData;
import org.reft4j.train.run.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft init}. */
@Command(
        name = "init",
        description = {
            "Writes a first configuration for data of your own: short, with a comment at each key.",
            "",
            "Looks at the data and chooses: with chains of thought a supervised warm-up and then reinforced fine-tuning (two files), with"
                    + " answers alone reinforcement of the model as it is; a grader where answers are texts; lengths that hold the"
                    + " longest question. Names of fields are guessed where they are not the usual ones. Nothing is fetched or trained."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft init mine.jsonl --model HuggingFaceTB/SmolLM2-135M-Instruct",
            "  reft init mine.csv --field question=prompt --field answer=target --out mine.yaml",
            "  reft init rows.jsonl --model models/mine --grader grader.yaml --validation held-out.jsonl"
        })
final class InitCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "DATA",
            description = "A file or folder of questions: JSON Lines, JSON, CSV, TSV or Parquet.")
    private String data = "";

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "The model to begin with: a folder, a GGUF file, a run, or a name on the hub. Default: with chains of"
                            + " thought a small new one, else a small one of the hub.")
    private Optional<String> model = Optional.empty();

    @Mixin
    private DataOptions.Fields names = new DataOptions.Fields();

    @Option(
            names = "--grader",
            paramLabel = "FILE",
            description = "The grader that judges, JSON or YAML. Default: chosen by the answers.")
    private Optional<Path> grader = Optional.empty();

    @Option(
            names = "--validation",
            paramLabel = "FILE",
            description = "The validation questions. Default: held out of DATA.")
    private Optional<String> validation = Optional.empty();

    @Option(names = "--test", paramLabel = "FILE", description = "The test questions. Default: held out of DATA.")
    private Optional<String> test = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "The configuration to write; a warm-up goes to FILE with -warmup before its ending. Default: the"
                            + " data's name with .yaml.")
    private Optional<Path> out = Optional.empty();

    @Option(names = "--force", description = "Write over files that exist.")
    private boolean force;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        FirstData opened = FirstData.open(names.of(data), validation, test);
        if (opened.dataset().train().isEmpty()) {
            throw new ConfigException(
                    data + " holds no questions to train on: a file whose name speaks of test or validation is"
                            + " kept for that; give the training questions, and these with --test or --validation");
        }
        DataConfig known = opened.config();
        grader.ifPresent(ConfigFile::object);
        Path file = out.orElseGet(() -> Path.of(stem(Path.of(String.valueOf(known.path()))) + ".yaml"));
        FirstConfig first = new FirstConfig(
                stem(file),
                known,
                DataFacts.of(opened.dataset(), model.orElse(null), "--model"),
                model,
                grader,
                file.toString());
        Map<Path, String> files = new LinkedHashMap<>();
        if (first.warmsUp()) {
            files.put(file.resolveSibling(first.warmUpName() + ".yaml"), first.warmUp());
        }
        files.put(file, first.reinforcement());
        for (Path each : files.keySet()) {
            if (!force && Files.exists(each)) {
                throw new ConfigException(each + " exists; give another --out, or --force to write over it");
            }
        }
        files.forEach(FirstConfig::write);
        report(first, files, known);
        return 0;
    }

    private void report(FirstConfig first, Map<Path, String> files, DataConfig known) {
        ObjectNode figures = Results.object();
        ArrayNode written = figures.putArray("files");
        Map<String, String> fields = known.fields();
        if (fields != null) {
            ObjectNode read = figures.putObject("fields");
            fields.forEach(read::put);
        }
        output.say("%s", first.summary());
        files.keySet().forEach(file -> {
            output.say("wrote %s", file);
            written.add(file.toString());
        });
        output.say("%nread it, then:");
        for (Path file : files.keySet()) {
            output.say("  reft train %s --explain", Output.pasted(file));
            output.say("  reft train %s", Output.pasted(file));
        }
        output.figures(figures);
    }

    private static String stem(Path file) {
        String name = String.valueOf(file.toAbsolutePath().normalize().getFileName());
        int dot = name.lastIndexOf('.');
        return (dot > 0 ? name.substring(0, dot) : name).replaceAll("[^A-Za-z0-9_-]+", "-");
    }
}
