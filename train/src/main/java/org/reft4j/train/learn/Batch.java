package org.reft4j.train.learn;

import java.util.Arrays;
import java.util.List;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.Place;

/**
 * Items that a learner learns from in one update. They go through the model in parts that fit into memory; the rows of one item stay
 * together.
 */
public interface Batch {
    /**
     * Splits the items into parts of at most {@code tokens} tokens, padding included; returns the indices of each part's items.
     *
     * @param place of the model that they go through
     */
    List<int[]> parts(Place place, int tokens);

    /** The rows of some items. */
    List<Row> rows(int[] items);

    /** The rows of some items, laid out for a pass at a place; of the innermost scope. */
    default Rows laid(Place place, int[] items) {
        return Rows.of(place, rows(items));
    }

    /** Items of one row each. */
    static Batch of(List<Row> rows) {
        return new Batch() {
            @Override
            public List<int[]> parts(Place place, int tokens) {
                return Rows.groups(place, rows, tokens);
            }

            @Override
            public List<Row> rows(int[] items) {
                return Arrays.stream(items).mapToObj(rows::get).toList();
            }
        };
    }
}
