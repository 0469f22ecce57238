package org.reft4j.train.sample;

import java.util.List;
import java.util.stream.Stream;

/**
 * All that is stored of one question.
 *
 * @param greedy the greedy completion
 * @param samples in their order
 */
public record SampledQuestion(StoredSample greedy, List<StoredSample> samples) {
    public SampledQuestion {
        samples = List.copyOf(samples);
    }

    /** The greedy completion, then the samples: the order of the file. */
    public Stream<StoredSample> all() {
        return Stream.concat(Stream.of(greedy), samples.stream());
    }
}
