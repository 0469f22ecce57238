package org.reft4j.server.page;

import java.util.List;
import org.reft4j.server.http.ApiError;
import org.reft4j.train.measure.Evaluation.Answered;

/** The greedy answers to validation questions at one step. */
record AnswersPage(Work work, int step, List<Answered> answers, List<Integer> steps) {
    static AnswersPage of(Work work, Snapshot run, int step) {
        List<Answered> answers = run.run().answers(step, "validation");
        if (answers.isEmpty()) {
            throw ApiError.missing("step", null, "No answers to validation questions were kept at step " + step + ".");
        }
        return new AnswersPage(
                work,
                step,
                answers,
                run.validation().stream().map(each -> each.step()).toList());
    }

    long right() {
        return answers.stream().filter(Answered::correct).count();
    }
}
