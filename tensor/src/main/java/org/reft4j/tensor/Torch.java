package org.reft4j.tensor;

import com.google.errorprone.annotations.MustBeClosed;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.global.torch;

/**
 * Loading libtorch and its process-wide switches. Call {@link #start} once, on the thread that will do the native work: recording
 * gradients is a switch per thread, and it is off from then on except inside {@link #recordGradients}.
 */
public final class Torch {
    private Torch() {}

    /** Loads the native libraries and switches the recording of gradients off on this thread. */
    public static void start() {
        GradMode.set_enabled(false);
    }

    /** As {@link #start()}, with a fixed number of threads for one operation. */
    public static void start(int threads) {
        start();
        torch.set_num_threads(threads);
    }

    /**
     * Sets the BLAS library's own threads for the model that is about to run. OpenBLAS hands every product to a second pool of threads
     * and lets one caller in at a time; for the small products of a narrow model, many of them from attention's parallel loop, that
     * costs more than a second thread brings (docs/decisions, 14). Products of bfloat16 are oneDNN's, so that of OpenBLAS only those of
     * attention are left. oneMKL shares libtorch's pool and is left alone.
     *
     * <p>A model on a device needs none of it; there the device is made ready.
     *
     * @param modelWidth the model's hidden size; of several models in one process the last one told decides
     * @param place of the model
     */
    public static void fit(long modelWidth, Place place) {
        if (!place.isHost()) {
            if (Cuda.is(place.device())) {
                Cuda.begin(place.device());
            }
            return;
        }
        if (Calibration.blas().equals(Calibration.OPENBLAS)) {
            boolean narrow = modelWidth < Calibration.NARROW || place.products() != DType.F32;
            BlasThreads.choose(narrow ? 1 : threads());
        }
    }

    /** Threads that one operation may use. */
    public static int threads() {
        return torch.get_num_threads();
    }

    /** Records gradients until closed. The one place that does is a recipe's update. */
    @MustBeClosed
    public static Recording recordGradients() {
        return new Recording(true);
    }

    /** Pauses the recording of gradients until closed. */
    @MustBeClosed
    public static Recording pauseGradients() {
        return new Recording(false);
    }

    /** Gradients of this thread are recorded, or not, until it is closed; then as before. */
    public static final class Recording implements AutoCloseable {
        private final boolean before = GradMode.is_enabled();

        private Recording(boolean recorded) {
            GradMode.set_enabled(recorded);
        }

        @Override
        public void close() {
            GradMode.set_enabled(before);
        }
    }
}
