package org.reft4j.model.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/** Draws the next token of rows with different settings: those of equal settings together. */
final class RowPicker {
    private RowPicker() {}

    /**
     * Rows of equal settings with their tokens.
     *
     * @param scored alternatives of each row, empty lists where none are asked for
     */
    record Group(List<DrawRow> rows, TokenPicker.Picked picked, List<List<Follower.Scored>> scored) {
        List<Follower.Scored> alternatives(int row) {
            return scored.isEmpty() ? List.of() : scored.get(row);
        }
    }

    /** Settings that decide how a token is drawn. */
    private record Manner(double temperature, int topK, double topP, boolean supported) {
        static Manner of(DrawRow row) {
            SamplingConfig config = row.config;
            return new Manner(config.temperature(), config.topK(), config.topP(), config.supported());
        }
    }

    /**
     * Draws a token for each row.
     *
     * @param logits float32 [rows, V]
     * @param uniforms float32 [rows, 1]
     */
    static List<Group> groups(List<DrawRow> rows, Tensor logits, Tensor uniforms) {
        if (areAlike(rows)) {
            return List.of(group(rows, logits, uniforms));
        }
        Map<Manner, List<Integer>> manners = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            manners.computeIfAbsent(Manner.of(rows.get(i)), _ -> new ArrayList<>())
                    .add(i);
        }
        if (manners.size() == 1) {
            return List.of(group(rows, logits, uniforms));
        }
        return manners.values().stream()
                .map(numbers -> {
                    int[] index = numbers.stream().mapToInt(i -> i).toArray();
                    List<Tensor> picked = pick(index, logits, uniforms);
                    return group(numbers.stream().map(rows::get).toList(), picked.getFirst(), picked.getLast());
                })
                .toList();
    }

    /** True for rows of one call, the usual case, which need no sorting at each token. */
    private static boolean areAlike(List<DrawRow> rows) {
        SamplingConfig first = rows.getFirst().config;
        for (DrawRow row : rows) {
            if (!row.config.equals(first)) {
                return false;
            }
        }
        return true;
    }

    private static Group group(List<DrawRow> rows, Tensor logits, Tensor uniforms) {
        int vocabulary = Math.toIntExact(logits.size(1));
        List<TokenSet> allowed = rows.stream().allMatch(DrawRow::isFree)
                ? List.of()
                : rows.stream().map(row -> row.allowed(vocabulary)).toList();
        TokenPicker.Picked picked =
                TokenPicker.pick(logits, adjusted(rows, logits), rows.getFirst().config, allowed, uniforms);
        return new Group(rows, picked, alternatives(rows, logits));
    }

    /** Logits with the rows' penalties and biases; the same tensor where there are none. */
    private static Tensor adjusted(List<DrawRow> rows, Tensor logits) {
        if (rows.stream().noneMatch(row -> row.draw.options().adjusts())) {
            return logits;
        }
        Tensor adjusted = logits.clone();
        for (int i = 0; i < rows.size(); i++) {
            Map<Integer, Double> added =
                    rows.get(i).draw.options().adjusts() ? rows.get(i).adjustments() : Map.of();
            if (!added.isEmpty()) {
                long[] ids = new long[added.size()];
                float[] values = new float[added.size()];
                int at = 0;
                for (Map.Entry<Integer, Double> entry : added.entrySet()) {
                    ids[at] = entry.getKey();
                    values[at++] = entry.getValue().floatValue();
                }
                Place place = Place.of(logits);
                adjusted.select(0, i)
                        .index_add_(
                                0, Tensors.longs(place, ids, ids.length), Tensors.floats(place, values, values.length));
            }
        }
        return adjusted;
    }

    private static List<List<Follower.Scored>> alternatives(List<DrawRow> rows, Tensor logits) {
        int[] asking = new int[rows.size()];
        int count = 0;
        int most = 0;
        for (int i = 0; i < asking.length; i++) {
            int wanted = rows.get(i).draw.options().alternatives();
            if (wanted > 0 && !rows.get(i).done()) {
                asking[count++] = i;
                most = Math.max(most, wanted);
            }
        }
        if (count == 0) {
            return List.of();
        }
        List<List<Follower.Scored>> likeliest = TokenPicker.likeliest(
                pick(Arrays.copyOf(asking, count), logits).getFirst().log_softmax(-1), most);
        List<List<Follower.Scored>> all = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < asking.length; i++) {
            int wanted = rows.get(i).draw.options().alternatives();
            if (next < count && asking[next] == i) {
                List<Follower.Scored> found = likeliest.get(next++);
                all.add(found.subList(0, Math.min(wanted, found.size())));
            } else {
                all.add(List.of());
            }
        }
        return all;
    }

    /** Some rows of tensors that have the same, by their numbers. */
    static List<Tensor> pick(int[] numbers, Tensor... of) {
        long[] index = Arrays.stream(numbers).asLongStream().toArray();
        Tensor rows = Tensors.longs(Place.of(of[0]), index, index.length);
        return Arrays.stream(of).map(tensor -> tensor.index_select(0, rows)).toList();
    }
}
