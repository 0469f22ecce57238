package org.reft4j.train.learn;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.loss.TokenLoss;

/**
 * Sequences to learn from, by a loss over each of their tokens.
 *
 * @param forward true to compute without gradients
 */
public record Lesson(TokenLoss loss, TokenLoss.Numbers numbers, boolean forward, List<Example> examples) {
    public Lesson {
        examples = List.copyOf(examples);
    }

    /**
     * A sequence. The figures belong to its tokens from the second on.
     *
     * @param tokens two or more
     * @param weights of the tokens in the sum; 0 leaves one out
     * @param advantages and logprobs are zeros where the loss looks at neither
     */
    @SuppressWarnings("ArrayRecordComponent") // on their way to the engine, and never compared
    public record Example(int[] tokens, float[] weights, float[] advantages, float[] logprobs) {
        Row row() {
            Tokens all = Tokens.of(tokens);
            return new Row(all.slice(0, 1), all.slice(1, all.size()));
        }

        /** Number of tokens with figures. */
        public int size() {
            return tokens.length - 1;
        }
    }

    /**
     * Figures of a lesson.
     *
     * @param logprobs of each example's tokens from the second on
     * @param metrics by names that end in the way that parts of a batch are put together
     */
    public record Marks(List<float[]> logprobs, Map<String, Double> metrics) {}

    /** The rows of the examples. */
    public List<Row> rows() {
        return examples.stream().map(Example::row).toList();
    }

    /** The highest token, to be held against a vocabulary; negative if there are no tokens. */
    public int highest() {
        int highest = -1;
        for (Example example : examples) {
            for (int token : example.tokens()) {
                highest = Math.max(highest, token);
            }
        }
        return highest;
    }

    /** The number of tokens in the longest example. */
    public int longest() {
        return examples.stream().mapToInt(each -> each.tokens().length).max().orElse(0);
    }

    /** The loss of a name, or nothing. */
    public static @Nullable TokenLoss loss(String name) {
        for (TokenLoss each : TokenLoss.values()) {
            if (each.name().toLowerCase(java.util.Locale.ROOT).equals(name)) {
                return each;
            }
        }
        return null;
    }
}
