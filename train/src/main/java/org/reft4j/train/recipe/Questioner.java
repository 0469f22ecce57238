package org.reft4j.train.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;
import org.reft4j.train.recipe.ReftConfig.RolloutConfig;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.GradedRollout;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.RolloutRecord;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Puts the questions of a step to the policy. Which questions, in what order and with which random numbers is a function of the seed and
 * the step alone.
 */
final class Questioner {
    private final Run run;
    private final RolloutConfig config;
    private final int minibatch;
    private final Prompts prompts;
    private final Seeds seeds;
    private final List<Prompts.Start> starts;

    Questioner(Setup setup, ReftConfig config, Run run) {
        this(setup, config.rollout(), config.ppo().minibatch(), config.seed(), run);
    }

    /** For recipes that learn from all that they keep of a step at once. */
    Questioner(Setup setup, RolloutConfig config, long seed, Run run) {
        this(setup, config, config.questions() * config.samples(), seed, run);
    }

    private Questioner(Setup setup, RolloutConfig config, int minibatch, long seed, Run run) {
        this.run = run;
        this.config = config;
        this.minibatch = minibatch;
        this.prompts = setup.prompts();
        this.seeds = new Seeds(seed);
        prompts.requireRoom("rollout.max-prompt-tokens", config.maxPromptTokens());
        List<Question> asked = setup.data().train().stream()
                .filter(question -> !prompts.shows(question))
                .toList();
        ConfigException.check(
                !asked.isEmpty(), "prompt", "one that shows every training question", "one that leaves some to ask");
        this.starts = asked.stream()
                .map(question -> prompts.start(question.withoutRationale()))
                .filter(start -> start.tokens().size() <= config.maxPromptTokens())
                .toList();
        int left = asked.size() - starts.size();
        if (starts.isEmpty()) {
            throw new ConfigException("no training question fits into rollout.max-prompt-tokens "
                    + config.maxPromptTokens() + " (" + left + " are longer)");
        }
        if (left > 0) {
            run.emit(new RunEvent.Warned(
                    0, left + " training questions are longer than rollout.max-prompt-tokens and left out"));
        }
    }

    /** The step's questions: passes over all of them, each pass in its own order. */
    private List<Prompts.Start> chosen(int step) {
        List<Prompts.Start> chosen = new ArrayList<>();
        int[] order = new int[0];
        for (int i = 0; i < config.questions(); i++) {
            long position = (long) (step - 1) * config.questions() + i;
            int within = (int) (position % starts.size());
            if (i == 0 || within == 0) {
                order = seeds.permutation(starts.size(), Seeds.Purpose.SHUFFLE, position / starts.size());
            }
            chosen.add(starts.get(order[within]));
        }
        return chosen;
    }

    /**
     * Samples the step's completions, question by question.
     *
     * @param grading told of each as soon as it is complete
     */
    List<Rollout> sample(PolicyModel policy, int step, Grading grading) {
        return sample(
                policy, step, chosen(step), (q, sample) -> seeds.key(Seeds.Purpose.SAMPLE, step, q, sample), grading);
    }

    /** Where the random numbers of a completion come from. */
    @FunctionalInterface
    interface Keys {
        /**
         * @param question its number among those that are asked together
         * @param sample from 0
         */
        long of(int question, int sample);
    }

    /** All questions, each once and in their order, in parts that are asked together. */
    List<List<Prompts.Start>> parts() {
        List<List<Prompts.Start>> parts = new ArrayList<>();
        for (int from = 0; from < starts.size(); from += config.questions()) {
            parts.add(starts.subList(from, Math.min(starts.size(), from + config.questions())));
        }
        return parts;
    }

