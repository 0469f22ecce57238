package org.reft4j.train.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.train.rollout.Asker;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.rollout.SampledQuestion;

/**
 * Fills a folder of samples: asks each question many times, and stores the answers. A sample is a function of the model, the settings, the
 * question's place and the sample's number, so that an interrupted command goes on as if it had not been. Owns nothing that it is given.
 */
public final class FolderSampling {
    private final Asker asker;
    private final Prompts prompts;
    private final Judgement judgement;
    private final SampleSettings settings;
    private final Asker.Keys keys;

    /** @param keys a function of the settings' seed, the question's place among all, and the sample's number */
    public FolderSampling(
            Decoder decoder, Prompts prompts, Judgement judgement, SampleSettings settings, Asker.Keys keys) {
        this.asker = Asker.of(decoder, prompts, settings.batch());
        this.prompts = prompts;
        this.judgement = judgement;
        this.settings = settings;
        this.keys = keys;
        prompts.requireRoom("max-total-tokens", settings.maxTotalTokens());
    }

    /**
     * Graders of completions.
     *
     * @param grader scores a completion
     * @param reader extracts the answer if the grader gives only a score
     */
    public record Judgement(Grader grader, Optional<Grader> reader) {}

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
     * Samples completions of all questions that the folder does not have yet, and stores them.
     *
     * @param questions all questions, including those already stored
     * @param stop checked between tokens; samples not stored by then are lost
     * @return true if all are stored; false if it was stopped
     */
    public boolean sample(List<Question> questions, SampleFolder folder, Progress progress, BooleanSupplier stop) {
        Asker stoppable = asker.until(stop);
        long tokens = 0;
        try (Grading grading = new Grading(judgement.grader(), RewardRule.REFT)) {
            for (int from = folder.complete(); from < questions.size(); from += settings.together()) {
                int to = Math.min(questions.size(), from + settings.together());
                int stored = from;
                long before = tokens;
                List<SampledQuestion> sampled = ask(
                        stoppable,
                        questions.subList(from, to),
                        from,
                        grading,
                        done -> progress.at(stored, before + done));
                if (stop.getAsBoolean()) {
                    // The workers that run programs may be shutting down too, so that grades of this moment are not
                    // trustworthy.
                    return false;
                }
                folder.append(sampled);
                tokens += sampled.stream()
                        .flatMap(SampledQuestion::all)
                        .mapToLong(KeptRollout::tokens)
                        .sum();
                progress.at(to, tokens);
            }
            return true;
        } catch (Asker.Stopped _) {
            return false;
        }
    }

    /** @param first the place of the first question among all */
    private List<SampledQuestion> ask(
            Asker stoppable, List<Question> questions, int first, Grading grading, Asker.Listener listener) {
        List<Prompts.Start> starts = questions.stream()
                .map(question -> prompts.start(question.withoutRationale()))
                .toList();
        Asker.Keys placed = (question, sample) -> keys.of(first + question, sample);
        List<Rollout> greedy = stoppable.ask(
                Asker.each(starts, KeptRollout.GREEDY, 0, placed),
                SamplingConfig.greedy(settings.maxTotalTokens()),
                grading,
                listener);
        long before =
                greedy.stream().mapToLong(r -> r.completion().tokens().size()).sum();
        List<KeptRollout> samples = kept(stoppable.ask(
                Asker.each(starts, 0, settings.samples(), placed),
                settings.sampling(),
                grading,
                more -> listener.sampled(before + more)));
        List<KeptRollout> likeliest = kept(greedy);
        List<SampledQuestion> sampled = new ArrayList<>();
        for (int q = 0; q < likeliest.size(); q++) {
            int begin = q * settings.samples();
            sampled.add(new SampledQuestion(likeliest.get(q), samples.subList(begin, begin + settings.samples())));
        }
        return sampled;
    }

    private List<KeptRollout> kept(List<Rollout> graded) {
        List<Rollout> read = judgement
                .reader()
                .map(reader -> Grading.all(graded, reader, RewardRule.REFT))
                .orElse(graded);
        List<KeptRollout> kept = new ArrayList<>();
        for (int i = 0; i < graded.size(); i++) {
            kept.add(KeptRollout.sample(graded.get(i), read.get(i).grade().answer()));
        }
        return kept;
    }
}
