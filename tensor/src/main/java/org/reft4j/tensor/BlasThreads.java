package org.reft4j.tensor;

import com.google.errorprone.annotations.MustBeClosed;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;

/**
 * Threads of OpenBLAS's own pool, which lets one caller in at a time. Attention multiplies from within libtorch's parallel loop: from a
 * hundred tokens or so on its products are large enough for OpenBLAS to split, and libtorch's threads then spend their time waiting
 * for each other's turn (docs/decisions, 14). Within attention OpenBLAS therefore gets one thread, which needs no turn.
 * oneMKL has no pool of its own and is left alone.
 */
public final class BlasThreads {
    /** Largest product that OpenBLAS never splits, in multiplications (interface/gemm.c, SMP_THRESHOLD_MIN x GEMM_MULTITHREAD_THRESHOLD). */
    private static final long UNSPLIT = 262_144;

    private static int chosen = 1;

    private BlasThreads() {}

    /** Sets how many OpenBLAS uses outside attention. */
    static void choose(int threads) {
        chosen = threads;
        openblas_nolapack.blas_set_num_threads(threads);
    }

    /**
     * One thread in each call until it is closed. Changing the number takes about a millisecond, so that it is left alone where no product
     * is large enough to be split, as in decoding.
     *
     * @param multiplications of the largest product inside
     */
    @MustBeClosed
    public static Single single(long multiplications) {
        return new Single(chosen > 1 && multiplications > UNSPLIT);
    }

    /** See {@link #single}. */
    public static final class Single implements AutoCloseable {
        private final boolean needed;

        private Single(boolean needed) {
            this.needed = needed;
            if (needed) {
                one();
            }
        }

        /**
         * Says that the gradient of what was computed inside is to be computed so too. The CPU's backward pass runs on the thread that
         * asks for it, so that what is set for the process holds for that step alone.
         *
         * @param output of the operation
         * @param inputs of it
         */
        public void alsoBackward(Tensor output, Tensor... inputs) {
            if (!needed || !GradMode.is_enabled() || !output.requires_grad()) {
                return;
            }
            output.register_hook(Hooks.ONE);
            for (Tensor input : inputs) {
                if (input.requires_grad()) {
                    input.register_hook(Hooks.ALL);
                }
            }
        }

        @Override
        public void close() {
            if (needed) {
                all();
            }
        }
    }

    private static void one() {
        openblas_nolapack.blas_set_num_threads(1);
    }

    private static void all() {
        openblas_nolapack.blas_set_num_threads(chosen);
    }

    /** Called by libtorch before it computes the gradient of what made a tensor; kept for good. */
    private static final class Hooks {
        static final VoidTensorHook ONE = NativeScope.own(new VoidTensorHook() {
            @Override
            public void call(TensorBase gradient) {
                one();
            }
        });
        static final VoidTensorHook ALL = NativeScope.own(new VoidTensorHook() {
            @Override
            public void call(TensorBase gradient) {
                all();
            }
        });

        private Hooks() {}
    }
}
