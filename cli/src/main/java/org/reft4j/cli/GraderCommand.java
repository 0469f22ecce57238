package org.reft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.experiment.GraderCases;
import org.reft4j.experiment.GraderCheck;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.GraderTrial;
import org.reft4j.task.graders.Graders;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.run.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reft grader}. */
@Command(
        name = "grader",
        description = "Tries a grader before anything is trained by it, and lists the types that there are.",
        mixinStandardHelpOptions = true,
        subcommands = {GraderCommand.Check.class, GraderCommand.Types.class})
final class GraderCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** {@code reft grader types}. */
    @Command(
            name = "types",
            description = "Lists the types of grader that a description can name.",
            mixinStandardHelpOptions = true)
    static final class Types implements Callable<Integer> {
        @Mixin
        private Output output = new Output();

        @Override
        public Integer call() {
            ObjectNode figures = Results.object();
            for (GraderType type : Graders.TYPES) {
                output.say("%-24s %s", type.name(), type.about());
                figures.put(type.name(), type.about());
            }
            output.figures(figures);
            return 0;
        }
    }

    /** {@code reft grader check}. */
    @Command(
            name = "check",
            description = {
                "Tries a grader on a few rows: on the answers that are known, on those of other rows, on completions that nobody wants,"
                        + " and, with --model, on what a model writes. Shows the texts, and warns where it pays what it should not.",
                "",
                "Exit status 1 when something speaks against the grader: a warning, a case of --cases that is missed, or nothing that could"
                        + " be graded. A completion is right from the grader's pass_threshold on (0.5 unless given)."
            },
            mixinStandardHelpOptions = true,
            showDefaultValues = true,
            footer = {
                "",
                "Examples:",
                "  reft grader check grader.json --data mine.jsonl --cot n",
                "  reft grader check grader.yaml --data mine.jsonl --cot n --perfect 'The answer is {{ item.answer }}'",
                "  reft grader check grader.yaml --data mine.jsonl --cot n --cases cases.jsonl --tolerance 0.05",
                "  reft grader check grader.yaml --data data/svamp --model runs/warmup --rows 50",
                "",
                "A line of cases: {\"completion\": \"It is 7.\", \"expected\": 1}, and if need be \"item_id\" (otherwise the first row) and"
                        + " \"tolerance\"."
            })
    static final class Check implements Callable<Integer> {
        private static final long SEED = 1;

        @Parameters(paramLabel = "FILE", description = "The grader's description, JSON or YAML.")
        private Path file = Path.of("");

        @Mixin
        private DataOptions data = new DataOptions();

        @Option(names = "--rows", paramLabel = "N", description = "Rows to try it on.", defaultValue = "20")
        private int rows = 20;

        @Option(
                names = "--model",
                paramLabel = "MODEL",
                description = "A model whose completions are graded too, one sampled for each row.")
        private Optional<Path> model = Optional.empty();

        @Option(
                names = "--max-total-tokens",
                paramLabel = "N",
                description = "Prompt and completion of the model together.",
                defaultValue = "700")
        private int maxTotalTokens = 700;

        @Option(
                names = "--response-format",
                paramLabel = "FILE",
                description =
                        "Format of the model's completions, which the perfect ones must have too. Default: as the model was trained.")
        private Optional<Path> responseFormat = Optional.empty();

        @Option(
                names = "--perfect",
                paramLabel = "TEXT",
                description =
                        "What a perfect model would write, with {{ item.x }} for what the row has. Default: the row's annotated chain,"
                                + " or else its bare answer.")
        private Optional<String> perfect = Optional.empty();

        @Option(
                names = "--cases",
                paramLabel = "FILE",
                description = "Completions with the scores that you expect, JSON Lines.")
        private Optional<Path> cases = Optional.empty();

        @Option(
                names = "--tolerance",
                paramLabel = "X",
                description = "How far a case's score may lie from the expected one.",
                defaultValue = "0.001")
        private double tolerance = 0.001;

        @Mixin
        private GraderOptions.Judging judging = new GraderOptions.Judging();

        @Mixin
        private Output output = new Output();

        @Override
        public Integer call() {
            ConfigException.check(rows > 0, "--rows", rows, "a positive number");
            ConfigException.check(tolerance >= 0, "--tolerance", tolerance, "0 or more");
            try (Toolbox toolbox = judging.toolbox(data.cot())) {
                Dataset dataset = data.open();
                List<Question> questions = some(dataset);
                JsonNode description = ConfigFile.object(file);
                Grader grader = GraderOptions.of(file, toolbox.tools(), questions);
                List<GraderCases.Case> own = cases.map(
                                path -> GraderCases.read(path, dataset, questions.getFirst(), tolerance))
                        .orElse(List.of());
                GraderTrial trial = perfect.map(text -> GraderTrial.perfect(text, "--perfect", questions))
                        .map(texts -> GraderTrial.of(grader, RewardRule.REFT, texts, questions))
                        .orElseGet(() -> GraderTrial.of(grader, RewardRule.REFT, dataset.template(), questions));
                GraderCheck check = new GraderCheck(questions, grader, line -> output.say("%s", line));
                check.tried(trial, description);
                responseFormat.map(PromptOptions::format).ifPresent(format -> check.formatted(trial, format));
                check.cases(GraderCases.grade(own, grader));
                if (model.isPresent()) {
                    check.written(written(model.get(), dataset, questions));
                }
                check.end(trial.notes());
                output.figures(check.figures());
                return check.warnings().isEmpty() ? 0 : Failures.FAILED;
            }
        }

        /** A completion of the model for each of the questions. */
        private List<String> written(Path path, Dataset dataset, List<Question> questions) {
            try (LoadedModel loaded = LoadedModel.open(path, "auto", "auto", new FetchDisplay(output))) {
                SamplingConfig sampling = SamplingConfig.sampling(1, 0, 1, maxTotalTokens);
                PromptForm form = responseFormat
                        .map(given -> loaded.form().with(PromptOptions.format(given)))
                        .orElseGet(loaded::form);
                return loaded.write(questions, dataset.template(), form, sampling, SEED);
            }
        }

        private List<Question> some(Dataset dataset) {
            List<Question> questions = dataset.train().isEmpty() ? dataset.questions(Split.TEST) : dataset.train();
            return questions.subList(0, Math.min(rows, questions.size()));
        }
    }
}
