package org.reft4j.model.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Packing;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.FreedMemory;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/**
 * Sampler of completions, many prompts at a time. Prompts that are asked several times go through the model once; rows that are finished leave
 * the batch, and others take their places. What a row says depends on its prompt and key alone, up to rounding. One thread at a time; nothing native outlives a call.
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
     */
    public record Draw(Tokens prompt, long key) {
        public Draw {
            if (prompt.isEmpty()) {
                throw new IllegalArgumentException("a prompt needs at least one token");
            }
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
        List<Row> rows = new ArrayList<>();
        for (Draw draw : draws) {
            rows.add(new Row(rows.size(), draw, room(draw, config)));
        }
        rows.stream().filter(row -> row.stop != null).forEach(row -> row.tell(listener));
        try (var _ = Packing.of(decoder, Math.min(maxBatch, rows.size()))) {
            complete(ordered(rows), config, listener);
        }
        FreedMemory.giveBack(); // caches of every length
        return rows.stream().map(Row::completion).toList();
    }

    /** Number of tokens that may follow the prompt. */
    private int room(Draw draw, SamplingConfig config) {
        int total = Math.min(config.maxTotalTokens(), decoder.contextLength());
        return Math.max(0, Math.min(config.maxTokens(), total - draw.prompt().size()));
    }

    /** Equal prompts side by side, then prompts of like length: little padding, and each prompt computed once. */
    private static Deque<Row> ordered(List<Row> rows) {
        Map<Tokens, List<Row>> byPrompt = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.room > 0) {
                byPrompt.computeIfAbsent(row.draw.prompt(), _ -> new ArrayList<>())
                        .add(row);
            }
        }
        return byPrompt.values().stream()
                .sorted(Comparator.comparingInt(
                        (List<Row> same) -> -same.getFirst().draw.prompt().size()))
                .flatMap(List::stream)
                .collect(Collectors.toCollection(ArrayDeque::new));
    }

    /**
     * Continuous batching: places that finished rows have left go to those that wait, once a quarter of the batch is free, since moving
     * the cache costs about as much as a few steps of so many rows.
     */
    private void complete(Deque<Row> waiting, SamplingConfig config, Listener listener) {
        List<Row> rows = List.of();
        @Nullable KvCache cache = null;
        long done = 0;
        try {
            while (true) {
                try (var _ = NativeScope.open()) {
                    if (cache != null) {
                        rows = withoutFinished(rows, cache);
                    }
                    if (cache != null && rows.isEmpty()) {
                        cache.close();
                        cache = null;
                    }
                    int places = maxBatch - rows.size();
                    if (!waiting.isEmpty() && (cache == null || 4L * places >= maxBatch)) {
                        List<Row> fresh = first(waiting, places);
                        KvCache their = admit(fresh);
                        try {
                            done += draw(fresh, read(fresh, their), config, listener);
                            listener.sampled(done);
                        } catch (RuntimeException | Error e) {
                            their.close();
                            throw e;
                        }
                        if (cache == null) {
                            cache = their;
                            rows = fresh;
                        } else {
                            rows = Stream.concat(rows.stream(), fresh.stream()).toList();
                            try {
                                cache.join(their, room(rows));
                            } finally {
                                their.close();
                            }
                        }
                    } else if (cache != null) {
                        done += draw(rows, next(rows, cache), config, listener);
                        listener.sampled(done);
                    } else {
                        return;
                    }
                }
            }
        } finally {
            if (cache != null) {
                cache.close();
            }
        }
    }

    private static List<Row> first(Deque<Row> waiting, int count) {
        List<Row> taken = new ArrayList<>();
        while (taken.size() < count && !waiting.isEmpty()) {
            taken.add(waiting.removeFirst());
        }
        return taken;
    }

    /** Columns that rows may still fill. */
    private static int room(List<Row> rows) {
        return rows.stream().mapToInt(row -> row.room - row.count).max().orElseThrow();
    }

    /** An empty cache for the prompts of some rows, each prompt once. */
    private KvCache admit(List<Row> rows) {
        List<Tokens> prompts = prompts(rows);
        return decoder.cache(prompts.size(), width(prompts) + (prompts.size() == rows.size() ? room(rows) : 0));
    }

    private static List<Tokens> prompts(List<Row> rows) {
        return rows.stream().map(row -> row.draw.prompt()).distinct().toList();
    }

    private static int width(List<Tokens> prompts) {
        return prompts.stream().mapToInt(Tokens::size).max().orElseThrow();
    }

    /** Sends the prompts through the model; the cache then holds a row for each draw. */
    private Tensor read(List<Row> rows, KvCache cache) {
        List<Tokens> prompts = prompts(rows);
        int width = width(prompts);
        long[] ids = new long[prompts.size() * width];
        int[] padding = new int[prompts.size()];
        for (int p = 0; p < prompts.size(); p++) {
            Tokens prompt = prompts.get(p);
            padding[p] = width - prompt.size();
            for (int i = 0; i < prompt.size(); i++) {
                ids[p * width + padding[p] + i] = prompt.get(i);
            }
        }
        cache.padLeft(padding);
        Tensor hidden = decoder.hidden(Tensors.longs(ids, prompts.size(), width), cache);
        Tensor logits = decoder.logits(hidden.select(1, width - 1L)); // [prompts, V]
        if (prompts.size() == rows.size()) {
            return logits;
        }
        int[] source = rows.stream()
                .mapToInt(row -> prompts.indexOf(row.draw.prompt()))
                .toArray();
        cache.expandRows(source, width + room(rows));
        long[] index = Arrays.stream(source).asLongStream().toArray();
        return logits.index_select(0, Tensors.longs(index, index.length));
    }

    private Tensor next(List<Row> rows, KvCache cache) {
        long[] ids = rows.stream().mapToLong(Row::last).toArray();
        Tensor hidden = decoder.hidden(Tensors.longs(ids, ids.length, 1), cache);
        return decoder.logits(hidden.select(1, 0)); // [B, V]
    }

    /** Gives each unfinished row a token; how many there were. */
    private int draw(List<Row> rows, Tensor logits, SamplingConfig config, Listener listener) {
        float[] uniforms = new float[rows.size()];
        for (int i = 0; i < uniforms.length; i++) {
            uniforms[i] = TokenPicker.uniform(rows.get(i).draw.key(), rows.get(i).count);
        }
        TokenPicker.Picked picked = TokenPicker.pick(logits, config, uniforms);
        int drawn = 0;
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (row.stop == null) {
                if (Float.isNaN(picked.logprob(i))) {
                    throw new IllegalStateException(
                            "the model's scores are not numbers; its weights have diverged or were not read right");
                }
                row.add(picked, i);
                row.stop = stop(row, config);
                drawn++;
                if (row.stop != null) {
                    row.tell(listener);
                }
            }
        }
        return drawn;
    }

    private @Nullable StopReason stop(Row row, SamplingConfig config) {
        if (ends.hold(row.last())) {
            return StopReason.END_OF_TEXT;
        }
        Tokenizer reader = tokenizer;
        if (reader != null && holdsStopString(row, config, reader)) {
            return StopReason.STOP_STRING;
        }
        return row.count == row.room ? StopReason.LENGTH : null;
    }

    /** Looks at the last tokens only: a character takes up to four tokens (UTF-8), and some tokens have no text. */
    private static boolean holdsStopString(Row row, SamplingConfig config, Tokenizer reader) {
        for (String text : config.stop()) {
            int from = Math.max(0, row.count - 4 * text.length() - 8);
            if (reader.decode(row.tokens().slice(from, row.count)).contains(text)) {
                return true;
            }
        }
        return false;
    }

    /** Lets finished rows go once they are a quarter of the batch: moving the cache costs about as much as a few steps of them. */
    private static List<Row> withoutFinished(List<Row> rows, KvCache cache) {
        int[] kept = new int[rows.size()];
        int count = 0;
        for (int i = 0; i < kept.length; i++) {
            if (rows.get(i).stop == null) {
                kept[count++] = i;
            }
        }
        if (count == 0) {
            return List.of();
        }
        if ((rows.size() - count) * 4 < rows.size()) {
            return rows;
        }
        kept = Arrays.copyOf(kept, count);
        cache.keepRows(kept);
        return Arrays.stream(kept).mapToObj(rows::get).toList();
    }

    /** A draw in progress. */
    private static final class Row {
        private final int number;
        private final Draw draw;
        private final int room;
        private int[] ids = new int[16];
        private float[] logprobs = new float[16];
        private float[] drawn = new float[16];
        private final List<TokenSet> supports = new ArrayList<>();
        private int count;
        private @Nullable StopReason stop;

        Row(int number, Draw draw, int room) {
            this.number = number;
            this.draw = draw;
            this.room = room;
            this.stop = room == 0 ? StopReason.PROMPT_TOO_LONG : null;
        }

        /** @param number of the row among those for which a token was picked */
        void add(TokenPicker.Picked picked, int number) {
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, 2 * count);
                logprobs = Arrays.copyOf(logprobs, 2 * count);
                drawn = Arrays.copyOf(drawn, 2 * count);
            }
            ids[count] = picked.token(number);
            logprobs[count] = picked.logprob(number);
            drawn[count++] = picked.drawnLogprob(number);
            picked.support(number).ifPresent(supports::add);
        }

        int last() {
            return ids[count - 1];
        }

        Tokens tokens() {
            return Tokens.of(Arrays.copyOf(ids, count));
        }

        void tell(Listener listener) {
            listener.finished(number, completion());
        }

        Completion completion() {
            if (stop == null) {
                throw new IllegalStateException("a row is not finished");
            }
            return new Completion(
                    tokens(), stop, Arrays.copyOf(logprobs, count), Arrays.copyOf(drawn, count), supports);
        }
    }
}
