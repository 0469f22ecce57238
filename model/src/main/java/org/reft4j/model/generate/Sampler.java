package org.reft4j.model.generate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Packing;
import org.reft4j.model.schema.Constraint;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.FreedMemory;

/**
 * Sampler of completions, many prompts at a time. Prompts that are asked several times go through the model once; rows that are finished leave
 * the batch, and others take their places ({@link OpenBatch}). What a row says depends on its prompt and key alone, up to rounding. One thread at a time; nothing native outlives a call.
 */
public final class Sampler {
    private final Decoder decoder;
    private final @Nullable Tokenizer tokenizer;
    private final EndTokens ends;
    private final int maxBatch;

    /**
     * @param ends a completion ends with any of them
     * @param maxBatch rows decoded at once
     */
    public Sampler(Decoder decoder, EndTokens ends, int maxBatch) {
        this(decoder, null, ends, maxBatch);
    }

    /** @param endOfText the one token that ends a completion; negative for none */
    public Sampler(Decoder decoder, int endOfText, int maxBatch) {
        this(decoder, EndTokens.of(endOfText), maxBatch);
    }

    private Sampler(Decoder decoder, @Nullable Tokenizer tokenizer, EndTokens ends, int maxBatch) {
        if (maxBatch <= 0) {
            throw new IllegalArgumentException("batch is " + maxBatch + "; expected a positive number");
        }
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.ends = ends;
        this.maxBatch = maxBatch;
    }

    /**
     * One completion that is wanted.
     *
     * @param prompt at least one token
     * @param key where its randomness comes from; draws of one prompt with different keys are independent
     * @param from the state of the constraint from which the completion goes on; {@code null} if it may say anything
     */
    public record Draw(Tokens prompt, long key, DrawOptions options, Constraint.@Nullable State from) {
        // Spelled out: in the class file of the short form, the mark of what may be null is lost to other modules.
        public Draw(Tokens prompt, long key, DrawOptions options, Constraint.@Nullable State from) {
            if (prompt.isEmpty()) {
                throw new IllegalArgumentException("a prompt needs at least one token");
            }
            this.prompt = prompt;
            this.key = key;
            this.options = options;
            this.from = from;
        }

        /** A completion that may say anything. */
        public Draw(Tokens prompt, long key, DrawOptions options) {
            this(prompt, key, options, null);
        }

        /** The same without wishes. */
        public Draw(Tokens prompt, long key) {
            this(prompt, key, DrawOptions.NONE);
        }
    }

    /** Told how sampling goes on, by the thread that samples. */
    public interface Listener {
        /** Nobody listens. */
        Listener NONE = done -> {};

        /** @param done tokens sampled so far, by all draws */
        void sampled(long done);

        /**
         * A draw is complete, while others go on.
         *
         * @param draw its number in the list
         */
        default void finished(int draw, Completion completion) {}
    }

    /** The same sampler, which can look for stop strings. */
    public Sampler with(Tokenizer reader) {
        return new Sampler(decoder, reader, ends, maxBatch);
    }

    /** One call for {@code new Sampler(decoder, ends, maxBatch).with(tokenizer).sample(draws, config)}. */
    public static List<Completion> sample(
            Decoder decoder,
            List<Draw> draws,
            SamplingConfig config,
            Tokenizer tokenizer,
            EndTokens ends,
            int maxBatch) {
        return new Sampler(decoder, tokenizer, ends, maxBatch).sample(draws, config, Listener.NONE);
    }

    public List<Completion> sample(List<Draw> draws, SamplingConfig config) {
        return sample(draws, config, Listener.NONE);
    }

    /**
     * Completes every draw.
     *
     * @return in the order of the draws
     */
    public List<Completion> sample(List<Draw> draws, SamplingConfig config, Listener listener) {
        if (!config.stop().isEmpty() && tokenizer == null) {
            throw new IllegalArgumentException("stop strings need a tokenizer");
        }
        Completion[] completions = new Completion[draws.size()];
        List<DrawRow> rows = new ArrayList<>();
        for (Draw draw : draws) {
            int number = rows.size();
            Follower follower = completion -> {
                completions[number] = completion;
                listener.finished(number, completion);
            };
            rows.add(new DrawRow(draw, config, follower, decoder.contextLength()));
        }
        rows.stream().filter(DrawRow::done).forEach(DrawRow::tell);
        try (var _ = Packing.of(decoder, Math.min(maxBatch, rows.size()));
                OpenBatch batch = new OpenBatch(decoder, tokenizer, ends, OpenBatch.Limits.closed(maxBatch))) {
            ordered(rows).forEach(batch::add);
            long done = 0;
            while (!batch.isIdle()) {
                done += batch.advance();
                listener.sampled(done);
            }
        }
        FreedMemory.giveBack(decoder.place()); // caches of every length
        return List.of(completions);
    }

    /** Equal prompts side by side, then prompts of like length: little padding, and each prompt computed once. */
    private static List<DrawRow> ordered(List<DrawRow> rows) {
        Map<Tokens, List<DrawRow>> byPrompt = new LinkedHashMap<>();
        for (DrawRow row : rows) {
            if (!row.done()) {
                byPrompt.computeIfAbsent(row.draw.prompt(), _ -> new ArrayList<>())
                        .add(row);
            }
        }
        return byPrompt.values().stream()
                .sorted(Comparator.comparingInt(
                        (List<DrawRow> same) -> -same.getFirst().draw.prompt().size()))
                .flatMap(List::stream)
                .toList();
    }
}
