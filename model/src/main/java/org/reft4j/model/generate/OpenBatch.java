package org.reft4j.model.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/**
 * Continuous batch that draws join at any time, each with its own settings and told of token by token. Rows that are finished leave it, and
 * those that wait take their places in the order in which they came. What a row says depends on its prompt, key and settings alone, up to
 * rounding. One thread at a time. Weights must not change while it holds rows.
 */
public final class OpenBatch implements AutoCloseable {
    /** Columns that a cache grows by. */
    private static final int AHEAD = 256;

    private final Decoder decoder;
    private final @Nullable Tokenizer tokenizer;
    private final EndTokens ends;
    private final Limits limits;
    private final Deque<DrawRow> waiting = new ArrayDeque<>();
    private List<DrawRow> rows = List.of();
    private @Nullable KvCache cache;

    /**
     * Size of a batch.
     *
     * @param rows decoded at once, at most
     * @param places that must be free before others move in: moving the cache costs about as much as a few steps of so many rows
     * @param ahead columns of the cache that are taken in advance, at most
     * @param cells rows times columns of the cache, at most; one row may always be longer
     */
    record Limits(int rows, int places, int ahead, long cells) {
        Limits {
            if (rows <= 0) {
                throw new IllegalArgumentException("batch is " + rows + "; expected a positive number");
            }
        }

        /** For draws that are all known at the beginning. */
        static Limits closed(int rows) {
            return new Limits(rows, Math.ceilDiv(rows, 4), Integer.MAX_VALUE, Long.MAX_VALUE);
        }
    }

    OpenBatch(Decoder decoder, @Nullable Tokenizer tokenizer, EndTokens ends, Limits limits) {
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.ends = ends;
        this.limits = limits;
    }

    /**
     * An empty batch.
     *
     * @param tokenizer looks for stop strings
     * @param ends a completion ends with any of them
     * @param rows decoded at once, at most
     * @param cells rows times columns of the cache, at most; one row may always be longer
     */
    public static OpenBatch of(Decoder decoder, Tokenizer tokenizer, EndTokens ends, int rows, long cells) {
        return new OpenBatch(decoder, tokenizer, ends, new Limits(rows, 1, AHEAD, cells));
    }

    /** Adds a draw. It gets its first token as soon as there is a place; a prompt that leaves no room is finished at once. */
    public void add(Sampler.Draw draw, SamplingConfig config, Follower follower) {
        if (!config.stop().isEmpty() && tokenizer == null) {
            throw new IllegalArgumentException("stop strings need a tokenizer");
        }
        add(new DrawRow(draw, config, follower, decoder.contextLength()));
    }

    void add(DrawRow row) {
        if (row.done()) {
            row.tell();
        } else {
            waiting.add(row);
        }
    }

    /** True if nobody waits for a token. */
    public boolean isIdle() {
        return waiting.isEmpty() && rows.stream().allMatch(DrawRow::done);
    }

    /** Draws in the batch, those that wait for a place among them. */
    public int size() {
        return waiting.size() + (int) rows.stream().filter(row -> !row.done()).count();
    }

    /**
     * Gives those that moved in their first token, or else every row its next one.
     *
     * @return number of tokens
     * @throws RuntimeException if the model fails; the batch can only be closed then
     */
    public int advance() {
        try (var _ = NativeScope.open()) {
            leave();
            List<DrawRow> fresh = due();
            if (!fresh.isEmpty()) {
                return begin(fresh);
            }
            KvCache mine = cache;
            if (mine == null) {
                return 0;
            }
            if (mine.length() == mine.capacity()) {
                mine.expandRows(IntStream.range(0, rows.size()).toArray(), mine.length() + Math.max(1, ahead(rows)));
            }
            // One copy to the device for both.
            Tensor known = known(rows);
            return draw(rows, next(known.select(0, 0), mine), known.select(0, 1));
        }
    }

    /** Lets finished rows go once they are a quarter of the batch: moving the cache costs about as much as a few steps of them. */
    private void leave() {
        waiting.forEach(DrawRow::checkWaits);
        waiting.removeIf(DrawRow::done);
        rows.forEach(DrawRow::checkWaits);
        KvCache mine = cache;
        if (mine == null) {
            return;
        }
        List<DrawRow> all = rows;
        int[] kept =
                IntStream.range(0, all.size()).filter(i -> !all.get(i).done()).toArray();
        if (kept.length == 0) {
            mine.close();
            cache = null;
            rows = List.of();
        } else if ((all.size() - kept.length) * 4 >= all.size()) {
            mine.keepRows(kept);
            rows = Arrays.stream(kept).mapToObj(all::get).toList();
        }
    }

    /** Rows that move in now. */
    private List<DrawRow> due() {
        int places = limits.rows() - rows.size();
        List<DrawRow> taken = new ArrayList<>();
        if (cache != null && places < limits.places()) {
            return taken;
        }
        long columns = rows.stream().mapToLong(this::columns).max().orElse(0);
        while (taken.size() < places && !waiting.isEmpty()) {
            int all = rows.size() + taken.size();
            columns = Math.max(columns, columns(waiting.getFirst()));
            if (all > 0 && (all + 1) * columns > limits.cells()) {
                break;
            }
            taken.add(waiting.removeFirst());
        }
        return taken;
    }

