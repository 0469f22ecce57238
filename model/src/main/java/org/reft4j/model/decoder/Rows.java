package org.reft4j.model.decoder;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.Tensors;

/**
 * Some rows of (prompt, completion), ready to be scored in one pass: right padded to a common length {@code T}, which under the causal
 * rule needs no mask. The last token of a row predicts nothing and is left out. Belongs to the scope that it was made in.
 *
 * @param tokens int64 [B, T]
 * @param positions int64 [N], where in the flattened [B * T] each completion token is predicted
 * @param targets int64 [N], the completion tokens, row after row
 */
public record Rows(Tensor tokens, Tensor positions, Tensor targets) {

    /** One prompt with its completion. Both hold at least one token. */
    public record Row(Tokens prompt, Tokens completion) {
        public Row {
            if (prompt.isEmpty() || completion.isEmpty()) {
                throw new IllegalArgumentException("a row needs a prompt and a completion of at least one token each");
            }
        }

        /** Tokens of both. */
        public int length() {
            return prompt.size() + completion.size();
        }
    }

    /** Pads rows with token 0, whose hidden states nobody reads. */
    public static Rows of(List<Row> rows) {
        int width = rows.stream().mapToInt(Row::length).max().orElseThrow() - 1;
        int total = rows.stream().mapToInt(row -> row.completion().size()).sum();
        long[] tokens = new long[rows.size() * width];
        long[] positions = new long[total];
        long[] targets = new long[total];
        int next = 0;
        for (int r = 0; r < rows.size(); r++) {
            Tokens prompt = rows.get(r).prompt();
            Tokens completion = rows.get(r).completion();
            int start = r * width;
            for (int i = 0; i < prompt.size(); i++) {
                tokens[start + i] = prompt.get(i);
            }
            for (int i = 0; i < completion.size(); i++) {
                int at = start + prompt.size() + i;
                if (i + 1 < completion.size()) {
                    tokens[at] = completion.get(i);
                }
                positions[next] = at - 1L;
                targets[next++] = completion.get(i);
            }
        }
        return new Rows(
                Tensors.longs(tokens, rows.size(), width),
                Tensors.longs(positions, total),
                Tensors.longs(targets, total));
    }

    /**
     * Cuts rows into groups that go through a model together: of like length, so that little is padding, and small enough.
     *
     * @param tokenBudget at most this many tokens a group, padding included; a longer row stands alone
     * @return the rows' numbers, group by group
     */
    public static List<int[]> groups(List<Row> rows, int tokenBudget) {
        Integer[] byLength = new Integer[rows.size()];
        Arrays.setAll(byLength, i -> i);
        Arrays.sort(
                byLength,
                (a, b) -> Integer.compare(rows.get(b).length(), rows.get(a).length()));
        List<int[]> groups = new java.util.ArrayList<>();
        for (int from = 0; from < byLength.length; ) {
            int size = Math.max(
                    1, tokenBudget / Math.max(1, rows.get(byLength[from]).length() - 1));
            int to = Math.min(byLength.length, from + size);
            groups.add(Arrays.stream(byLength, from, to).mapToInt(i -> i).toArray());
            from = to;
        }
        return groups;
    }
}
