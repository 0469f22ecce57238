package org.reft4j.task.judge;

import java.time.Duration;
import java.util.List;

/** A model that turns texts into vectors. Implementations may be called from many threads at once and never throw for a bad text. */
@FunctionalInterface
public interface EmbeddingModel {
    /** @param timeout for all that it takes, attempts that failed included */
    Reply embed(List<String> texts, Duration timeout);

    /** Outcome of a request. */
    sealed interface Reply {
        /** One vector for each text, all of one length. */
        record Vectors(List<double[]> vectors) implements Reply {}

        /** No reply within the timeout. */
        record Silent(String reason) implements Reply {}

        /** The model could not be asked, or replied with something else. */
        record Broken(String reason) implements Reply {}
    }
}
