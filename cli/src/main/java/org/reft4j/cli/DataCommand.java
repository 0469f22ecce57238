package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.AnswerCount;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.source.DataSpec;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.source.Datasets;
import org.reft4j.task.source.Overlap;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.Results;
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
        ObjectNode figures = Results.object();
        figures.put("name", dataset.name());
        figures.put("cot", cot.letter());
        output.say("%s, answers reasoned as %s", dataset.name(), cot == Cot.PROGRAM ? "programs" : "prose");
        if (dataset.grader() != null) {
            output.say("graded by %s", dataset.grader());
            figures.set("grader", dataset.grader());
        }
        output.say("%n%-12s %10s %10s %16s", "split", "questions", "annotated", "words (mean, max)");
        ObjectNode splits = figures.putObject("splits");
        for (Split each : Split.values()) {
            count(each, dataset.questions(each), splits);
        }
        AnswerCount answers = AnswerCount.of(Stream.of(Split.values())
                .flatMap(each -> dataset.questions(each).stream())
                .toList());
        if (dataset.grader() == null) {
            compared(answers, figures);
        }
        List<String> known = new ArrayList<>(dataset.remarks());
        known.addAll(dataset.grader() == null ? answers.advice() : List.of());
        output.say("%nto know:");
        if (known.isEmpty()) {
            output.say("  nothing odd");
        }
        ArrayNode remarks = figures.putArray("remarks");
        known.forEach(remark -> {
            output.say("  - %s", remark);
            remarks.add(remark);
        });
        alike(dataset, figures.putObject("alike"));
        ArrayNode shown = figures.putArray("items");
        dataset.questions(split).stream().limit(items).forEach(question -> show(question, dataset.template(), shown));
        output.figures(figures);
        return 0;
    }

    /** Questions of validation and test that resemble some of train. */
    private void alike(Dataset dataset, ObjectNode figures) {
        for (Split each : List.of(Split.VALIDATION, Split.TEST)) {
            Overlap overlap = Overlap.of(dataset, each);
            if (overlap.questions() > 0 && !dataset.train().isEmpty()) {
                String name = each.name().toLowerCase(Locale.ROOT);
                output.say(
                        "  - of %d %s questions %d stand in train, %d with other numbers at most, %d with nine tenths of their words",
                        overlap.questions(), name, overlap.same(), overlap.twins(), overlap.close());
                figures.putObject(name)
                        .put("same", overlap.same())
                        .put("twins", overlap.twins())
                        .put("close", overlap.close());
            }
        }
    }

    private void compared(AnswerCount answers, ObjectNode figures) {
        output.say("%ncompared, unless a grader is named:");
        answers.compared().forEach(line -> output.say("  %s", line));
        figures.putObject("answers")
                .put("numbers", answers.numbers())
                .put("letters", answers.letters())
                .put("texts", answers.texts())
                .put("texts-with-one-number", answers.oneNumber().size())
                .put("none", answers.none());
    }

    private void count(Split each, List<Question> questions, ObjectNode splits) {
        long annotated = questions.stream()
                .filter(question -> question.rationale() != null)
                .count();
        var words = questions.stream()
                .mapToInt(question -> question.text().strip().split("\\s+").length)
                .summaryStatistics();
        String name = each.name().toLowerCase(Locale.ROOT);
        ObjectNode entry = splits.putObject(name);
        entry.put("questions", questions.size());
        entry.put("annotated", annotated);
        if (!questions.isEmpty()) {
            entry.set("words-mean", Results.number(words.getAverage()));
            entry.put("words-max", words.getMax());
            output.say(
                    "%-12s %10d %10d %10.1f, %4d",
                    name, questions.size(), annotated, words.getAverage(), words.getMax());
        } else {
            output.say("%-12s %10d", name, 0);
        }
    }

    private void show(Question question, PromptTemplate template, ArrayNode shown) {
        ObjectNode entry = shown.addObject();
        entry.put("item_id", question.id());
        entry.put("answer", question.answer().raw());
        boolean chat = question.conversation() != null;
        String prompt = chat ? question.text() : template.prompt(question);
        entry.put("prompt", prompt);
        entry.put("header", chat ? "" : template.header(question));
        String answer = question.answer() instanceof Answer.Unknown
                ? "no answer"
                : "answer " + question.answer().raw();
        output.say("%n--- %s, %s", question.id(), answer);
        output.say("%s", prompt);
        if (chat && question.rationale() != null) {
            output.say("assistant: %s", question.rationale());
            entry.put("target", question.rationale());
        } else if (question.rationale() == null) {
            output.say("[no annotation: an answer only]");
            entry.putNull("target");
        } else {
            output.say("%s", template.target(question));
            entry.put("target", template.target(question));
        }
    }
}
