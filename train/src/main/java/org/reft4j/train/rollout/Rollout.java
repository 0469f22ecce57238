package org.reft4j.train.rollout;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.train.loss.GroupAdvantage;

/**
 * One sampled completion of a question, with its reward once it is graded.
 *
 * @param sample its number among the completions of the same question in the step, from 0
 * @param prompt the tokens that sampling started from, including the head of the answer
 * @param completion the tokens sampled and how they ended
 * @param text the text that a grader reads: head and sampled text, up to a stop text
 * @param head number of characters at the beginning of the text that were given to the model
 * @param graded the grade; empty before grading
 * @param reward NaN before grading and if grading failed: such a rollout is counted and left out of training, it never gets 0
 * @param seconds time that grading took
 */
public record Rollout(
        Question question,
        int sample,
        Tokens prompt,
        Completion completion,
        String text,
        int head,
        Optional<Grade> graded,
        double reward,
        double seconds) {

    /** A rollout that is not graded yet. */
    public Rollout(Question question, int sample, Tokens prompt, Completion completion, String text, int head) {
        this(question, sample, prompt, completion, text, head, Optional.empty(), Double.NaN, 0);
    }

    /** The same, whose text was sampled as a whole. */
    public Rollout(Question question, int sample, Tokens prompt, Completion completion, String text) {
        this(question, sample, prompt, completion, text, 0);
    }

    /** The same with its grade. */
    public Rollout graded(Grade grade, double paid, double took) {
        return new Rollout(question, sample, prompt, completion, text, head, Optional.of(grade), paid, took);
    }

    /** True if the completion is as long as was allowed, and has no end. */
    public boolean cutOff() {
        return completion.stop() == StopReason.LENGTH;
    }

    /**
     * The grade.
     *
     * @throws IllegalStateException if it is not graded yet
     */
    public Grade grade() {
        return graded.orElseThrow(() ->
                new IllegalStateException("sample " + sample + " of question " + question.id() + " is not graded yet"));
    }

    /** The tokens as a model scores them, each among what it was drawn from. */
    public Row row() {
        return new Row(prompt, completion.tokens(), completion.supports());
    }

    public boolean failed() {
        return grade() instanceof Grade.Failed;
    }

    /** True if it can be trained on: it was graded and has at least one token. */
    public boolean paid() {
        return !failed() && !completion.tokens().isEmpty();
    }

    /** The answer found, or why there is none, or why the score is what it is. */
    public String extracted() {
        return grade().answer().or(grade()::why).orElse("");
    }

    /**
     * The completions of questions whose completions were rewarded unequally: those that say which was better (dynamic sampling without
     * refilling, Yu et al. 2025, arXiv:2503.14476). Where no question is such, all.
     */
    public static List<Rollout> mixed(List<Rollout> paid) {
        Set<String> kept = paid.stream().collect(Collectors.groupingBy(Rollout::questionId)).entrySet().stream()
                .filter(group -> unequal(group.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        return kept.isEmpty()
                ? paid
                : paid.stream().filter(r -> kept.contains(r.questionId())).toList();
    }

    /** True if the completions of one question have different rewards; only then do they show which was better. */
    public static boolean unequal(List<Rollout> group) {
        return GroupAdvantage.differ(group.stream().mapToDouble(Rollout::reward).toArray());
    }

    /** The rewards of each question's completions, by its id. */
    public static Map<String, DoubleSummaryStatistics> byQuestion(List<Rollout> paid) {
        return paid.stream()
                .collect(Collectors.groupingBy(Rollout::questionId, Collectors.summarizingDouble(Rollout::reward)));
    }

    private String questionId() {
        return question.id();
    }
}
