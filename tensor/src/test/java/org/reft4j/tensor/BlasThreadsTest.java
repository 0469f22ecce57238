package org.reft4j.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlasThreadsTest {
    private static final long LARGE = 262_145;

    private final List<Integer> seen = new ArrayList<>();
    private final VoidTensorHook look = new VoidTensorHook() {
        @Override
        public void call(TensorBase gradient) {
            seen.add(openblas_nolapack.blas_get_num_threads());
        }
    };

    @BeforeEach
    void twoThreads() {
        Torch.start();
        assumeTrue(Calibration.blas().equals(Calibration.OPENBLAS), "skipped: another BLAS is loaded");
        BlasThreads.choose(2);
        assumeTrue(openblas_nolapack.blas_get_num_threads() == 2, "skipped: OpenBLAS has one thread here");
    }

    @AfterEach
    void back() {
        BlasThreads.choose(1);
        look.close();
    }

    @Test
    void oneInsideAndAllOutside() {
        try (var _ = BlasThreads.single(LARGE)) {
            assertEquals(1, openblas_nolapack.blas_get_num_threads());
        }
        assertEquals(2, openblas_nolapack.blas_get_num_threads());
        try (var _ = BlasThreads.single(262_144)) {
            assertEquals(2, openblas_nolapack.blas_get_num_threads(), "too small to be split");
        }
    }

    /** Operations after this one in the forward pass come before it in the backward pass, and the other way round. */
    @Test
    void theBackwardPassToo() {
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            Tensor leaf = Tensors.zeros(Place.HOST, DType.F32, 3).requires_grad_(true);
            Tensor input = leaf.mul(Tensors.scalar(2));
            input.register_hook(look); // runs before the hook that gives the threads back
            Tensor output = input.exp();
            try (BlasThreads.Single threads = BlasThreads.single(LARGE)) {
                threads.alsoBackward(output, input);
            }
            Tensor loss = output.mul(Tensors.scalar(3));
            loss.register_hook(look);
            loss.sum().backward();
        }
        assertEquals(List.of(2, 1), seen);
        assertEquals(2, openblas_nolapack.blas_get_num_threads());
    }
}
