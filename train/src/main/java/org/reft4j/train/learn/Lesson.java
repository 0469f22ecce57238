package org.reft4j.train.learn;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.Place;
import org.reft4j.train.loss.TokenLoss;
import org.reft4j.train.loss.TokenLoss.Figure;

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
     * A sequence.
     *
     * @param tokens that are read, one or more
     * @param targets the token that is scored behind each of these, given all up to it; mostly the next one
     * @param weights of the targets in the sum; 0 leaves one out
     * @param figures of the targets
     */
    @SuppressWarnings("ArrayRecordComponent") // on their way to the engine, and never compared
    public record Example(int[] tokens, int[] targets, float[] weights, Map<Figure, float[]> figures) {
        public Example {
            figures = figures.isEmpty() ? Map.of() : new EnumMap<>(figures);
        }

        Row row() {
            int[] all = Arrays.copyOf(tokens, tokens.length + 1);
            all[tokens.length] = targets[tokens.length - 1];
            Tokens sequence = Tokens.of(all);
            return new Row(sequence.slice(0, 1), sequence.slice(1, sequence.size()));
        }

        /** Number of targets. */
        public int size() {
            return tokens.length;
        }
    }

    /**
     * Figures of a lesson.
     *
     * @param name of the scores: {@code logprobs}, or {@code values} where a critic learns
     * @param scores of each example's targets
     * @param metrics by names that end in the way that parts of a batch are put together
     */
    public record Marks(String name, List<float[]> scores, Map<String, Double> metrics) {}

    /** The examples as rows that are scored for their targets. */
    public Batch batch() {
        List<Row> rows = examples.stream().map(Example::row).toList();
        Batch plain = Batch.of(rows);
        return new Batch() {
            @Override
            public List<int[]> parts(Place place, int tokens) {
                return plain.parts(place, tokens);
            }

            @Override
            public List<Row> rows(int[] items) {
                return plain.rows(items);
            }

            @Override
            public Rows laid(Place place, int[] items) {
                long[] targets = Arrays.stream(items)
                        .mapToObj(examples::get)
                        .flatMapToLong(each -> Arrays.stream(each.targets()).asLongStream())
                        .toArray();
                return plain.laid(place, items).scoring(targets);
            }
        };
    }

    /** True if every example has what the loss needs; else there are scores alone. */
    public boolean complete() {
        return examples.stream().allMatch(each -> each.figures().keySet().containsAll(loss.needed()));
    }

    /** The highest token, to be held against a vocabulary; negative if there are no tokens. */
    public int highest() {
        int highest = -1;
        for (Example example : examples) {
            for (int i = 0; i < example.size(); i++) {
                highest = Math.max(highest, Math.max(example.tokens()[i], example.targets()[i]));
            }
        }
        return highest;
    }

    /** The number of tokens in the longest example, its last target among them. */
    public int longest() {
        return examples.stream().mapToInt(each -> each.size() + 1).max().orElse(0);
    }

    /** The loss of a name, or nothing. */
    public static @Nullable TokenLoss loss(String name) {
        for (TokenLoss each : TokenLoss.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                return each;
            }
        }
        return null;
    }
}
