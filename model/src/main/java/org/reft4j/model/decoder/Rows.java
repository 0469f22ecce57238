package org.reft4j.model.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.layers.SharedPrompt;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Batch of (prompt, completion) rows, laid out for one forward pass. Completions of one prompt follow it in one line, and do not see
 * each other: the prompt is computed once. On a device that holds for long prompts alone: the mask that it takes rules out the fastest
 * kernels. Lines are right padded to a common length {@code T}. The last token of a row predicts nothing
 * and is left out. Belongs to the scope that it was made in.
 *
 * @param tokens int64 [B, T]
 * @param positions int64 [N], where in the flattened [B * T] each completion token is predicted
 * @param targets int64 [N], the completion tokens, row after row
 * @param supports the tokens that each of them was drawn from, N entries or none: probabilities are over these alone
 * @param sharing the completions of each line, or {@code null} where no line has more than one: then the causal rule is all
 * @param highest the largest token id among prompts and completions
 */
public record Rows(
        Tensor tokens,
        Tensor positions,
        Tensor targets,
        List<TokenSet> supports,
        @Nullable SharedPrompt sharing,
        int highest) {
    /** Tokens of a prompt from which a device is better off with it computed once, and a mask. */
    private static final int LONG_PROMPT = 512;

    /**
     * One prompt with its completion. Both hold at least one token.
     *
     * @param supports the tokens that each one of the completion was drawn from; none where that is the whole vocabulary, or nobody
     *     asks for it, as in supervised training
     */
    public record Row(Tokens prompt, Tokens completion, List<TokenSet> supports) {
        public Row {
            if (prompt.isEmpty() || completion.isEmpty()) {
                throw new IllegalArgumentException("a row needs a prompt and a completion of at least one token each");
            }
            supports = List.copyOf(supports);
            if (!supports.isEmpty()) {
                checkSupports(completion, supports);
            }
        }

        public Row(Tokens prompt, Tokens completion) {
            this(prompt, completion, List.of());
        }

        private static void checkSupports(Tokens completion, List<TokenSet> supports) {
            if (supports.size() != completion.size()) {
                throw new IllegalArgumentException(supports.size() + " supports for " + completion.size() + " tokens");
            }
            for (int i = 0; i < supports.size(); i++) {
                if (!supports.get(i).contains(completion.get(i))) {
                    throw new IllegalArgumentException(
                            "token " + i + " of a completion is " + completion.get(i) + ", which its support lacks");
                }
            }
        }

        /** Tokens of both. */
        public int length() {
            return prompt.size() + completion.size();
        }
    }

    /** Lays rows out at a place; those of equal prompts share a line. Padding is token 0, whose hidden states nobody reads. */
    public static Rows of(Place place, List<Row> rows) {
        List<List<Integer>> lines = lines(place, rows, Integer.MAX_VALUE);
        int width = lines.stream().mapToInt(line -> width(rows, line)).max().orElseThrow();
        Layout layout = new Layout(rows, lines.size(), width);
        for (int i = 0; i < lines.size(); i++) {
            layout.line(i, lines.get(i));
        }
        return layout.rows(place, lines.size() < rows.size());
    }

    /** The same rows, scored for other tokens in the places of their completions' own; these stay what is read. */
    public Rows scoring(long[] others) {
        if (others.length != targets.size(0)) {
            throw new IllegalArgumentException(others.length + " tokens for " + targets.size(0) + " places");
        }
        int most = (int) Math.max(highest, Arrays.stream(others).max().orElse(0));
        return new Rows(
                tokens, positions, Tensors.longs(Place.of(tokens), others, others.length), supports, sharing, most);
    }

    /**
     * Cuts rows into micro-batches of like length, so that little is padding.
     *
     * @param place where they will be laid out
     * @param tokenBudget at most this many tokens a group, padding included; a longer row stands alone
     * @return the rows' numbers, group by group
     */
    public static List<int[]> groups(Place place, List<Row> rows, int tokenBudget) {
        List<List<Integer>> lines = new ArrayList<>(lines(place, rows, tokenBudget));
        lines.sort(Comparator.comparingInt((List<Integer> line) -> -width(rows, line)));
        List<int[]> groups = new ArrayList<>();
        for (int from = 0; from < lines.size(); ) {
            int size = Math.max(1, tokenBudget / Math.max(1, width(rows, lines.get(from))));
            int to = Math.min(lines.size(), from + size);
            groups.add(lines.subList(from, to).stream()
                    .flatMap(List::stream)
                    .mapToInt(i -> i)
                    .toArray());
            from = to;
        }
        return groups;
    }

    /** The numbers of rows that share a line: of one prompt, as many as fit into a number of tokens, and at least one. */
    private static List<List<Integer>> lines(Place place, List<Row> rows, int tokens) {
        Map<Tokens, List<Integer>> open = new LinkedHashMap<>();
        List<List<Integer>> lines = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Tokens prompt = rows.get(i).prompt();
            List<Integer> line = place.isHost() || prompt.size() >= LONG_PROMPT ? open.get(prompt) : null;
            int more = rows.get(i).completion().size() - 1;
            if (line == null || (long) width(rows, line) + more > tokens) {
                line = new ArrayList<>();
                lines.add(line);
                open.put(prompt, line);
            }
            line.add(i);
        }
        return lines;
    }

    /** Tokens of a line. */
    private static int width(List<Row> rows, List<Integer> line) {
        int width = rows.get(line.getFirst()).prompt().size();
        for (int i : line) {
            width += rows.get(i).completion().size() - 1;
        }
        return width;
    }

    /** Lines while they are written. */
    private static final class Layout {
        private final List<Row> rows;
        private final int lines;
        private final int width;
        private final long[] tokens;
        private final long[] places;
        private final long[] segments;
        private final long[][] predicted;
        private int end = 1;

        Layout(List<Row> rows, int lines, int width) {
            this.rows = rows;
            this.lines = lines;
            this.width = width;
            tokens = new long[lines * width];
            places = new long[lines * width];
            segments = new long[lines * width];
            predicted = new long[rows.size()][];
        }

        void line(int number, List<Integer> line) {
            int start = number * width;
            Tokens prompt = rows.get(line.getFirst()).prompt();
            for (int i = 0; i < prompt.size(); i++) {
                tokens[start + i] = prompt.get(i);
                places[start + i] = i;
            }
            int at = start + prompt.size();
            for (int segment = 1; segment <= line.size(); segment++) {
                int row = line.get(segment - 1);
                Tokens completion = rows.get(row).completion();
                long[] from = new long[completion.size()];
                from[0] = start + prompt.size() - 1L;
                for (int i = 0; i + 1 < completion.size(); i++) {
                    tokens[at] = completion.get(i);
                    places[at] = prompt.size() + (long) i;
                    segments[at] = segment;
                    from[i + 1] = at++;
                }
                predicted[row] = from;
                end = Math.max(end, rows.get(row).length() - 1); // the last token is not read
            }
        }

        private static long highest(long[] ids) {
            return Arrays.stream(ids).max().orElse(0);
        }

        /** Supports, one for each completion token, or none if no row has any. */
        private List<TokenSet> supports() {
            if (rows.stream().allMatch(row -> row.supports().isEmpty())) {
                return List.of();
            }
            return rows.stream()
                    .flatMap(row -> row.supports().isEmpty()
                            ? Collections.nCopies(row.completion().size(), TokenSet.ALL).stream()
                            : row.supports().stream())
                    .toList();
        }

        Rows rows(Place place, boolean shared) {
            long[] positions =
                    Arrays.stream(predicted).flatMapToLong(Arrays::stream).toArray();
            long[] targets = rows.stream()
                    .flatMapToLong(
                            row -> Arrays.stream(row.completion().toArray()).asLongStream())
                    .toArray();
            SharedPrompt sharing = shared
                    ? new SharedPrompt(
                            Tensors.longs(place, places, lines, width),
                            Tensors.longs(place, segments, lines, width),
                            end)
                    : null;
            return new Rows(
                    Tensors.longs(place, tokens, lines, width),
                    Tensors.longs(place, positions, positions.length),
                    Tensors.longs(place, targets, targets.length),
                    supports(),
                    sharing,
                    (int) Math.max(highest(tokens), highest(targets)));
        }
    }
}