    /**
     * Samples the completions of given questions, question by question.
     *
     * @param grading told of each as soon as it is complete
     */
    List<Rollout> sample(PolicyModel policy, int step, List<Prompts.Start> chosen, Keys keys, Grading grading) {
        List<Sampler.Draw> draws = new ArrayList<>();
        for (int q = 0; q < chosen.size(); q++) {
            for (int sample = 0; sample < config.samples(); sample++) {
                draws.add(new Sampler.Draw(chosen.get(q).tokens(), keys.of(q, sample)));
            }
        }
        SamplingConfig sampling = SamplingConfig.sampling(
                        config.temperature(), config.topK(), config.topP(), config.maxTotalTokens())
                .withStop(prompts.form().stop());
        Rollout[] rollouts = new Rollout[draws.size()];
        new Sampler(policy.decoder(), prompts.endOfText(), config.batch())
                .with(prompts.tokenizer())
                .sample(draws, sampling, new Sampler.Listener() {
                    @Override
                    public void sampled(long done) {
                        run.emit(new RunEvent.Progress(step, "sampling", done, 0, "tokens"));
                    }

                    @Override
                    public void finished(int draw, Completion completion) {
                        Prompts.Start start = chosen.get(draw / config.samples());
                        rollouts[draw] = prompts.rollout(start, draw % config.samples(), completion);
                        grading.begin(rollouts[draw]);
                    }
                });
        return List.of(rollouts);
    }

    /** What is learned from: all, or with {@code mixed-only} the completions of questions that were not all paid alike. */
    List<GradedRollout> informative(List<GradedRollout> paid) {
        return config.mixedOnly() ? GradedRollout.mixed(paid) : paid;
    }

    /** The rollouts of a step in a random order, cut into parts of about the configured size. */
    List<int[]> minibatches(int rollouts, int step, int epoch) {
        int[] order = seeds.permutation(rollouts, Seeds.Purpose.MINIBATCH, step, epoch);
        int parts = Math.max(1, Math.round((float) rollouts / minibatch));
        List<int[]> minibatches = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            int from = Math.toIntExact((long) rollouts * part / parts);
            int to = Math.toIntExact((long) rollouts * (part + 1) / parts);
            minibatches.add(Arrays.copyOfRange(order, from, to));
        }
        return minibatches;
    }

    /** What is kept of a step for people to read; token figures for a random share. */
    RunEvent record(int step, List<GradedRollout> graded, List<GradedRollout> paid, Experience experience) {
        List<RolloutRecord> records = new ArrayList<>();
        int entry = 0;
        for (GradedRollout rollout : graded) {
            boolean learned = entry < paid.size() && paid.get(entry).equals(rollout);
            Experience.@Nullable Entry measured = learned ? experience.entries().get(entry++) : null;
            boolean traced =
                    (seeds.key(Seeds.Purpose.TRACE, step, records.size()) >>> 11) * 0x1.0p-53 < config.keepTraces();
            records.add(record(step, rollout, traced ? measured : null));
        }
        return new RunEvent.RolledOut(step, records);
    }

    /** What is kept of completions whose tokens nobody measured. */
    List<RolloutRecord> records(int step, List<GradedRollout> graded) {
        return graded.stream().map(rollout -> record(step, rollout, null)).toList();
    }

    private RolloutRecord record(int step, GradedRollout graded, Experience.@Nullable Entry measured) {
        Rollout rollout = graded.rollout();
        List<RolloutRecord.TokenTrace> trace = null;
        if (measured != null) {
            trace = new ArrayList<>();
            Tokens tokens = rollout.completion().tokens();
            float[] logprobs = measured.logprobs();
            float[] reference = measured.reference();
            float[] values = measured.values();
            float[] advantages = measured.whitened();
            for (int t = 0; t < tokens.size(); t++) {
                String piece = prompts.tokenizer().piece(tokens.get(t));
                trace.add(new RolloutRecord.TokenTrace(piece, logprobs[t], reference[t], values[t], advantages[t]));
            }
        }
        return new RolloutRecord(
                step,
                rollout.question().id(),
                rollout.sample(),
                rollout.question().text(),
                rollout.question().answer().raw(),
                rollout.text(),
                rollout.completion().tokens().size(),
                graded.grade().label(),
                graded.extracted(),
                graded.reward(),
                rollout.completion().stop().label(),
                Arrays.stream(rollout.completion().tokens().toArray()).boxed().toList(),
                trace);
    }
}
