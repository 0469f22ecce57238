package org.reft4j.train.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.DrawOptions;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;

/**
 * Asks a model questions: the one way from questions to graded rollouts, in training, sampling, measuring and labelling steps. A completion
 * is graded while others are still sampled. Its text depends on the model, the sampling, its prompt and its key alone, up to rounding.
 * Owns nothing that it is given; for one thread.
 */
public final class Asker {
    private final Writer writer;
    private final Prompts prompts;
    private final BooleanSupplier stop;

    public Asker(Writer writer, Prompts prompts) {
        this(writer, prompts, () -> false);
    }

    private Asker(Writer writer, Prompts prompts, BooleanSupplier stop) {
        this.writer = writer;
        this.prompts = prompts;
        this.stop = stop;
    }

    /** @param batch completions decoded at once */
    public static Asker of(Decoder decoder, Prompts prompts, int batch) {
        return new Asker(new Sampler(decoder, prompts.ends(), batch).with(prompts.tokenizer())::sample, prompts);
    }

    /** The same, but it throws {@link Stopped} as soon as a stop is requested; checked between tokens. */
    public Asker until(BooleanSupplier asked) {
        return new Asker(writer, prompts, asked);
    }

    /** Completes prompts: a {@link Sampler}, or a stand-in for one. */
    @FunctionalInterface
    public interface Writer {
        /** @return one completion for each draw, in their order */
        List<Completion> complete(List<Sampler.Draw> draws, SamplingConfig sampling, Sampler.Listener listener);
    }

    /**
     * One completion to be sampled.
     *
     * @param sample its number among the completions of its question
     * @param key the key of its random numbers
     */
    public record Wanted(Prompts.Start start, int sample, long key) {}

    /** Key of the random numbers of a completion. */
    @FunctionalInterface
    public interface Keys {
        /** Greedy completions draw no random number. */
        Keys NONE = (_, _) -> 0;

        /**
         * @param question its number among those that are sampled together
         * @param sample its number among the question's
         */
        long of(int question, int sample);
    }

    /** Told how it goes on, by the thread that asks. */
    @FunctionalInterface
    public interface Listener {
        /** Nobody listens. */
        Listener NONE = _ -> {};

        /** @param tokens sampled so far */
        void sampled(long tokens);

        /** All is sampled, and grades are still waited for. The rollouts have no grade yet. */
        default void written(List<Rollout> rollouts) {}
    }

    /** A stop was requested. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Samples {@code from}, …, {@code to - 1} of each question, question by question. */
    public static List<Wanted> each(List<Prompts.Start> starts, int from, int to, Keys keys) {
        List<Wanted> wanted = new ArrayList<>();
        for (int q = 0; q < starts.size(); q++) {
            for (int sample = from; sample < to; sample++) {
                wanted.add(new Wanted(starts.get(q), sample, keys.of(q, sample)));
            }
        }
        return wanted;
    }

    /**
     * Samples and grades completions.
     *
     * @param sampling sampling settings; the stop texts come from the prompts
     * @return the rollouts, in the order of {@code wanted}
     * @throws Stopped if a stop was requested; unfinished completions are dropped
     */
    public List<Rollout> ask(List<Wanted> wanted, SamplingConfig sampling, Grading grading, Listener listener) {
        try {
            List<Rollout> written = complete(wanted, sampling, listener, grading);
            listener.written(written);
            return grading.end(written);
        } catch (RuntimeException e) {
            grading.abandon();
            throw e;
        }
    }

    /** The same without grades. */
    public List<Rollout> write(List<Wanted> wanted, SamplingConfig sampling) {
        return complete(wanted, sampling, Listener.NONE, null);
    }

    private List<Rollout> complete(
            List<Wanted> wanted, SamplingConfig sampling, Listener listener, @Nullable Grading grading) {
        Rollout[] rollouts = new Rollout[wanted.size()];
        List<Sampler.Draw> draws = wanted.stream()
                .map(each -> new Sampler.Draw(
                        each.start().tokens(),
                        each.key(),
                        DrawOptions.NONE,
                        prompts.from(each.start().begun())))
                .toList();
        List<Completion> completions =
                writer.complete(draws, sampling.withStop(prompts.form().stop()), new Sampler.Listener() {
                    @Override
                    public void sampled(long done) {
                        if (stop.getAsBoolean()) {
                            throw new Stopped();
                        }
                        listener.sampled(done);
                    }

                    @Override
                    public void finished(int draw, Completion completion) {
                        rollouts[draw] = written(wanted.get(draw), completion, grading);
                    }
                });
        for (int draw = 0; draw < rollouts.length; draw++) {
            // Not every writer tells of each.
            if (rollouts[draw] == null) {
                rollouts[draw] = written(wanted.get(draw), completions.get(draw), grading);
            }
        }
        return List.of(rollouts);
    }

    private Rollout written(Wanted wanted, Completion completion, @Nullable Grading grading) {
        Rollout rollout = prompts.rollout(wanted.start(), wanted.sample(), completion);
        if (grading != null) {
            grading.begin(rollout, wanted.key());
        }
        return rollout;
    }
}
