package org.reft4j.model.decoder.layers;

import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Key/value cache of the tokens that went through a decoder, for {@code B} rows of at most {@code capacity} columns. Rows of unequal
 * length are padded on the left, so that all of them write the same column next. Owns its tensors, of the place's type of attention, one
 * buffer per layer; on the processor memory is touched only as columns fill.
 */
public final class KvCache implements AutoCloseable {
    private final Place place;
    private final Tensor[] layers; // [2, B, Hkv, capacity, D]
    private int rows;
    private int capacity;
    private int length;
    private int[] padding;
    private @Nullable Tensor mask; // [B, 1, 1, capacity]
    private @Nullable Tensor origins; // int64 [B, 1]: position of column 0, negative where it is padding

    /** An empty cache; {@code heads} are key/value heads of {@code headWidth} channels. */
    public KvCache(Place place, int layers, int rows, int heads, int headWidth, int capacity) {
        if (rows <= 0 || capacity <= 0) {
            throw new IllegalArgumentException("a cache of " + rows + " rows and " + capacity + " columns");
        }
        this.place = place;
        this.layers = new Tensor[layers];
        this.rows = rows;
        this.capacity = capacity;
        this.padding = new int[rows];
        try (var _ = NativeScope.open()) {
            for (int i = 0; i < layers; i++) {
                this.layers[i] = NativeScope.own(empty(2, rows, heads, capacity, headWidth));
            }
        }
    }

    public int rows() {
        return rows;
    }

    /** Columns that each row can hold. */
    public int capacity() {
        return capacity;
    }

    /** Columns that are filled, padding included. */
    public int length() {
        return length;
    }

    /** Number of a row's first columns that are padding. */
    public int padding(int row) {
        return padding[row];
    }

    /**
     * Declares the first columns of each row as padding: nothing sees them, and positions count from the first column after them.
     *
     * @param columns one number per row
     * @throws IllegalStateException if something is cached already
     */
    public void padLeft(int... columns) {
        if (length > 0) {
            throw new IllegalStateException("padding comes before the first token; " + length + " columns are filled");
        }
        if (columns.length != rows || Arrays.stream(columns).anyMatch(c -> c < 0 || c >= capacity)) {
            throw new IllegalArgumentException(
                    Arrays.toString(columns) + " as padding of " + rows + " rows of " + capacity);
        }
        padding = columns.clone();
        remask();
    }

    /** Leaves only the given rows, in the given order. */
    public void keepRows(int... kept) {
        expandRows(kept, capacity);
    }

    /**
     * Makes row {@code i} a copy of the former row {@code source[i]}: a prompt that was computed once then serves several samples.
     *
     * @param newCapacity columns from now on, at least {@link #length}
     */
    public void expandRows(int[] source, int newCapacity) {
        if (source.length == 0 || newCapacity < length) {
            throw new IllegalArgumentException(source.length + " rows of " + newCapacity + " columns cannot hold the "
                    + length + " that are filled");
        }
        int[] newPadding = new int[source.length];
        for (int i = 0; i < source.length; i++) {
            newPadding[i] = padding[source[i]];
        }
        long[] wide = Arrays.stream(source).asLongStream().toArray();
        try (var _ = NativeScope.open()) {
            Tensor index = Tensors.longs(place, wide, wide.length);
            for (int i = 0; i < layers.length; i++) {
                try (var _ = NativeScope.open()) {
                    Tensor old = layers[i];
                    Tensor fresh = empty(2, source.length, old.size(2), newCapacity, old.size(4));
                    if (length > 0) {
                        fresh.narrow(3, 0, length)
                                .copy_(old.narrow(3, 0, length).index_select(1, index));
                    }
                    layers[i] = NativeScope.own(fresh);
                    old.close();
                }
            }
        }
        rows = source.length;
        capacity = newCapacity;
        padding = newPadding;
        remask();
    }

    /**
     * Moves the rows of another cache of the same model after its own; the other can only be closed afterwards.
     * The last columns of all rows stand together, and what is padding in every row is dropped.
     *
     * @param room free columns after the filled ones
     */
    public void join(KvCache other, int room) {
        int longest = Math.max(longest(), other.longest());
        int total = rows + other.rows;
        for (int i = 0; i < layers.length; i++) {
            try (var _ = NativeScope.open()) {
                Tensor old = layers[i];
                Tensor added = other.layers[i];
                Tensor fresh = empty(2, total, old.size(2), (long) longest + room, old.size(4));
                alignRight(fresh.narrow(1, 0, rows), old, length, longest);
                alignRight(fresh.narrow(1, rows, other.rows), added, other.length, longest);
                layers[i] = NativeScope.own(fresh);
                old.close();
                added.close();
            }
        }
        int[] newPadding = new int[total];
        for (int row = 0; row < total; row++) {
            newPadding[row] = longest - (row < rows ? length - padding[row] : other.length - other.padding[row - rows]);
        }
        padding = newPadding;
        rows = total;
        length = longest;
        capacity = longest + room;
        remask();
    }

