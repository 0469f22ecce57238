package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

class KvCacheTest {
    private static final long[] IDS = {3, 4, 5, 6, 7, 0, 0, 8, 9, 10, 11, 12, 13, 14, 15};
    private static final int[] PADDING = {0, 2, 0};

    private Decoder decoder;
    private NativeScope scope;

    @SuppressWarnings("MustBeClosed") // closed after the test
    KvCacheTest() {
        Torch.start();
        decoder = TinyLlama.create();
        scope = NativeScope.open();
    }

    @BeforeEach
    void start() {
        Torch.start();
    }

    @AfterEach
    void close() {
        scope.close();
        decoder.close();
    }

    /** The three rows, read whole; then the hidden state of one more token for each of them. */
    private float[] next(KvCache cache, long... tokens) {
        return Tensors.toFloats(decoder.hidden(Tensors.longs(Place.HOST, tokens, tokens.length, 1), cache));
    }

    private KvCache filled(int capacity) {
        KvCache cache = decoder.cache(3, capacity);
        cache.padLeft(PADDING);
        decoder.hidden(Tensors.longs(Place.HOST, IDS, 3, 5), cache);
        return cache;
    }

    private static float[] row(float[] all, int row) {
        return java.util.Arrays.copyOfRange(all, row * 32, (row + 1) * 32);
    }

    /** Rows of different lengths and paddings, in a model that sees all, one that sees three tokens, and one that does both. */
    @Test
    void joinedRowsGoOnAsBefore() {
        for (TinyFamilies family : List.of(TinyFamilies.LLAMA, TinyFamilies.MISTRAL, TinyFamilies.GEMMA3)) {
            try (Decoder model = family.create();
                    KvCache longer = longer(model);
                    KvCache shorter = shorter(model);
                    KvCache one = longer(model);
                    KvCache another = shorter(model);
                    KvCache third = shorter(model);
                    KvCache fourth = longer(model)) {
                Tensor three = model.hidden(Tensors.longs(Place.HOST, new long[] {31, 32, 33}, 3, 1), longer);
                Tensor two = model.hidden(Tensors.longs(Place.HOST, new long[] {34, 35}, 2, 1), shorter);

                one.join(another, 3);
                assertEquals(4, one.length(), "columns that some row has");
                assertEquals(7, one.capacity());
                Tensor joined = model.hidden(Tensors.longs(Place.HOST, new long[] {31, 32, 33, 34, 35}, 5, 1), one);
                assertArrayEquals(
                        Tensors.toFloats(Tensors.cat(0, three, two)), Tensors.toFloats(joined), 1e-5f, family.name());

                third.join(fourth, 3);
                Tensor swapped = model.hidden(Tensors.longs(Place.HOST, new long[] {34, 35, 31, 32, 33}, 5, 1), third);
                assertArrayEquals(
                        Tensors.toFloats(Tensors.cat(0, two, three)), Tensors.toFloats(swapped), 1e-5f, family.name());
            }
        }
    }

    /** Three rows of five columns, the first of which is padding in all of them. */
    private static KvCache longer(Decoder model) {
        KvCache cache = model.cache(3, 8);
        cache.padLeft(2, 2, 1);
        model.hidden(Tensors.longs(Place.HOST, IDS, 3, 5), cache);
        return cache;
    }

    private static KvCache shorter(Decoder model) {
        KvCache cache = model.cache(2, 4);
        cache.padLeft(0, 1);
        model.hidden(Tensors.longs(Place.HOST, new long[] {21, 22, 0, 23}, 2, 2), cache);
        return cache;
    }

    @Test
    void keptRowsGoOnAsBefore() {
        try (KvCache all = filled(8);
                KvCache some = filled(8)) {
            float[] expected = next(all, 20, 21, 22);
            some.keepRows(2, 1);
            assertEquals(2, some.rows());
            assertEquals(2, some.padding(1));
            float[] found = next(some, 22, 21);
            assertArrayEquals(row(expected, 2), row(found, 0), 1e-5f);
            assertArrayEquals(row(expected, 1), row(found, 1), 1e-5f);
            assertEquals(6, some.length());
        }
    }

    @Test
    void aRowServesSeveral() {
        try (KvCache all = filled(8);
                KvCache more = filled(5)) {
            float[] expected = next(all, 20, 21, 22);
            more.expandRows(new int[] {1, 1, 0, 1}, 7);
            float[] found = next(more, 21, 30, 20, 21);
            assertArrayEquals(row(expected, 1), row(found, 0), 1e-5f);
            assertArrayEquals(row(expected, 0), row(found, 2), 1e-5f);
            assertArrayEquals(row(expected, 1), row(found, 3), 1e-5f);
            assertEquals(7, more.capacity());
        }
    }

    @Test
    void rowsWithoutPaddingNeedNoMask() {
        try (KvCache cache = filled(8)) {
            cache.keepRows(0, 2);
            assertNull(cache.mask(5));
        }
    }

    @Test
    void severalColumnsAtOnceEqualOneByOne() {
        long[] more = {20, 21, 22, 23, 24, 25};
        try (KvCache atOnce = filled(9);
                KvCache oneByOne = filled(9)) {
            Tensor both = decoder.hidden(Tensors.longs(Place.HOST, more, 3, 2), atOnce);
            next(oneByOne, 20, 22, 24);
            assertArrayEquals(next(oneByOne, 21, 23, 25), Tensors.toFloats(both.select(1, 1)), 1e-5f);
        }
    }

    @Test
    void misuseIsRefused() {
        try (KvCache cache = filled(6)) {
            assertThrows(IllegalStateException.class, () -> cache.padLeft(0, 0, 0));
            assertThrows(IllegalArgumentException.class, () -> next(cache, 1, 2));
            assertThrows(IllegalArgumentException.class, () -> cache.expandRows(new int[] {0}, 4));
            next(cache, 1, 2, 3);
            assertThrows(IllegalArgumentException.class, () -> next(cache, 1, 2, 3), "full");
            try (var _ = Torch.recordGradients()) {
                assertThrows(IllegalStateException.class, () -> next(cache, 1, 2, 3));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> decoder.cache(0, 4));
        try (KvCache fresh = decoder.cache(1, 4)) {
            assertThrows(IllegalArgumentException.class, () -> fresh.padLeft(4));
            assertThrows(IllegalArgumentException.class, () -> fresh.padLeft(1, 1));
        }
    }

    @Test
    void positionsBeyondTheContextAreRefused() {
        try (KvCache cache = decoder.cache(1, 70)) {
            decoder.hidden(Tensors.zeros(Place.HOST, org.reft4j.tensor.DType.I64, 1, 64), cache);
            assertThrows(IllegalArgumentException.class, () -> next(cache, 1));
        }
        try (KvCache cache = decoder.cache(1, 70)) {
            cache.padLeft(1);
            decoder.hidden(Tensors.zeros(Place.HOST, org.reft4j.tensor.DType.I64, 1, 65), cache);
            assertThrows(IllegalArgumentException.class, () -> next(cache, 1));
        }
    }

    @Test
    void closingFreesEverything() throws InterruptedException {
        useOnce(); // what the decoder joins on first use stays
        long before = NativeObjects.settled();
        useOnce();
        assertEquals(before, Pointer.totalCount());
    }

    private void useOnce() {
        try (var _ = NativeScope.open();
                KvCache cache = filled(8)) {
            cache.keepRows(0, 1);
            next(cache, 1, 2);
        }
    }
}