    private long columns(DrawRow row) {
        return (long) row.draw.prompt().size() + row.count() + Math.min(limits.ahead(), row.room - row.count());
    }

    private int begin(List<DrawRow> fresh) {
        KvCache their = admit(fresh);
        int drawn;
        try {
            drawn = draw(fresh, read(fresh, their), known(fresh).select(0, 1));
        } catch (RuntimeException | Error e) {
            their.close();
            throw e;
        }
        KvCache mine = cache;
        if (mine == null) {
            cache = their;
            rows = fresh;
        } else {
            rows = Stream.concat(rows.stream(), fresh.stream()).toList();
            try {
                mine.join(their, ahead(rows));
            } finally {
                their.close();
            }
        }
        return drawn;
    }

    /** Columns that rows may still fill, or some of them. */
    private int ahead(List<DrawRow> of) {
        int room = of.stream().mapToInt(row -> row.room - row.count()).max().orElseThrow();
        return Math.min(room, limits.ahead());
    }

    /** An empty cache for the prompts of some rows, each prompt once. */
    private KvCache admit(List<DrawRow> fresh) {
        List<Tokens> prompts = prompts(fresh);
        return decoder.cache(prompts.size(), width(prompts) + (prompts.size() == fresh.size() ? ahead(fresh) : 0));
    }

    private static List<Tokens> prompts(List<DrawRow> of) {
        return of.stream().map(row -> row.draw.prompt()).distinct().toList();
    }

    private static int width(List<Tokens> prompts) {
        return prompts.stream().mapToInt(Tokens::size).max().orElseThrow();
    }

    /** A device finds out too late that a token is not in the embedding, and cannot be used afterwards. */
    private void requireKnown(Tokens prompt) {
        for (int i = 0; i < prompt.size(); i++) {
            if (prompt.get(i) < 0 || prompt.get(i) >= decoder.vocabularySize()) {
                throw new IllegalArgumentException(
                        "token " + prompt.get(i) + " is not among the model's " + decoder.vocabularySize());
            }
        }
    }

    /** Sends the prompts through the model; the cache then holds a row for each draw. */
    private Tensor read(List<DrawRow> fresh, KvCache their) {
        List<Tokens> prompts = prompts(fresh);
        int width = width(prompts);
        long[] ids = new long[prompts.size() * width];
        int[] padding = new int[prompts.size()];
        for (int p = 0; p < prompts.size(); p++) {
            Tokens prompt = prompts.get(p);
            requireKnown(prompt);
            padding[p] = width - prompt.size();
            for (int i = 0; i < prompt.size(); i++) {
                ids[p * width + padding[p] + i] = prompt.get(i);
            }
        }
        their.padLeft(padding);
        Tensor hidden = decoder.hidden(Tensors.longs(decoder.place(), ids, prompts.size(), width), their);
        for (DrawRow row : fresh) {
            if (row.draw.options().promptScores()) {
                Tokens prompt = row.draw.prompt();
                int p = prompts.indexOf(prompt);
                Tensor own = hidden.select(0, p).narrow(0, padding[p], prompt.size());
                row.follower.read(
                        PromptScores.of(decoder, own, prompt, row.draw.options().alternatives()));
            }
        }
        Tensor logits = decoder.logits(hidden.select(1, width - 1L)); // [prompts, V]
        if (prompts.size() == fresh.size()) {
            return logits;
        }
        int[] source = fresh.stream()
                .mapToInt(row -> prompts.indexOf(row.draw.prompt()))
                .toArray();
        their.expandRows(source, width + ahead(fresh));
        return RowPicker.pick(source, logits).getFirst();
    }

    /**
     * The last token of each row, which is exact as a number below 2^24, and its uniform: float32 [2, B, 1]. A row without a token has any.
     */
    private Tensor known(List<DrawRow> of) {
        float[] figures = new float[2 * of.size()];
        for (int i = 0; i < of.size(); i++) {
            figures[i] = of.get(i).count() == 0 ? 0 : of.get(i).last();
            figures[of.size() + i] = of.get(i).uniform();
        }
        return Tensors.floats(decoder.place(), figures, 2, of.size(), 1);
    }

    /** @param last float32 [B, 1], the last token of each row */
    private Tensor next(Tensor last, KvCache mine) {
        Tensor hidden = decoder.hidden(last.to(DType.I64.scalarType()), mine);
        return decoder.logits(hidden.select(1, 0)); // [B, V]
    }

    /**
     * Gives each unfinished row a token; how many there were.
     *
     * @param uniforms float32 [B, 1]
     */
    private int draw(List<DrawRow> of, Tensor logits, Tensor uniforms) {
        int drawn = 0;
        for (RowPicker.Group group : RowPicker.groups(of, logits, uniforms)) {
            for (int i = 0; i < group.rows().size(); i++) {
                DrawRow row = group.rows().get(i);
                if (!row.done()) {
                    if (Float.isNaN(group.picked().logprob(i))) {
                        throw new IllegalStateException(
                                "the model's scores are not numbers; its weights have diverged or were not read right");
                    }
                    row.add(group.picked(), i, group.alternatives(i));
                    row.end(ends, tokenizer);
                    drawn++;
                }
            }
        }
        return drawn;
    }

    @Override
    public void close() {
        KvCache mine = cache;
        if (mine != null) {
            mine.close();
            cache = null;
        }
        rows = List.of();
        waiting.clear();
    }
}
