package org.reft4j.train.algorithm;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.generate.StopReason;
import org.reft4j.train.learn.Guards;
import org.reft4j.train.learn.Questioner;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.SampleParts;
import org.reft4j.train.settings.ModelSource;

/**
 * The samples of one round of offline self-training: every question's, stored part by part. What is stored already is not sampled again;
 * what is sampled is a function of the seed, the round, the question and the sample's number.
 */
final class RoundSamples {
    private final OfflineSelfTrainingSettings config;
    private final SelfTrainingRound round;
    private final Run run;
    private final SampleParts stored;
    private final List<List<Prompts.Start>> parts;
    private final Map<String, List<String>> right = new HashMap<>();
    private final SampleMetrics metrics = new SampleMetrics();
    private final long begin = System.nanoTime();
    private double readTokens;

    private RoundSamples(
            OfflineSelfTrainingSettings config, SelfTrainingRound round, Run run, List<List<Prompts.Start>> parts) {
        this.config = config;
        this.round = round;
        this.run = run;
        this.stored = SampleParts.open(round.folder(run));
        this.parts = parts;
    }

    /** Reads stored samples and samples the missing ones; empty if a stop was requested before all were there. */
    static Optional<RoundSamples> of(
            OfflineSelfTrainingSettings config,
            SelfTrainingRound round,
            Trainer trainer,
            Questioner questioner,
            Grading grading) {
        RoundSamples samples = new RoundSamples(config, round, trainer.run(), questioner.parts());
        int there = Math.min(samples.stored.parts(), samples.parts.size());
        for (int part = 0; part < there; part++) {
            samples.take(part);
        }
        samples.readTokens = samples.metrics.tokens();
        boolean complete = there == samples.parts.size() || samples.sample(there, trainer.setup(), questioner, grading);
        return complete ? Optional.of(samples) : Optional.empty();
    }

    /** From part {@code first} to the last; says whether it came to the end. */
    private boolean sample(int first, Setup setup, Questioner questioner, Grading grading) {
        Seeds seeds = new Seeds(config.seed());
        try (PolicyModel sampler = setup.sampler(source())) {
            for (int part = first; part < parts.size(); part++) {
                if (run.stopRequested()) {
                    return false;
                }
                long asked = (long) part * config.rollout().questions();
                List<Rollout> graded = questioner.ask(
                        sampler,
                        round.begin(),
                        parts.get(part),
                        (q, sample) -> seeds.key(Seeds.Purpose.SAMPLE, round.number(), asked + q, sample),
                        grading,
                        _ -> {});
                var _ = Guards.gradable(graded, config.guards().graderFailures(), round.begin());
                stored.write(part, questioner.records(round.begin(), graded));
                // Read back, so that it is the same whether or not the run was killed in between.
                take(part);
            }
        }
        return true;
    }

    private ModelSource source() {
        return round.sampler() == 0
                ? config.model()
                : new ModelSource(
                        round.model(run).toAbsolutePath().toString(),
                        null,
                        config.model().compute(),
                        config.model().device());
    }

    private void take(int part) {
        int each = config.rollout().samples();
        List<Prompts.Start> questions = parts.get(part);
        List<KeptRollout> samples = stored.read(part, questions.size() * each);
        for (int q = 0; q < questions.size(); q++) {
            List<KeptRollout> ofQuestion = samples.subList(q * each, (q + 1) * each);
            List<String> different = right(ofQuestion);
            right.put(questions.get(q).question().id(), different);
            metrics.add(ofQuestion, different.size());
        }
        run.emit(new RunEvent.RolledOut(round.begin(), samples));
        run.emit(new RunEvent.Progress(round.begin(), "sampling", part + 1L, parts.size(), "parts"));
    }

    /**
     * The different right chains of thought of one question, by their stripped text, in the order in which they were sampled. One that was
     * cut off has no end that could be learned.
     */
    static List<String> right(List<KeptRollout> samples) {
        return samples.stream()
                .filter(sample -> sample.right() && !isCutOff(sample))
                .map(sample -> sample.completion().strip())
                .filter(text -> !text.isEmpty())
                .distinct()
                .toList();
    }

    static boolean isCutOff(KeptRollout sample) {
        return sample.stop().equals(StopReason.LENGTH.label());
    }

    /** The right samples of each question that was asked, by its id. */
    Map<String, List<String>> right() {
        return right;
    }

    Map<String, Double> metrics() {
        return metrics.values();
    }

    /** Timings of this process, without samples of an earlier one. */
    Map<String, Double> timings() {
        double seconds = (System.nanoTime() - begin) / 1e9;
        double tokens = metrics.tokens() - readTokens;
        return Map.of("seconds", seconds, "sample-tokens-per-second", tokens / Math.max(1e-9, seconds));
    }
}
