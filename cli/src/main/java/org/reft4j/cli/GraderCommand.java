package org.reft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.experiment.GraderCases;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.GraderTrial;
import org.reft4j.task.graders.Graders;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.job.Toolbox;
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
        private static final int SHOWN = 70;
        private static final int SHOWN_TEXT = 90;
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
                ObjectNode figures = Results.object();
                figures.put("rows", questions.size());
                table(trial, figures);
                List<String> warnings = new ArrayList<>(trial.warnings(description));
                warnings.addAll(missed(GraderCases.grade(own, grader), figures));
                if (model.isPresent()) {
                    sampled(model.get(), dataset, questions, grader, figures).ifPresent(warnings::add);
                }
                List<String> notes = trial.notes();
                notes.forEach(note -> output.say("note: %s", note));
                warnings.forEach(warning -> output.say("warning: %s", warning));
                if (warnings.isEmpty()) {
                    output.say("%s", "nothing speaks against it");
                }
                notes.forEach(figures.putArray("notes")::add);
                warnings.forEach(figures.putArray("warnings")::add);
                output.figures(figures);
                return warnings.isEmpty() ? 0 : Failures.FAILED;
            }
        }

        /** Shows the cases, and says how many were missed. */
        private List<String> missed(List<GraderCases.Tried> tried, ObjectNode figures) {
            if (tried.isEmpty()) {
                return List.of();
            }
            GraderCases.json(figures.putArray("cases"), tried);
            for (GraderCases.Tried each : tried) {
                output.say(
                        "%s %s: expected %s, paid %s, %s; text: %s",
                        each.met() ? "met   " : "MISSED",
                        each.asked().place(),
                        Results.plain(each.asked().expected()),
                        Results.figure(each.reward()),
                        told(each.grade()),
                        shown(each.asked().completion()));
            }
            List<GraderCases.Tried> missed =
                    tried.stream().filter(each -> !each.met()).toList();
            if (missed.isEmpty()) {
                return List.of();
            }
            GraderCases.Tried first = missed.getFirst();
            return List.of(missed.size() + " of " + tried.size() + " cases are missed, first "
                    + first.asked().place() + ": expected "
                    + Results.plain(first.asked().expected()) + ", paid "
                    + (Double.isNaN(first.reward())
                            ? "nothing, for grading failed: "
                                    + first.grade().why().orElse("")
                            : Results.figure(first.reward())));
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
                        "%-24s %6d %8s  %s",
                        kind.words(),
                        probes.size(),
                        Double.isNaN(mean) ? "–" : String.format(Locale.ROOT, "%.3f", mean),
                        probes.isEmpty() ? "" : told(probes.getFirst().grade()));
                if (!probes.isEmpty()) {
                    output.say(
                            "%-24s %s", "", "text: " + shown(probes.getFirst().completion()));
                }
                kinds.set(kind.name().toLowerCase(Locale.ROOT), Results.number(mean));
            }
            ArrayNode tried = figures.putArray("tried");
            for (GraderTrial.Probe probe : trial.probes()) {
                ObjectNode json = tried.addObject()
                        .put("kind", probe.kind().name().toLowerCase(Locale.ROOT))
                        .put("item_id", probe.question().id())
                        .put("completion", probe.completion())
                        .put("grade", probe.grade().label())
                        .put("correct", probe.grade().right());
                json.set("reward", Results.number(probe.reward()));
                json.put("reason", probe.grade().why().orElse(null));
                probe.grade().flag().ifPresent(flag -> json.put("flag", flag.flag()));
                Results.parts(json, probe.grade().parts());
            }
        }

        /** A completion on one line. */
        private static String shown(String completion) {
            String line = completion.replace("\n", "⏎").strip();
            return line.isEmpty()
                    ? "(nothing)"
                    : line.length() > SHOWN_TEXT ? line.substring(0, SHOWN_TEXT) + "…" : line;
        }

        private static String told(Grade grade) {
            String text = grade.label()
                    + grade.answer().map(answer -> " " + answer).orElse("")
                    + grade.why().map(why -> ": " + why).orElse("");
            String parts = grade.parts().isEmpty() ? "" : " " + grade.parts();
            String line = (text + parts).replaceAll("\\s+", " ");
            return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
        }

        /** A warning if the grader failed for all completions of the model. */
        private Optional<String> sampled(
                Path path, Dataset dataset, List<Question> questions, Grader grader, ObjectNode figures) {
            try (LoadedModel loaded = LoadedModel.open(path, "auto", new FetchDisplay(output))) {
                SamplingConfig sampling = SamplingConfig.sampling(1, 0, 1, maxTotalTokens);
                List<String> completions = loaded.write(questions, dataset.template(), sampling, SEED);
                List<Double> rewards = new ArrayList<>();
                int right = 0;
                for (int i = 0; i < questions.size(); i++) {
                    Grade grade = grader.grade(questions.get(i), completions.get(i));
                    if (!(grade instanceof Grade.Failed)) {
                        rewards.add(RewardRule.REFT.of(grade));
                    }
                    right += grade.right() ? 1 : 0;
                    output.say("  %s: %s; text: %s", questions.get(i).id(), told(grade), shown(completions.get(i)));
                }
                double mean = rewards.stream().mapToDouble(r -> r).average().orElse(Double.NaN);
                output.say(
                        "%-24s %6d %8s  %d right",
                        "the model's",
                        questions.size(),
                        Double.isNaN(mean) ? "–" : String.format(Locale.ROOT, "%.3f", mean),
                        right);
                figures.set("model-reward", Results.number(mean));
                figures.put("model-failed", questions.size() - rewards.size());
                figures.put("model-correct", right);
                return rewards.isEmpty()
                        ? Optional.of("none of the model's completions could be graded")
                        : Optional.empty();
            }
        }
    }
}
