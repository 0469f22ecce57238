package org.reft4j.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PackedWeightTest {
    @BeforeEach
    void available() {
        Torch.start();
        assumeTrue(PackedWeight.available(), "skipped: packed weights are for x86-64 with oneDNN");
    }

    /** Widths that are no multiple of any block, other numbers of rows than it was packed for, and a weight that is a piece of another. */
    @Test
    void multipliesAsThePlainWeightDoes() {
        torch.manual_seed(5);
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
            double bound = type == DType.F32 ? 1e-5 : 1e-2;
            for (long[] shape : new long[][] {{1, 1}, {7, 300}, {33, 257}, {960, 576}}) {
                try (var _ = NativeScope.open()) {
                    Tensor whole = torch.randn(new long[] {shape[0] + 3, shape[1]});
                    Tensor weight = whole.narrow(0, 3, shape[0]).to(type.scalarType());
                    try (PackedWeight packed = PackedWeight.of(weight, 32)) {
                        for (long rows : new long[] {1, 4, 32, 100}) {
                            Tensor input =
                                    torch.randn(new long[] {rows, shape[1]}).to(type.scalarType());
                            Tensor plain = torch.linear(input, weight);
                            Tensor product = packed.multiply(input);
                            assertEquals(rows, product.size(0));
                            assertEquals(shape[0], product.size(1));
                            double difference = Tensors.toDouble(
                                    product.sub(plain).abs().max().to(DType.F32.scalarType()));
                            double scale = Tensors.toDouble(plain.abs().max().to(DType.F32.scalarType()));
                            assertTrue(
                                    difference <= bound * Math.max(1, scale),
                                    type + " " + shape[0] + "x" + shape[1] + ", " + rows + " rows: " + difference);
                        }
                    }
                }
            }
        }
    }

    @Test
    void refusesToRecord() {
        try (var _ = NativeScope.open();
                PackedWeight packed = PackedWeight.of(Tensors.zeros(Place.HOST, DType.F32, 2, 3), 4);
                var _ = Torch.recordGradients()) {
            Tensor input = Tensors.zeros(Place.HOST, DType.F32, 4, 3);
            assertThrows(IllegalStateException.class, () -> packed.multiply(input));
        }
    }
}
