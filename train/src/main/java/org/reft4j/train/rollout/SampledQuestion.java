package org.reft4j.train.rollout;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * All completions of one question in a folder of samples.
 *
 * @param greedy the greedy completion
 * @param samples in their order
 */
public record SampledQuestion(KeptRollout greedy, List<KeptRollout> samples) {
    public SampledQuestion {
        samples = List.copyOf(samples);
    }

    /** The greedy completion, then the samples: the order of the file. */
    public Stream<KeptRollout> all() {
        return Stream.concat(Stream.of(greedy), samples.stream());
    }

    /** Kind of the question's answer. */
    public AnswerKind kind() {
        return Objects.requireNonNull(greedy.kind(), "a folder of samples keeps it");
    }
}
