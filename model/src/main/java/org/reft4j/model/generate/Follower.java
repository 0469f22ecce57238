package org.reft4j.model.generate;

import java.util.List;

/** Told of one draw of an {@link OpenBatch}, token by token, by the thread that samples. */
public interface Follower {
    /**
     * A token with its natural log-probability by the model's plain distribution.
     *
     * @param alternatives the likeliest tokens in its place, the likeliest first; empty unless {@link DrawOptions} asks for them
     */
    record Scored(int token, float logprob, List<Scored> alternatives) {
        public Scored {
            alternatives = List.copyOf(alternatives);
        }
    }

    /** False to leave the batch before the next token; {@link #finished} is not called then. */
    default boolean waits() {
        return true;
    }

    /** @param prompt scores of the prompt's tokens from the second on, if {@link DrawOptions#promptScores} */
    default void read(List<Scored> prompt) {}

    default void sampled(Scored token) {}

    void finished(Completion completion);
}
