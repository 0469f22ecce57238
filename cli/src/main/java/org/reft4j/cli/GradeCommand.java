package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.reft4j.experiment.GradedFile;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.run.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft grade}: needs no model. */
@Command(
        name = "grade",
        description = {
            "Grades completions against the answers of a dataset, as training does; no model is needed.",
            "",
            "FILE is JSON Lines: {\"item_id\": ..., \"completion\": ...} a line. Each comes back with \"grade\", \"correct\","
                    + " \"extracted\", \"reward\", \"reason\" and \"seconds\": on standard output, or in --out. The totals go to standard error, with"
                    + " --out to standard output."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft grade --data data/svamp answers.jsonl > graded.jsonl",
            "  reft grade --data data/gsm8k --cot n answers.jsonl --out graded.jsonl",
            "  reft grade --data data/mathqa --cot n answers.jsonl --json | jq .reward",
            "  reft grade --data mine.jsonl --cot n answers.jsonl --grader grader.json"
        })
final class GradeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The completions, JSON Lines.")
    private Path file = Path.of("");

    @Mixin
    private DataOptions data = new DataOptions();

    @Option(names = "--out", paramLabel = "FILE", description = "Where the graded lines go.")
    private Optional<Path> out = Optional.empty();

    @Mixin
    private GraderOptions graders = new GraderOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws InterruptedException {
        Dataset dataset = data.open();
        List<GradedFile.Item> items = GradedFile.read(file, dataset);
        List<GradedFile.Graded> graded;
        long begin = System.nanoTime();
        try (Toolbox toolbox = graders.toolbox(data.cot())) {
            List<Question> questions =
                    items.stream().map(GradedFile.Item::question).toList();
            graded = GradedFile.grade(items, graders.grader(toolbox.tools(), dataset, questions));
        }
        ObjectNode totals = GradedFile.totals(graded, (System.nanoTime() - begin) / 1e9);
        StringBuilder lines = new StringBuilder();
        graded.forEach(item -> lines.append(Results.line(item.json())).append('\n'));
        out.ifPresent(path -> Results.write(path, lines.toString()));
        if (output.json()) {
            if (out.isEmpty()) {
                ArrayNode rows = totals.putArray("rows");
                graded.forEach(item -> rows.add(item.json()));
            }
            output.figures(totals);
            return status(graded);
        }
        String words = String.format(
                Locale.ROOT,
                "%d graded: %d correct (%.1f %%), %d wrong, %d without answer, %d scored%s, %d failed; mean reward %s; %.1f s",
                graded.size(),
                totals.path("correct").asInt(),
                100 * totals.path("accuracy").asDouble(),
                totals.path("wrong").asInt(),
                totals.path("no-answer").asInt(),
                totals.path("scored").asInt(),
                graded.stream()
                        .flatMap(item ->
                                item.grade() instanceof Grade.Scored score ? Stream.of(score.pass()) : Stream.of())
                        .findFirst()
                        .map(pass -> " (correct is " + Results.plain(pass) + " or more)")
                        .orElse(""),
                totals.path("failed").asInt(),
                Results.figure(totals.path("reward").asDouble(Double.NaN)),
                totals.path("seconds").asDouble());
        if (graders.given()) {
            GradedFile.rewards(graded).forEach(line -> output.remark("%s", line));
        }
        if (out.isPresent()) {
            output.say("%s", words);
        } else {
            output.out().print(lines);
            output.remark("%s", words);
        }
        return status(graded);
    }

    private int status(List<GradedFile.Graded> graded) {
        return graded.stream().allMatch(item -> item.grade() instanceof Grade.Failed)
                ? Failures.ungraded(
                        output.err(),
                        graded.size(),
                        graded.getFirst().grade().why().orElse(""))
                : 0;
    }
}
