package org.reft4j.train.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.train.rollout.Asker;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;

/** Completions of questions with their grades: one greedy one a question, or several sampled ones. An answer that cannot be read counts as wrong. */
public final class Evaluator {
    private Evaluator() {}

    /**
     * Answers and grades questions.
     *
     * @param maxTotalTokens longest prompt and completion together, in tokens
     * @param batch number of completions generated at once
     * @param progress gets the number of questions answered so far
     */
    public static Evaluation greedy(
            Decoder decoder,
            Prompts prompts,
            List<Question> questions,
            Grader grader,
            int maxTotalTokens,
            int batch,
            LongConsumer progress) {
        SamplingConfig greedy = SamplingConfig.greedy(maxTotalTokens);
        return sampled(decoder, prompts, questions, grader, greedy, 1, Asker.Keys.NONE, batch, progress);
    }

    /**
     * Answers each question several times, and grades the answers; those of a question follow each other.
     *
     * @param samples completions of each question
     * @param keys of their random numbers
     * @param batch number of completions generated at once
     * @param progress gets the number of questions answered so far
     */
    public static Evaluation sampled(
            Decoder decoder,
            Prompts prompts,
            List<Question> questions,
            Grader grader,
            SamplingConfig sampling,
            int samples,
            Asker.Keys keys,
            int batch,
            LongConsumer progress) {
        long begin = System.nanoTime();
        Asker asker = Asker.of(decoder, prompts, batch);
        List<Rollout> rollouts = new ArrayList<>();
        // A few batches at a time, so that long evaluations show progress and longest prompts do not pad all others.
        int chunk = Math.clamp(4L * batch / samples, 1, Math.max(1, questions.size()));
        try (Grading grading = new Grading(grader, RewardRule.REFT)) {
            for (int from = 0; from < questions.size(); from += chunk) {
                List<Prompts.Start> starts = questions.subList(from, Math.min(questions.size(), from + chunk)).stream()
                        .map(prompts::start)
                        .toList();
                int first = from;
                rollouts.addAll(asker.ask(
                        Asker.each(starts, 0, samples, (question, sample) -> keys.of(first + question, sample)),
                        sampling,
                        grading,
                        Asker.Listener.NONE));
                progress.accept(rollouts.size() / samples);
            }
        }
        long tokens =
                rollouts.stream().mapToLong(r -> r.completion().tokens().size()).sum();
        List<Evaluation.Answered> answers =
                rollouts.stream().map(Evaluator::answered).toList();
        return new Evaluation(answers, tokens, (System.nanoTime() - begin) / 1e9);
    }

    private static Evaluation.Answered answered(Rollout rollout) {
        return new Evaluation.Answered(
                rollout.question().id(),
                rollout.question().text(),
                rollout.question().answer().raw(),
                rollout.text(),
                rollout.grade().label(),
                rollout.extracted(),
                rollout.grade().right(),
                rollout.completion().stop().label(),
                rollout.reward(),
                rollout.grade().parts());
    }
}
