package org.reft4j.server.engine;

import java.util.List;

/** Progress of a {@link SampleRequest}. */
public sealed interface SampleEvent {
    /**
     * A token.
     *
     * @param text as a reader wants to see it
     * @param logprob natural log-probability by the model's plain distribution
     * @param top the likeliest tokens in its place
     */
    record TokenText(int id, String text, double logprob, List<TokenText> top) {
        public TokenText {
            top = List.copyOf(top);
        }
    }

    /**
     * The prompt was read.
     *
     * @param tokens its token ids
     * @param text as it was written; of tokens, their text
     * @param first its first token, which has no log-probability
     * @param scores of its tokens from the second on, where asked for
     */
    record Prompt(List<Integer> tokens, String text, String first, List<TokenText> scores) implements SampleEvent {}

    /**
     * More of a completion.
     *
     * @param text whole characters; nothing that may yet turn out to be a stop text
     * @param tokens those that the text is made of, where log-probabilities are asked for
     */
    record Text(int choice, String text, List<TokenText> tokens) implements SampleEvent {}

    /**
     * A completion is finished.
     *
     * @param reason {@code stop} or {@code length}
     * @param tokens ids of all tokens, the one that ends a text included
     * @param logprobs one for each of them
     */
    record Finish(int choice, String reason, List<Integer> tokens, List<Double> logprobs) implements SampleEvent {}

    /** All completions are finished. */
    record End() implements SampleEvent {}
}
