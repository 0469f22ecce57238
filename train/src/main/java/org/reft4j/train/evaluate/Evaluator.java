package org.reft4j.train.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.train.rollout.GradedRollout;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;

/** One greedy completion a question; an answer that cannot be read counts as wrong. */
public final class Evaluator {
    private Evaluator() {}

    /**
     * Answers and grades questions.
     *
     * @param maxTotalTokens prompt and completion together
     * @param batch rows decoded at once
     * @param progress told the number of questions answered so far
     */
    public static Evaluation greedy(
            Decoder decoder,
            Prompts prompts,
            List<Question> questions,
            Grader grader,
            int maxTotalTokens,
            int batch,
            LongConsumer progress) {
        long begin = System.nanoTime();
        List<Rollout> rollouts = new ArrayList<>();
        // A few batches at a time, so that long evaluations show progress and longest prompts do not pad all others.
        int chunk = Math.clamp(4L * batch, 1, Math.max(1, questions.size()));
        for (int from = 0; from < questions.size(); from += chunk) {
            rollouts.addAll(answer(
                    decoder,
                    prompts,
                    questions.subList(from, Math.min(questions.size(), from + chunk)),
                    maxTotalTokens,
                    batch));
            progress.accept(rollouts.size());
        }
        List<Evaluation.Answered> answers = new ArrayList<>();
        long tokens = 0;
        for (GradedRollout graded : Grading.all(rollouts, grader, RewardRule.REFT)) {
            Question question = graded.rollout().question();
            Completion completion = graded.rollout().completion();
            tokens += completion.tokens().size();
            answers.add(new Evaluation.Answered(
                    question.id(),
                    question.text(),
                    question.answer().raw(),
                    graded.rollout().text(),
                    graded.grade().label(),
                    graded.extracted(),
                    graded.grade().right(),
                    completion.stop().label(),
                    graded.reward(),
                    graded.grade().parts()));
        }
        return new Evaluation(answers, tokens, (System.nanoTime() - begin) / 1e9);
    }

    private static List<Rollout> answer(
            Decoder decoder, Prompts prompts, List<Question> questions, int maxTotalTokens, int batch) {
        List<Prompts.Start> starts = questions.stream().map(prompts::start).toList();
        List<Sampler.Draw> draws = starts.stream()
                .map(start -> new Sampler.Draw(start.tokens(), 0))
                .toList();
        SamplingConfig greedy =
                SamplingConfig.greedy(maxTotalTokens).withStop(prompts.form().stop());
        List<Completion> completions =
                Sampler.sample(decoder, draws, greedy, prompts.tokenizer(), prompts.ends(), batch);
        List<Rollout> rollouts = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            rollouts.add(prompts.rollout(starts.get(i), 0, completions.get(i)));
        }
        return rollouts;
    }
}
