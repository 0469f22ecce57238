package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.experiment.EvaluationFolder;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.source.DataSpec;
import org.reft4j.train.ConfigException;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.AskedData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reft evaluate}. */
@Command(
        name = "evaluate",
        description = {
            "Measures a model: one greedy answer a question, the share of right answers with its 95 %% interval (Wilson).",
            "Of a run it asks the run's own test questions. Writes results.json and every answer (answers.jsonl)."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft evaluate --model runs/my-run",
            "  reft evaluate --model runs/my-run --data other.jsonl:validation=200,seed=1 --split VALIDATION",
            "  reft evaluate --model models/smollm2 --data data/svamp --cot n --limit 300",
            "  reft evaluate --model models/smollm2 --data my.jsonl --cot n --chat --system 'Answer briefly.'",
            "  reft evaluate --model model.gguf --data data/gsm8k --json > figures.json"
        })
final class EvaluateCommand implements Callable<Integer> {
    private static final int USUAL_TOKENS = 700;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private AskedOptions asked = new AskedOptions();

    @Mixin
    private PromptOptions prompt = new PromptOptions();

    @Option(
            names = "--max-total-tokens",
            paramLabel = "N",
            description = "Prompt and answer together. Default: as the model's run measured itself, or else 700.")
    private Optional<Integer> maxTotalTokens = Optional.empty();

    @Option(names = "--batch", paramLabel = "N", description = "Answers written at once.", defaultValue = "64")
    private int batch = 64;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Where the files go. Default: runs/evaluate-MODEL-DATA-SPLIT, with --limit's number; another model's or"
                            + " other data's are left alone, and a number is added.")
    private Optional<Path> out = Optional.empty();

    @Mixin
    private GraderOptions graders = new GraderOptions();

    @Mixin
    private Output output = new Output();

    /** The form in which the questions were put, once they were. */
    private String formWords = "";

    @Override
    public Integer call() {
        ConfigException.check(batch > 0, "--batch", batch, "a positive number");
        maxTotalTokens.ifPresent(limit -> ConfigException.check(limit > 1, "--max-total-tokens", limit, "more than 1"));
        prompt.check();
        AskedData data = asked.open(model.path());
        Evaluation evaluation = evaluate(data);
        ObjectNode figures = figures(evaluation, data);
        Path folder = out.orElseGet(() -> EvaluationFolder.choose(Path.of("runs"), figures));
        figures.put("folder", folder.toString());
        Results.write(folder.resolve("answers.jsonl"), EvaluationFolder.answers(evaluation, data.trained()));
        Results.write(folder.resolve("results.json"), Results.text(figures) + "\n");
        report(evaluation, data);
        output.say("every answer: %s", folder.resolve("answers.jsonl"));
        output.figures(figures);
        return evaluation.ungraded()
                ? Failures.ungraded(
                        output.err(),
                        evaluation.total(),
                        evaluation.answers().getFirst().extracted())
                : 0;
    }

    private void report(Evaluation evaluation, AskedData data) {
        output.lines(EvaluationFolder.summary(evaluation, data.trained(), graders.given()));
        evaluation.cutOff().ifPresent(words -> output.remark("%s; a greater --max-total-tokens lets them end", words));
    }

    private Evaluation evaluate(AskedData data) {
        Dataset dataset = data.dataset();
        List<Question> questions = data.questions();
        long started = System.nanoTime();
        try (Toolbox toolbox = graders.toolbox(data.cot())) {
            // Faults of the grader should show before the model is loaded.
            Grader grader = graders.grader(toolbox.tools(), dataset, questions);
            try (LoadedModel loaded = model.open(output)) {
                data.remarks().forEach(remark -> output.remark("%s", remark));
                output.remark(
                        "model %s loaded in %.1f s; %d questions of %s",
                        loaded.path(), (System.nanoTime() - started) / 1e9, questions.size(), dataset.name());
                PromptForm form = prompt.form(dataset, loaded.form());
                formWords = form.words();
                output.remark("%s", formWords);
                return loaded.answer(
                        questions,
                        dataset.template(),
                        form,
                        grader,
                        data.maxTotalTokens(maxTotalTokens, USUAL_TOKENS),
                        batch,
                        done -> output.remark("%d of %d answered", done, questions.size()));
            }
        }
    }

    private ObjectNode figures(Evaluation evaluation, AskedData data) {
        ObjectNode figures = Results.object();
        figures.put("model", model.path().toString());
        figures.put("data", data.dataset().name());
        figures.put("split", asked.split().name());
        figures.put("cot", data.cot().letter());
        figures.put("place", EvaluationFolder.place(model.path()));
        figures.put("opened", DataSpec.text(data.config()));
        figures.put("limit", asked.split().limit());
        figures.put("max-total-tokens", data.maxTotalTokens(maxTotalTokens, USUAL_TOKENS));
        figures.put("trained", data.trained().size());
        figures.put("prompt", formWords);
        EvaluationFolder.put(figures, evaluation, data.trained());
        return figures;
    }
}
