package org.reft4j.train.measure;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;
import org.apache.commons.statistics.interval.Interval;
import org.reft4j.model.generate.StopReason;

/**
 * Evaluation of a model: its answers to a list of questions.
 *
 * @param answers in the order of the questions: one greedy answer of each, or several that were sampled
 * @param tokens number of generated tokens
 * @param seconds time that it took
 * @param losses figures of a recipe's own loss of the same questions, by name; empty where there is none
 * @param judged tokens of models that judged the answers, by name; like the time, these may differ from run to run
 */
public record Evaluation(
        List<Answered> answers, long tokens, double seconds, Map<String, Double> losses, Map<String, Double> judged) {
    private static final double ALPHA = 0.05;
    /** The share of answers that may be cut off without a word. */
    private static final double MANY_CUT = 0.05;

    public Evaluation {
        answers = List.copyOf(answers);
        judged = Collections.unmodifiableMap(new LinkedHashMap<>(judged));
        losses = Collections.unmodifiableMap(new LinkedHashMap<>(losses));
    }

    /** The answers alone. */
    public Evaluation(List<Answered> answers, long tokens, double seconds) {
        this(answers, tokens, seconds, Map.of(), Map.of());
    }

    /** The same with figures of a loss, and with the tokens of models that judged. */
    public Evaluation with(Map<String, Double> loss, Map<String, Double> judges) {
        return new Evaluation(answers, tokens, seconds, loss, judges);
    }

    /**
     * One question with its graded answer.
     *
     * @param grade as in {@link org.reft4j.train.rollout.KeptRollout#grade}
     * @param extracted the extracted answer, or the reason for having none, or the reason for the score
     * @param correct true if it counts as right; see {@link org.reft4j.task.grade.Grade#right}
     * @param reward its reward; NaN if grading failed
     * @param parts the named parts of a score; empty for scores without parts
     */
    public record Answered(
            String questionId,
            String question,
            String target,
            String completion,
            String grade,
            String extracted,
            boolean correct,
            String stop,
            double reward,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonSetter(nulls = Nulls.AS_EMPTY)
            Map<String, Double> parts) {
        /** Without parts. */
        public Answered(
                String questionId,
                String question,
                String target,
                String completion,
                String grade,
                String extracted,
                boolean correct,
                String stop,
                double reward) {
            this(questionId, question, target, completion, grade, extracted, correct, stop, reward, Map.of());
        }
    }

    /**
     * For each question's id, true if it was answered right.
     *
     * @throws IllegalArgumentException if a question occurs twice
     */
    public Map<String, Boolean> outcomes() {
        Map<String, Boolean> outcomes = new LinkedHashMap<>();
        for (Answered answer : answers) {
            if (outcomes.put(answer.questionId(), answer.correct()) != null) {
                throw new IllegalArgumentException("question " + answer.questionId() + " is answered twice");
            }
        }
        return outcomes;
    }

    /** The same without some of the questions. */
    public Evaluation without(Set<String> ids) {
        return new Evaluation(
                answers.stream()
                        .filter(answer -> !ids.contains(answer.questionId()))
                        .toList(),
                tokens,
                seconds,
                losses,
                judged);
    }

    public int correct() {
        return (int) answers.stream().filter(Answered::correct).count();
    }

    public int total() {
        return answers.size();
    }

    /** Value accuracy in [0, 1]; NaN for no questions. */
    public double accuracy() {
        return total() == 0 ? Double.NaN : (double) correct() / total();
    }

    /** The 95 % Wilson score interval of {@link #accuracy}. Several answers to one question say no more than one about other questions. */
    public Interval interval() {
        int questions =
                (int) answers.stream().map(Answered::questionId).distinct().count();
        if (questions < total()) {
            return BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(
                    questions, (int) Math.round(accuracy() * questions), ALPHA);
        }
        return BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(total(), correct(), ALPHA);
    }

    /** The mean reward of what could be graded; NaN if nothing could. */
    public double reward() {
        return answers.stream()
                .mapToDouble(Answered::reward)
                .filter(reward -> !Double.isNaN(reward))
                .average()
                .orElse(Double.NaN);
    }

    /** True if there are answers and grading failed for all of them, so that no figure is meaningful. */
    public boolean ungraded() {
        return share("failed") == 1;
    }

    /** True if the grader gives scores by degree. */
    public boolean scored() {
        return share("scored") > 0;
    }

    /** The mean of every named part of the scores. */
    public Map<String, Double> parts() {
        Map<String, DoubleSummaryStatistics> sums = new LinkedHashMap<>();
        answers.forEach(answer -> answer.parts()
                .forEach((name, score) -> sums.computeIfAbsent(name, _ -> new DoubleSummaryStatistics())
                        .accept(score)));
        Map<String, Double> means = new LinkedHashMap<>();
        sums.forEach((name, sum) -> means.put(name, sum.getAverage()));
        return means;
    }

    /** The share of completions from which an answer could be read; NaN where a grader scored them, which alone knows what it reads. */
    public double answeredShare() {
        return scored() ? Double.NaN : share("correct") + share("wrong");
    }

    /** A warning if more than one answer in twenty was cut off by the length limit; these count as wrong. */
    public Optional<String> cutOff() {
        Set<String> reasons = Set.of(StopReason.LENGTH.label(), StopReason.PROMPT_TOO_LONG.label());
        long cut = answers.stream()
                .filter(answer -> reasons.contains(answer.stop()))
                .count();
        return cut <= MANY_CUT * total()
                ? Optional.empty()
                : Optional.of(
                        cut + " of " + total() + " answers were cut off at the greatest length, or had no room at all");
    }

    private double share(String grade) {
        return total() == 0
                ? Double.NaN
                : (double) answers.stream().filter(a -> a.grade().equals(grade)).count() / total();
    }
}
