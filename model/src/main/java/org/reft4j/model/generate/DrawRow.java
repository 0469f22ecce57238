package org.reft4j.model.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.schema.Constraint;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;

/** A draw in progress. */
final class DrawRow {
    final Sampler.Draw draw;
    final SamplingConfig config;
    final Follower follower;
    /** Tokens that may follow the prompt. */
    final int room;

    private int[] ids = new int[16];
    private float[] logprobs = new float[16];
    private float[] drawn = new float[16];
    private final List<TokenSet> supports = new ArrayList<>();
    private int count;
    private @Nullable StopReason stop;
    private Constraint.@Nullable State state;
    private boolean left;

    DrawRow(Sampler.Draw draw, SamplingConfig config, Follower follower, int contextLength) {
        this.draw = draw;
        this.config = config;
        this.follower = follower;
        this.state = draw.from();
        int total = Math.min(config.maxTotalTokens(), contextLength);
        this.room =
                Math.max(0, Math.min(config.maxTokens(), total - draw.prompt().size()));
        this.stop = room == 0 ? StopReason.PROMPT_TOO_LONG : null;
    }

    /** True if it gets no more tokens. */
    boolean done() {
        return stop != null || left;
    }

    /** Asks the follower if it still waits. */
    void checkWaits() {
        left = left || (stop == null && !follower.waits());
    }

    /** True if it may take any token. */
    boolean isFree() {
        return state == null || done();
    }

    /** The tokens that it may take next. */
    TokenSet allowed(int vocabulary) {
        Constraint.State here = state;
        return here == null || done() ? TokenSet.ALL : here.allowed(vocabulary);
    }

    int count() {
        return count;
    }

    int last() {
        return ids[count - 1];
    }

    Tokens tokens() {
        return Tokens.of(Arrays.copyOf(ids, count));
    }

    float uniform() {
        return TokenPicker.uniform(draw.key(), count);
    }

    /** Takes note of a token, and tells of it. */
    void add(TokenPicker.Picked picked, int number, List<Follower.Scored> alternatives) {
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
            logprobs = Arrays.copyOf(logprobs, 2 * count);
            drawn = Arrays.copyOf(drawn, 2 * count);
        }
        ids[count] = picked.token(number);
        logprobs[count] = picked.logprob(number);
        drawn[count++] = picked.drawnLogprob(number);
        picked.support(number).ifPresent(supports::add);
        Constraint.State before = state;
        if (before != null) {
            state = before.next(last());
        }
        follower.sampled(new Follower.Scored(last(), logprobs[count - 1], alternatives));
    }

    /** Ends the row if its last token does, and tells of it. */
    void end(EndTokens ends, @Nullable Tokenizer reader) {
        if (ends.hold(last()) || draw.options().ends().contains(last())) {
            stop = StopReason.END_OF_TEXT;
        } else if (reader != null && holdsStopString(reader)) {
            stop = StopReason.STOP_STRING;
        } else if (count == room) {
            stop = StopReason.LENGTH;
        }
        if (stop != null) {
            tell();
        }
    }

    /** Looks at the last tokens only: a character takes up to four tokens (UTF-8), and some tokens have no text. */
    private boolean holdsStopString(Tokenizer reader) {
        for (String text : config.stop()) {
            int from = Math.max(0, count - 4 * text.length() - 8);
            if (reader.decode(tokens().slice(from, count)).contains(text)) {
                return true;
            }
        }
        return false;
    }

    void tell() {
        follower.finished(completion());
    }

    private Completion completion() {
        if (stop == null) {
            throw new IllegalStateException("a row is not finished");
        }
        return new Completion(tokens(), stop, Arrays.copyOf(logprobs, count), Arrays.copyOf(drawn, count), supports);
    }

    /** The numbers that its penalties and biases add to logits, by token. */
    Map<Integer, Double> adjustments() {
        DrawOptions options = draw.options();
        Map<Integer, Double> added = new HashMap<>(options.bias());
        if (options.frequencyPenalty() != 0 || options.presencePenalty() != 0) {
            Map<Integer, Integer> counts = new HashMap<>();
            for (int i = 0; i < count; i++) {
                counts.merge(ids[i], 1, Integer::sum);
            }
            counts.forEach((id, times) ->
                    added.merge(id, -times * options.frequencyPenalty() - options.presencePenalty(), Double::sum));
        }
        return added;
    }
}
