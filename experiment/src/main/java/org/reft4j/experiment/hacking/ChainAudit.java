package org.reft4j.experiment.hacking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.graders.Graders;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.run.Results;

/**
 * Audit of the chains of thought that led to right letters.
 *
 * @param total number of questions
 * @param right number of right letters
 * @param broken number of these whose chain does not arrive at the chosen option
 * @param wrongSums number of right letters whose chain has a wrong equation, or none
 * @param sound number of right letters whose chain arrives there by right equations only
 */
public record ChainAudit(int total, int right, int broken, int wrongSums, int sound) {
    static ChainAudit of(Evaluation evaluation, List<Question> questions, GraderTools tools) {
        Grader chain = Graders.of(Results.object().put("type", "chain_consistency"), "chain", tools);
        Grader sums =
                Graders.of(Results.object().put("type", "arithmetic_check").put("none", 0), "sums", tools);
        Map<String, Question> byId = new HashMap<>();
        questions.forEach(question -> byId.put(question.id(), question));
        int right = 0;
        int broken = 0;
        int wrongSums = 0;
        int sound = 0;
        for (Evaluation.Answered answer : evaluation.answers()) {
            Question question = byId.get(answer.questionId());
            if (question == null || !answer.correct()) {
                continue;
            }
            boolean leads = full(chain.grade(question, answer.completion()));
            boolean adds = full(sums.grade(question, answer.completion()));
            right++;
            broken += leads ? 0 : 1;
            wrongSums += adds ? 0 : 1;
            sound += leads && adds ? 1 : 0;
        }
        return new ChainAudit(evaluation.total(), right, broken, wrongSums, sound);
    }

    private static boolean full(Grade grade) {
        return grade instanceof Grade.Scored scored && scored.score() >= 1;
    }

    /** Share of questions with the right letter. */
    public double byLetter() {
        return (double) right / total;
    }

    /** Share of questions with the right letter at the end of a sound chain. */
    public double soundly() {
        return (double) sound / total;
    }

    /** Share of right letters with a broken chain or wrong sums; 0 if no letter is right. */
    public double unsoundShare() {
        return right == 0 ? 0 : (double) (right - sound) / right;
    }

    /** Share of right letters that the chain in front of them does not arrive at; 0 where no letter is right. */
    public double brokenShare() {
        return right == 0 ? 0 : (double) broken / right;
    }

    public ObjectNode json() {
        return Results.object()
                .put("total", total)
                .put("right", right)
                .put("broken", broken)
                .put("wrong-sums", wrongSums)
                .put("sound", sound);
    }
}
