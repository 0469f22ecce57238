package org.reft4j.train.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.AnswerCount;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.source.Overlap;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Sheet;

/** The facts about a dataset: its splits and sizes, some items as a model sees them, and what is odd in it. */
public final class DataSheet {
    private final Sheet sheet = new Sheet();

    private DataSheet() {}

    /**
     * Looks at a dataset.
     *
     * @param split whose items are shown
     * @param items number of items
     */
    public static Sheet of(Dataset dataset, Cot cot, Split split, int items) {
        DataSheet made = new DataSheet();
        made.fill(dataset, cot, split, items);
        return made.sheet;
    }

    private void fill(Dataset dataset, Cot cot, Split split, int items) {
        ObjectNode figures = sheet.figures();
        figures.put("name", dataset.name());
        figures.put("cot", cot.letter());
        sheet.say("%s, answers reasoned as %s", dataset.name(), cot == Cot.PROGRAM ? "programs" : "prose");
        if (dataset.grader() != null) {
            sheet.say("graded by %s", dataset.grader());
            figures.set("grader", dataset.grader());
        }
        sheet.say("%n%-12s %10s %10s %16s", "split", "questions", "annotated", "words (mean, max)");
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
        sheet.say("%nto know:");
        if (known.isEmpty()) {
            sheet.say("  nothing odd");
        }
        ArrayNode remarks = figures.putArray("remarks");
        known.forEach(remark -> {
            sheet.say("  - %s", remark);
            remarks.add(remark);
        });
        alike(dataset, figures.putObject("alike"));
        ArrayNode shown = figures.putArray("items");
        dataset.questions(split).stream().limit(items).forEach(question -> show(question, dataset.template(), shown));
    }

    /** Questions of validation and test that resemble some of train. */
    private void alike(Dataset dataset, ObjectNode figures) {
        for (Split each : List.of(Split.VALIDATION, Split.TEST)) {
            Overlap overlap = Overlap.of(dataset, each);
            if (overlap.questions() > 0 && !dataset.train().isEmpty()) {
                String name = each.name().toLowerCase(Locale.ROOT);
                sheet.say(
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
        sheet.say("%ncompared, unless a grader is named:");
        answers.compared().forEach(line -> sheet.say("  %s", line));
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
            sheet.say(
                    "%-12s %10d %10d %10.1f, %4d",
                    name, questions.size(), annotated, words.getAverage(), words.getMax());
        } else {
            sheet.say("%-12s %10d", name, 0);
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
        sheet.say("%n--- %s, %s", question.id(), answer);
        sheet.say("%s", prompt);
        if (chat && question.rationale() != null) {
            sheet.say("assistant: %s", question.rationale());
            entry.put("target", question.rationale());
        } else if (question.rationale() == null) {
            sheet.say("[no annotation: an answer only]");
            entry.putNull("target");
        } else {
            sheet.say("%s", template.target(question));
            entry.put("target", template.target(question));
        }
    }
}
