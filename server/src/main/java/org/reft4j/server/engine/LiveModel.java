package org.reft4j.server.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.OpenBatch;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.train.learn.Learner;

/**
 * A base or one of the adapters on it, with what is asked of it in the order of asking. Draws sample together; a change of the weights waits
 * for those before it, and those after it wait for the change. For the engine's thread alone.
 */
final class LiveModel implements AutoCloseable {
    private final SharedModel base;
    private AdaptedDecoder decoder;
    private @Nullable Learner learner;
    private long bytes;
    private final Deque<Operation> queue = new ArrayDeque<>();
    private final Set<Guest> guests = new LinkedHashSet<>();
    private OpenBatch batch;
    private long lastUsed;

    private sealed interface Operation {}

    private record Sampling(List<Sampler.Draw> draws, SamplingConfig config, List<? extends Answer> answers)
            implements Operation {}

    private record Change(Runnable work, Consumer<RuntimeException> failed) implements Operation {}

    /** @param learner owns the decoder, if there is one */
    LiveModel(SharedModel base, AdaptedDecoder decoder, @Nullable Learner learner) {
        this.base = base;
        this.decoder = decoder;
        this.learner = learner;
        this.bytes = Adapters.active(decoder)
                        .map(adapter -> adapter.parameters().stream()
                                .mapToLong(parameter -> parameter.value().numel() * Float.BYTES)
                                .sum())
                        .orElse(0L)
                // Gradients and two moments beside the weights.
                * (learner == null ? 1 : 4);
        this.batch = base.batch(decoder);
        touch();
    }

    SharedModel base() {
        return base;
    }

    AdaptedDecoder decoder() {
        return decoder;
    }

    Learner learner() {
        if (learner == null) {
            throw new IllegalStateException("this model does not learn");
        }
        return learner;
    }

    boolean learns() {
        return learner != null;
    }

    /** Bytes besides the base. */
    long bytes() {
        return bytes;
    }

    long lastUsed() {
        return lastUsed;
    }

    private void touch() {
        lastUsed = System.nanoTime();
    }

    /** Draws of one request: those of one prompt move in together, so that it is read once. */
    void ask(List<Sampler.Draw> draws, SamplingConfig config, List<? extends Answer> answers) {
        queue.add(new Sampling(draws, config, answers));
        admit();
    }

    /** @param failed told if the work will never be done */
    void change(Runnable work, Consumer<RuntimeException> failed) {
        queue.add(new Change(work, failed));
    }

    /** Takes the place of its own weights by those of another model, which is part of this one from now on. For a change to do. */
    void become(LiveModel other) {
        close();
        decoder = other.decoder;
        learner = other.learner;
        bytes = other.bytes;
        batch = other.batch;
    }

    private void admit() {
        while (queue.peek() instanceof Sampling sampling) {
            queue.remove();
            for (int i = 0; i < sampling.draws().size(); i++) {
                Guest guest = new Guest(sampling.answers().get(i));
                guests.add(guest);
                batch.add(sampling.draws().get(i), sampling.config(), guest);
            }
        }
    }

    boolean samples() {
        return !batch.isIdle();
    }

    /** True if a change of the weights can be made now. */
    boolean changes() {
        return batch.isIdle() && queue.peek() instanceof Change;
    }

    boolean isIdle() {
        return queue.isEmpty() && batch.isIdle();
    }

    /** Makes the change that waits. */
    void change() {
        if (queue.remove() instanceof Change change) {
            change.work().run();
        }
        touch();
        admit();
    }

    /** Gives every row a token. What fails, fails for all of them. */
    void advance() {
        try {
            int _ = batch.advance();
        } catch (RuntimeException | OutOfMemoryError e) {
            batch.close();
            batch = base.batch(decoder);
            RuntimeException why = e instanceof RuntimeException known ? known : new IllegalStateException(e);
            List<Guest> failed = List.copyOf(guests);
            guests.clear();
            failed.forEach(guest -> guest.answer.failed(why));
        }
        if (batch.isIdle()) {
            // Those who left without a word.
            guests.clear();
        }
        touch();
        admit();
    }

    /** Fails all that waits. */
    void fail(RuntimeException why) {
        guests.forEach(guest -> guest.answer.failed(why));
        guests.clear();
        for (Operation operation : queue) {
            switch (operation) {
                case Sampling sampling -> sampling.answers().forEach(answer -> answer.failed(why));
                case Change change -> change.failed().accept(why);
            }
        }
        queue.clear();
    }

    @Override
    public void close() {
        batch.close();
        if (learner != null) {
            learner.close();
        } else if (decoder != base.decoder()) {
            decoder.close();
        }
    }

    /** An answer that is taken off the list once it is finished. */
    private final class Guest implements Answer {
        private final Answer answer;

        Guest(Answer answer) {
            this.answer = answer;
        }

        @Override
        public boolean waits() {
            return answer.waits();
        }

        @Override
        public void read(List<Scored> prompt) {
            answer.read(prompt);
        }

        @Override
        public void sampled(Scored token) {
            answer.sampled(token);
        }

        @Override
        public void finished(Completion completion) {
            guests.remove(this);
            answer.finished(completion);
        }

        @Override
        public void failed(RuntimeException why) {
            answer.failed(why);
        }
    }
}
