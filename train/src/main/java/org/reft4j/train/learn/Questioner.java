package org.reft4j.train.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Asker;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.GroupExperience;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.RolloutConfig;

/**
 * Puts the questions of a step to the policy. Which questions, in what order and with which random numbers is a function of the seed and
 * the step alone.
 */
public final class Questioner {
    private final Run run;
    private final RolloutConfig config;
    private final int minibatch;
    /** True for rollouts that know the supports of their tokens. */
    private final boolean supported;

    private final Prompts prompts;
    private final Seeds seeds;
    private final List<Prompts.Start> starts;
    private final RowLengths lengths;

    /** For recipes that learn from all that they keep of a step at once, and ask for no probability of the sampling. */
    public Questioner(Setup setup, RolloutConfig config, long seed, Run run) {
        this(setup, config, Math.clamp(config.rollouts(), 1, Integer.MAX_VALUE), false, seed, run);
    }

    /** @param minibatch rollouts that are learned from at once */
    public Questioner(Setup setup, RolloutConfig config, int minibatch, long seed, Run run) {
        this(setup, config, minibatch, true, seed, run);
    }

    private Questioner(Setup setup, RolloutConfig config, int minibatch, boolean supported, long seed, Run run) {
        this.run = run;
        this.supported = supported;
        this.config = config;
        this.minibatch = minibatch;
        this.prompts = setup.prompts();
        this.seeds = new Seeds(seed);
        prompts.requireRoom("rollout.max-prompt-tokens", config.maxPromptTokens());
        // In a short context, leaves room for the completion.
        int longest = Math.min(config.maxPromptTokens(), setup.rowTokens(config.maxTotalTokens()) - 1);
        List<Question> asked = setup.data().train().stream()
                .filter(question -> !prompts.shows(question))
                .toList();
        ConfigException.check(
                !asked.isEmpty(), "prompt", "one that shows every training question", "one that leaves some to ask");
        List<Prompts.Start> all = asked.stream()
                .map(question -> prompts.start(question.withoutRationale()))
                .toList();
        this.lengths =
                RowLengths.of(all.stream().map(start -> start.tokens().size()).toList(), longest);
        this.starts =
                all.stream().filter(start -> start.tokens().size() <= longest).toList();
        int left = asked.size() - starts.size();
        if (starts.isEmpty()) {
            throw new ConfigException("no training question fits into "
                    + (longest == config.maxPromptTokens() ? "rollout.max-prompt-tokens " : "the model's context: ")
                    + longest + " (" + left + " are longer)");
        }
        if (left > 0) {
            run.emit(new RunEvent.Warned(
                    0,
                    left + " training questions are longer than "
                            + (longest == config.maxPromptTokens()
                                    ? "rollout.max-prompt-tokens"
                                    : "the " + longest + " tokens that the model's context has room for")
                            + " and left out"));
        }
    }

    /** Lengths of the prompts of all training questions, those that are left out included. */
    public RowLengths lengths() {
        return lengths;
    }

    /** Questions in passes over all of them, each pass in its own order. */
    private List<Prompts.Start> chosen(long first, int count) {
        List<Prompts.Start> chosen = new ArrayList<>();
        int[] order = new int[0];
        for (int i = 0; i < count; i++) {
            long position = first + i;
            int within = (int) (position % starts.size());
            if (i == 0 || within == 0) {
                order = seeds.permutation(starts.size(), Seeds.Purpose.SHUFFLE, position / starts.size());
            }
            chosen.add(starts.get(order[within]));
        }
        return chosen;
    }

    /**
     * Samples and grades the step's completions, question by question.
     *
     * @param written gets the completions when all are sampled, while grading may still be going on
     */
    public List<Rollout> ask(PolicyModel policy, int step, Grading grading, Consumer<List<Rollout>> written) {
        return ask(policy, step, (long) (step - 1) * config.questions(), 0, config.questions(), grading, written);
    }

    /**
     * Samples and grades completions of some of a step's questions, question by question.
     *
     * @param first position of the first question in the passes over all questions
     * @param asked number of the step's questions that were asked before
     * @param count number of questions to ask
     */
    public List<Rollout> ask(
            PolicyModel policy,
            int step,
            long first,
            int asked,
            int count,
            Grading grading,
            Consumer<List<Rollout>> written) {
        return ask(
                policy,
                step,
                chosen(first, count),
                (q, sample) -> seeds.key(Seeds.Purpose.SAMPLE, step, asked + q, sample),
                grading,
                written);
    }

