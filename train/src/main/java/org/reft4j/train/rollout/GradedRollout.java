package org.reft4j.train.rollout;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.RewardRule;

/**
 * A completion and what it was paid.
 *
 * @param seconds that grading took
 * @param reward NaN where grading failed: such a rollout is counted and left out, never paid 0
 */
public record GradedRollout(Rollout rollout, Grade grade, double reward, double seconds) {

    /** Grades one completion. */
    static GradedRollout of(Rollout rollout, Supplier<Grade> judge, RewardRule rule) {
        long begin = System.nanoTime();
        Grade grade = judge.get();
        double seconds = (System.nanoTime() - begin) / 1e9;
        return new GradedRollout(rollout, grade, grade instanceof Grade.Failed ? Double.NaN : rule.of(grade), seconds);
    }

    /**
     * The completions of questions whose completions were paid unequally: those that say which was better (dynamic sampling without
     * refilling, Yu et al. 2025, arXiv:2503.14476). Where no question is such, all.
     */
    public static List<GradedRollout> mixed(List<GradedRollout> paid) {
        Set<String> kept = paid.stream().collect(Collectors.groupingBy(GradedRollout::questionId)).entrySet().stream()
                .filter(group -> ComparedRollout.mixed(group.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        return kept.isEmpty()
                ? paid
                : paid.stream().filter(g -> kept.contains(g.questionId())).toList();
    }

    /** The rewards of each question's completions, by its id. */
    public static Map<String, DoubleSummaryStatistics> byQuestion(List<GradedRollout> paid) {
        return paid.stream()
                .collect(Collectors.groupingBy(
                        GradedRollout::questionId, Collectors.summarizingDouble(GradedRollout::reward)));
    }

    private String questionId() {
        return rollout.question().id();
    }

    public boolean failed() {
        return grade instanceof Grade.Failed;
    }

    /** Whether something can be learned from it: it was graded and there is at least one token. */
    public boolean paid() {
        return !failed() && !rollout.completion().tokens().isEmpty();
    }

    /** The answer found, or why there is none, or why the score is what it is. */
    public String extracted() {
        return grade.answer().or(grade::why).orElse("");
    }
}
