package org.reft4j.train.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.train.evaluate.AnswerKind;
import org.reft4j.train.rollout.GradedRollout;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;

/**
 * Puts questions to a model, many times each, and stores what it writes. What a sample says is a function of the model, the settings, the
 * question's place and the sample's number, so that who was interrupted goes on as if he had not been. Owns nothing that it is given.
 */
public final class QuestionSampler {
    private final Decoder decoder;
    private final Prompts prompts;
    private final Judgement judgement;
    private final SampleSettings settings;
    private final Keys keys;

    public QuestionSampler(Decoder decoder, Prompts prompts, Judgement judgement, SampleSettings settings, Keys keys) {
        this.decoder = decoder;
        this.prompts = prompts;
        this.judgement = judgement;
        this.settings = settings;
        this.keys = keys;
        prompts.requireRoom("max-total-tokens", settings.maxTotalTokens());
    }

    /**
     * How completions are judged.
     *
     * @param grader what a completion is worth
     * @param reader extracts the answer, where the grader says only what a completion is worth
     */
    public record Judgement(Grader grader, Optional<Grader> reader) {}

    /** What a sample is drawn with: a function of the settings' seed, the question's place among all, and the sample's number. */
    @FunctionalInterface
    public interface Keys {
        long of(int question, int sample);
    }

    /** Told how sampling goes on. */
    @FunctionalInterface
    public interface Progress {
        /**
         * @param questions stored so far, those of earlier processes included
         * @param tokens sampled by this process
         */
        void at(int questions, long tokens);
    }

    /**
     * Samples and stores all questions that the folder does not have yet.
     *
     * @param questions all, those that are stored included
     * @param stop looked at between tokens; what is not stored by then is lost
     * @return whether all are stored; if not, it was stopped
     */
    public boolean sample(List<Question> questions, SampleFolder folder, Progress progress, BooleanSupplier stop) {
        long tokens = 0;
        try {
            for (int from = folder.complete(); from < questions.size(); from += settings.together()) {
                int to = Math.min(questions.size(), from + settings.together());
                int stored = from;
                long before = tokens;
                List<SampledQuestion> sampled = ask(questions.subList(from, to), from, done -> {
                    if (stop.getAsBoolean()) {
                        throw new StoppedException();
                    }
                    progress.at(stored, before + done);
                });
                if (stop.getAsBoolean()) {
                    // What runs programs may be on its way down too: grades of this moment are not to be kept.
                    return false;
                }
                folder.append(sampled);
                tokens += sampled.stream()
                        .flatMap(SampledQuestion::all)
                        .mapToLong(StoredSample::tokens)
                        .sum();
                progress.at(to, tokens);
            }
            return true;
        } catch (StoppedException _) {
            return false;
        }
    }

    /** @param first the place of the first question among all */
    private List<SampledQuestion> ask(List<Question> questions, int first, Sampler.Listener listener) {
        List<Prompts.Start> starts = questions.stream()
                .map(question -> prompts.start(question.withoutRationale()))
                .toList();
        List<Rollout> rollouts = new ArrayList<>();
        SamplingConfig greedy = SamplingConfig.greedy(settings.maxTotalTokens());
        long done = 0;
        for (Rollout rollout : complete(starts, first, StoredSample.GREEDY, 0, greedy, listener)) {
            rollouts.add(rollout);
            done += rollout.completion().tokens().size();
        }
        long before = done;
        rollouts.addAll(complete(
                starts, first, 0, settings.samples(), settings.sampling(), more -> listener.sampled(before + more)));
        return judged(rollouts, starts.size());
    }

    /** Samples {@code from}, …, {@code to - 1} of each question, question by question. */
    private List<Rollout> complete(
            List<Prompts.Start> starts, int first, int from, int to, SamplingConfig config, Sampler.Listener listener) {
        int each = to - from;
        List<Sampler.Draw> draws = new ArrayList<>();
        for (int q = 0; q < starts.size(); q++) {
            for (int sample = from; sample < to; sample++) {
                draws.add(new Sampler.Draw(starts.get(q).tokens(), keys.of(first + q, sample)));
            }
        }
        List<Completion> completions = new Sampler(decoder, prompts.ends(), settings.batch())
                .with(prompts.tokenizer())
                .sample(draws, config.withStop(prompts.form().stop()), listener);
        List<Rollout> rollouts = new ArrayList<>();
        for (int i = 0; i < completions.size(); i++) {
            rollouts.add(prompts.rollout(starts.get(i / each), from + i % each, completions.get(i)));
        }
        return rollouts;
    }

    /** @param rollouts the greedy ones of all questions, then the samples question by question */
    private List<SampledQuestion> judged(List<Rollout> rollouts, int questions) {
        List<GradedRollout> graded = Grading.all(rollouts, judgement.grader(), RewardRule.REFT);
        List<GradedRollout> read = judgement
                .reader()
                .map(reader -> Grading.all(rollouts, reader, RewardRule.REFT))
                .orElse(graded);
        List<StoredSample> samples = new ArrayList<>();
        for (int i = 0; i < graded.size(); i++) {
            samples.add(stored(graded.get(i), read.get(i).grade().answer()));
        }
        List<SampledQuestion> sampled = new ArrayList<>();
        for (int q = 0; q < questions; q++) {
            int begin = questions + q * settings.samples();
            sampled.add(new SampledQuestion(samples.get(q), samples.subList(begin, begin + settings.samples())));
        }
        return sampled;
    }

    private StoredSample stored(GradedRollout graded, Optional<String> answer) {
        Rollout rollout = graded.rollout();
        Question question = rollout.question();
        double logprob = 0;
        for (float token : rollout.completion().logprobs()) {
            logprob += token;
        }
        return new StoredSample(
                question.id(),
                question.answer().raw(),
                AnswerKind.of(question.answer()),
                rollout.sample(),
                rollout.text(),
                answer,
                graded.grade().label(),
                graded.grade().right(),
                graded.reward(),
                rollout.completion().tokens().size(),
                rollout.completion().stop().label(),
                logprob,
                rollout.completion().tokens());
    }

    /** Somebody asked for the end. */
    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