    /** Columns of the row that has the most of its own. */
    private int longest() {
        return length - Arrays.stream(padding).min().orElse(0);
    }

    private void alignRight(Tensor target, Tensor source, int filled, int columns) {
        int copied = Math.min(filled, columns);
        int before = columns - copied;
        if (before > 0) {
            // Hidden, but 0 times what happens to be there must be 0.
            target.narrow(3, 0, before).copy_(Tensors.zeros(place, place.attention(), 1));
        }
        target.narrow(3, before, copied).copy_(source.narrow(3, (long) filled - copied, copied));
    }

    /**
     * Writes the next columns of a layer; {@link #advance} makes them count.
     *
     * @param keysAndValues float32 [B, T, 2 * Hkv, D], keys before values; converted to the cache's type
     */
    void append(int layer, Tensor keysAndValues) {
        long tokens = keysAndValues.size(1);
        Tensor buffer = layers[layer];
        Tensor apart = keysAndValues.view(rows, tokens, 2, buffer.size(2), buffer.size(4));
        buffer.narrow(3, length, tokens).copy_(apart.permute(2, 0, 3, 1, 4));
    }

    /** Keys of a layer up to and with {@code ahead} columns that were appended and do not count yet: [B, Hkv, S, D]. */
    Tensor keys(int layer, int ahead) {
        return layers[layer].select(0, 0).narrow(2, 0, length + ahead);
    }

    /** As {@link #keys}. */
    Tensor values(int layer, int ahead) {
        return layers[layer].select(0, 1).narrow(2, 0, length + ahead);
    }

    /** Says that all layers have appended {@code tokens} columns. */
    public void advance(int tokens) {
        length += tokens;
    }

    /** Fails unless {@code tokens} more columns fit. */
    public void reserve(long batch, int tokens) {
        if (batch != rows || length + tokens > capacity) {
            throw new IllegalArgumentException(batch + " rows of " + tokens + " tokens do not fit a cache of " + rows
                    + " rows with " + length + " of " + capacity + " columns filled");
        }
    }

    /** True if any row has padding, so that positions differ between rows. */
    boolean padded() {
        return mask != null;
    }

    /** Additive mask that hides padding, of the cache's type, [B, 1, 1, columns]; {@code null} where there is none. */
    @Nullable
    public Tensor mask(int columns) {
        return mask == null ? null : mask.narrow(3, 0, columns);
    }

    /**
     * The positions of the next {@code tokens} columns: int64 [B, T]; padding counts as position 0. A row that was done before the
     * others, but has not left yet, stays at the last position.
     *
     * @throws IllegalArgumentException if every row would go beyond the {@code limit}
     */
    Tensor positions(int tokens, int limit) {
        int least = length + tokens - Arrays.stream(padding).max().orElse(0);
        if (least > limit) {
            throw new IllegalArgumentException("position " + (least - 1) + " is beyond the model's " + limit);
        }
        Tensor first = Objects.requireNonNull(origins, "a cache without padding has the same positions in all rows")
                .add(whole(length));
        Tensor all =
                tokens == 1 ? first : first.add(Tensors.range(place, tokens).to(DType.I64.scalarType()));
        return all.clamp(new ScalarOptional(whole(0)), new ScalarOptional(whole(limit - 1)));
    }

    /** Whole, since a fraction would make whole numbers floating. */
    private static Scalar whole(int number) {
        return new Scalar(number);
    }

    private void remask() {
        drop();
        if (Arrays.stream(padding).allMatch(columns -> columns == 0)) {
            return;
        }
        float[] scores = new float[rows * capacity];
        for (int row = 0; row < rows; row++) {
            Arrays.fill(scores, row * capacity, row * capacity + padding[row], AttentionMask.HIDDEN);
        }
        try (var _ = NativeScope.open()) {
            mask = NativeScope.own(Tensors.floats(place, scores, rows, 1, 1, capacity)
                    .to(place.attention().scalarType()));
            long[] before =
                    Arrays.stream(padding).mapToLong(columns -> -columns).toArray();
            origins = NativeScope.own(Tensors.longs(place, before, rows, 1));
        }
    }

    private void drop() {
        for (Tensor old : new @Nullable Tensor[] {mask, origins}) {
            if (old != null) {
                old.close();
            }
        }
        mask = null;
        origins = null;
    }

    private Tensor empty(long... shape) {
        return Tensors.empty(place, place.attention(), shape);
    }

    @Override
    public void close() {
        drop();
        for (Tensor layer : layers) {
            layer.close();
        }
    }
}
