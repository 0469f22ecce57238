package org.reft4j.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class PlaceTest {
    @Test
    void attentionFollowsTheProductsOffTheProcessorAlone() {
        assertEquals(new Place("cpu", DType.BF16, DType.F32), Place.on("cpu", DType.BF16));
        assertEquals(new Place("cuda:1", DType.BF16, DType.BF16), Place.on("cuda:1", DType.BF16));
        assertEquals(new Place("cuda:0", DType.F32, DType.F32), Place.on("cuda:0", DType.F32));
        assertTrue(Place.HOST.isHost());
        assertFalse(Place.on("cuda:0", DType.F32).isHost());
    }

    /** A device without memory stands in for one. */
    @Test
    void tensorsAreMadeWhereTheyBelong() {
        Place meta = Place.on("meta", DType.F32);
        try (var _ = NativeScope.open()) {
            for (Tensor made : new Tensor[] {
                Tensors.zeros(meta, DType.F32, 2, 3),
                Tensors.empty(meta, DType.BF16, 2),
                Tensors.full(meta, DType.F32, 1, 2),
                Tensors.range(meta, 4),
                Tensors.floats(meta, new float[] {1, 2}, 2),
                Tensors.longs(meta, new long[] {1, 2}, 2),
                Tensors.flags(meta, 2, 3, (row, flags) -> flags[row] = 1)
            }) {
                assertTrue(made.is_meta());
                assertEquals(meta, Place.of(made));
            }
            Tensor host = Tensors.floats(Place.HOST, new float[] {1, 2}, 2);
            assertSame(host, Tensors.at(Place.HOST, host));
            assertEquals(Place.HOST, Place.of(host));
        }
    }

    @Test
    void flagsAreWrittenRowByRow() {
        try (var _ = NativeScope.open()) {
            Tensor flags = Tensors.flags(Place.HOST, 2, 3, (row, into) -> {
                java.util.Arrays.fill(into, (byte) 0);
                into[row + 1] = 1;
            });
            assertArrayEquals(new long[] {0, 1, 0, 0, 0, 1}, Tensors.toLongs(flags.view(-1)));
            assertArrayEquals(new long[] {2, 3}, Tensors.shape(flags));
        }
    }

    @Test
    void whatIsMissingIsNamed() {
        assumeFalse(Cuda.usable(), "there is a device");
        assertEquals(0, Cuda.count());
        String missing = Cuda.missing();
        assertTrue(
                missing.startsWith("there is no NVIDIA driver on this machine")
                        || missing.startsWith("this build has no CUDA")
                        || missing.startsWith("libraries of NVIDIA's are missing: lib"),
                missing);
    }
}
