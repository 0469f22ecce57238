package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTrial;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Graders;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.train.ConfigException;
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
            ObjectNode figures = Output.object();
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
                        + " and, with --model, on what a model writes. Warns where it pays what it should not.",
            },
            mixinStandardHelpOptions = true,
            showDefaultValues = true,
            footer = {
                "",
                "Examples:",
                "  reft grader check grader.json --data mine.jsonl --cot n",
                "  reft grader check grader.yaml --data data/svamp --model runs/warmup --rows 50"
            })
    static final class Check implements Callable<Integer> {
        private static final int SHOWN = 70;
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

        @Mixin
        private GraderOptions.Judging judging = new GraderOptions.Judging();

        @Mixin
        private Output output = new Output();

        @Override
        public Integer call() {
            ConfigException.check(rows > 0, "--rows", rows, "a positive number");
            try (Toolbox toolbox = judging.toolbox(data.cot())) {
                Dataset dataset = data.open();
                List<Question> questions = some(dataset);
                Grader grader = GraderOptions.of(file, toolbox.tools(), questions);
                GraderTrial trial = GraderTrial.of(grader, RewardRule.REFT, dataset.template(), questions);
                ObjectNode figures = Output.object();
                figures.put("rows", questions.size());
                table(trial, figures);
                if (model.isPresent()) {
                    sampled(model.get(), dataset, questions, grader, figures);
                }
                List<String> warnings = trial.warnings();
                ArrayNode said = figures.putArray("warnings");
                warnings.forEach(said::add);
                warnings.forEach(warning -> output.say("warning: %s", warning));
                if (warnings.isEmpty()) {
                    output.say("%s", "nothing speaks against it");
                }
                output.figures(figures);
                return 0;
            }
        }

        private List<Question> some(Dataset dataset) {
            List<Question> questions = dataset.train().isEmpty() ? dataset.questions(Split.TEST) : dataset.train();
            return questions.subList(0, Math.min(rows, questions.size()));
        }

        private void table(GraderTrial trial, ObjectNode figures) {
            output.say("%-24s %6s %8s  %s", "", "rows", "mean", "one of them");
            ObjectNode kinds = figures.putObject("rewards");
            for (GraderTrial.Kind kind : GraderTrial.Kind.values()) {
                List<GraderTrial.Probe> probes = trial.probes().stream()
                        .filter(probe -> probe.kind() == kind)
                        .toList();
                double mean = trial.mean(kind).orElse(Double.NaN);
                output.say(
                        "%-24s %6d %8.3f  %s",
                        kind.words(),
                        probes.size(),
                        mean,
                        probes.isEmpty() ? "" : told(probes.getFirst().grade()));
                kinds.set(kind.name().toLowerCase(Locale.ROOT), Output.number(mean));
            }
        }

        private static String told(Grade grade) {
            String text = grade.label()
                    + grade.answer().map(answer -> " " + answer).orElse("")
                    + grade.why().map(why -> ": " + why).orElse("");
            String parts =
                    grade instanceof Grade.Scored scored && !scored.parts().isEmpty() ? " " + scored.parts() : "";
            String line = (text + parts).replaceAll("\\s+", " ");
            return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
        }

        private void sampled(Path path, Dataset dataset, List<Question> questions, Grader grader, ObjectNode figures) {
            try (LoadedModel loaded = LoadedModel.open(path, "auto", new FetchDisplay(output))) {
                SamplingConfig sampling = SamplingConfig.sampling(1, 0, 1, maxTotalTokens);
                List<String> completions = loaded.write(questions, dataset.template(), sampling, SEED);
                List<Double> rewards = new ArrayList<>();
                for (int i = 0; i < questions.size(); i++) {
                    Grade grade = grader.grade(questions.get(i), completions.get(i));
                    if (!(grade instanceof Grade.Failed)) {
                        rewards.add(RewardRule.REFT.of(grade));
                    }
                    output.say("  %s: %s", questions.get(i).id(), told(grade));
                }
                double mean = rewards.stream().mapToDouble(r -> r).average().orElse(Double.NaN);
                output.say("%-24s %6d %8.3f", "the model's", questions.size(), mean);
                figures.set("model-reward", Output.number(mean));
                figures.put("model-failed", questions.size() - rewards.size());
            }
        }
    }
}