    /** All questions, each once and in their order, in groups that are sampled together. */
    public List<List<Prompts.Start>> parts() {
        List<List<Prompts.Start>> parts = new ArrayList<>();
        for (int from = 0; from < starts.size(); from += config.questions()) {
            parts.add(starts.subList(from, Math.min(starts.size(), from + config.questions())));
        }
        return parts;
    }

    /** Samples and grades the completions of given questions, question by question. */
    public List<Rollout> ask(
            PolicyModel policy,
            int step,
            List<Prompts.Start> chosen,
            Asker.Keys keys,
            Grading grading,
            Consumer<List<Rollout>> written) {
        SamplingConfig sampling =
                SamplingConfig.sampling(config.temperature(), config.topK(), config.topP(), config.maxTotalTokens());
        if (supported) {
            sampling = sampling.withSupports();
        }
        return Asker.of(policy.decoder(), prompts, config.batch())
                .ask(Asker.each(chosen, 0, config.samples(), keys), sampling, grading, new Asker.Listener() {
                    @Override
                    public void sampled(long tokens) {
                        run.emit(new RunEvent.Progress(step, "sampling", tokens, 0, "tokens"));
                    }

                    @Override
                    public void written(List<Rollout> rollouts) {
                        written.accept(rollouts);
                    }
                });
    }

    /** The rollouts of a step in a random order, cut into parts of about the configured size. */
    public List<int[]> minibatches(int rollouts, int step, int epoch) {
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

    /** The completions of a step as they are stored for people to read; with token figures for a random share. */
    public RunEvent record(int step, List<Rollout> graded, List<Rollout> paid, Experience experience) {
        return record(step, graded, paid, i -> {
            Experience.Entry measured = experience.entries().get(i);
            return trace(
                    paid.get(i), measured.logprobs(), measured.reference(), measured.values(), measured.whitened());
        });
    }

    /** The same without a critic, and perhaps without a reference; missing figures are NaN. */
    public RunEvent record(int step, List<Rollout> graded, GroupExperience experience) {
        List<Rollout> learned = experience.entries().stream()
                .map(GroupExperience.Entry::rollout)
                .toList();
        return record(step, graded, learned, i -> {
            GroupExperience.Entry measured = experience.entries().get(i);
            float[] logprobs = measured.logprobs();
            float @Nullable [] reference = measured.reference();
            float[] none = filled(logprobs.length, Float.NaN);
            float[] advantages = filled(logprobs.length, measured.advantage());
            return trace(learned.get(i), logprobs, reference == null ? none : reference, none, advantages);
        });
    }

    private RunEvent record(
            int step, List<Rollout> graded, List<Rollout> learned, IntFunction<List<KeptRollout.TokenTrace>> traces) {
        List<KeptRollout> records = new ArrayList<>();
        int entry = 0;
        for (Rollout rollout : graded) {
            int at = entry < learned.size() && learned.get(entry).equals(rollout) ? entry++ : -1;
            boolean traced =
                    (seeds.key(Seeds.Purpose.TRACE, step, records.size()) >>> 11) * 0x1.0p-53 < config.keepTraces();
            records.add(KeptRollout.of(step, rollout, traced && at >= 0 ? traces.apply(at) : null));
        }
        return new RunEvent.RolledOut(step, records);
    }

    /** Completions as they are stored without token figures. */
    public List<KeptRollout> records(int step, List<Rollout> graded) {
        return graded.stream()
                .map(rollout -> KeptRollout.of(step, rollout, null))
                .toList();
    }

    private List<KeptRollout.TokenTrace> trace(
            Rollout graded, float[] logprobs, float[] reference, float[] values, float[] advantages) {
        List<KeptRollout.TokenTrace> trace = new ArrayList<>();
        Tokens tokens = graded.completion().tokens();
        for (int t = 0; t < tokens.size(); t++) {
            String piece = prompts.tokenizer().piece(tokens.get(t));
            trace.add(new KeptRollout.TokenTrace(piece, logprobs[t], reference[t], values[t], advantages[t]));
        }
        return trace;
    }

    private static float[] filled(int length, float value) {
        float[] figures = new float[length];
        Arrays.fill(figures, value);
        return figures;
    }
}
