package org.reft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.source.JsonLines;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
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

    /** A line of the file. */
    private record Item(ObjectNode json, Question question, String completion) {}

    /** What became of it. */
    private record Graded(ObjectNode json, Grade grade, double reward) {
        RewardSummary.Row row() {
            return new RewardSummary.Row(
                    json.path("item_id").asText(),
                    reward,
                    json.path("completion").asText());
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Dataset dataset = data.open();
        List<Item> items = read(dataset);
        List<Graded> graded;
        long begin = System.nanoTime();
        try (Toolbox toolbox = graders.toolbox(data.cot())) {
            List<Question> questions = items.stream().map(Item::question).toList();
            graded = grade(items, graders.grader(toolbox.tools(), dataset, questions));
        }
        ObjectNode totals = totals(graded, (System.nanoTime() - begin) / 1e9);
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
            RewardSummary.of(graded.stream().map(Graded::row).toList()).forEach(line -> output.remark("%s", line));
        }
        if (out.isPresent()) {
            output.say("%s", words);
        } else {
            output.out().print(lines);
            output.remark("%s", words);
        }
        return status(graded);
    }

    private int status(List<Graded> graded) {
        return graded.stream().allMatch(item -> item.grade() instanceof Grade.Failed)
                ? Failures.ungraded(
                        output.err(),
                        graded.size(),
                        graded.getFirst().grade().why().orElse(""))
                : 0;
    }

    private List<Item> read(Dataset dataset) {
        Map<String, Question> questions = new HashMap<>();
        for (Split split : Split.values()) {
            dataset.questions(split).forEach(question -> questions.put(question.id(), question));
        }
        List<Item> items = new ArrayList<>();
        JsonLines.read(file, line -> items.add(item(line, questions, dataset)));
        if (items.isEmpty()) {
            throw new DataException(file + ": is empty; expected lines such as {\"item_id\": \"svamp_1\","
                    + " \"completion\": \"...\"}");
        }
        return items;
    }

    private static Item item(JsonLines.Line line, Map<String, Question> questions, Dataset dataset) {
        String at = line.place() + ": ";
        String id = text(line.json(), "item_id", at);
        Question question = questions.get(id);
        if (question == null) {
            throw new DataException(at + "item_id " + id + " is not in " + dataset.name() + " (" + questions.size()
                    + " questions, such as "
                    + questions.keySet().stream().min(String::compareTo).orElse("none") + ")");
        }
        return new Item(line.json(), question, text(line.json(), "completion", at));
    }

    private static String text(ObjectNode json, String key, String at) {
        JsonNode value = json.path(key);
        if (!value.isTextual()) {
            throw new DataException(
                    at + "\"" + key + "\" is " + (value.isMissingNode() ? "missing" : value) + "; expected a text");
        }
        return value.asText();
    }

    private static List<Graded> grade(List<Item> items, Grader grader) throws InterruptedException {
        List<Graded> graded = new ArrayList<>();
        // As many at a time as there are workers, so that the seconds are a program's own.
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<Graded>> futures = items.stream()
                    .map(item -> threads.submit(() -> grade(item, grader)))
                    .toList();
            for (Future<Graded> future : futures) {
                graded.add(future.get());
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        }
        return graded;
    }

    private static Graded grade(Item item, Grader grader) {
        long begin = System.nanoTime();
        Grade grade = grader.grade(item.question(), item.completion());
        double seconds = (System.nanoTime() - begin) / 1e9;
        double reward = grade instanceof Grade.Failed ? Double.NaN : RewardRule.REFT.of(grade);
        ObjectNode json = item.json();
        json.put("target", item.question().answer().raw());
        json.put("grade", grade.label());
        json.put("correct", grade.right());
        json.put("extracted", grade.answer().orElse(null));
        json.set("reward", Results.number(reward));
        json.put("reason", grade.why().orElse(null));
        Results.parts(json, grade.parts());
        if (grade instanceof Grade.Failed failed) {
            json.put("error", failed.error().flag());
        }
        grade.flag().ifPresent(flag -> json.put("flag", flag.flag()));
        json.put("seconds", Math.round(seconds * 1e6) / 1e6);
        return new Graded(json, grade, reward);
    }

    private static ObjectNode totals(List<Graded> graded, double seconds) {
        Map<String, Integer> counts = new HashMap<>();
        for (Graded item : graded) {
            String label = item.grade().label();
            if (label.equals("scored")) {
                counts.merge(label, 1, Integer::sum);
            }
            counts.merge(item.grade().right() ? "correct" : label.equals("scored") ? "wrong" : label, 1, Integer::sum);
        }
        ObjectNode totals = Results.object();
        totals.put("total", graded.size());
        for (String name : List.of("correct", "wrong", "no-answer", "scored", "failed")) {
            totals.put(name, counts.getOrDefault(name, 0));
        }
        totals.set("accuracy", Results.number(counts.getOrDefault("correct", 0) / (double) graded.size()));
        totals.set(
                "reward",
                Results.number(graded.stream()
                        .mapToDouble(Graded::reward)
                        .filter(reward -> !Double.isNaN(reward))
                        .average()
                        .orElse(Double.NaN)));
        totals.set("seconds", Results.number(seconds));
        return totals;
    }
}
