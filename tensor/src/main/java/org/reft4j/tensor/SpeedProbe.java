package org.reft4j.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.ground.files.Json;

/** Measures how fast this machine multiplies. A program of its own too, since a process can load one BLAS library only. */
final class SpeedProbe {
    private static final long NANOS_PER_SHAPE = 110_000_000;
    private static final int FEWEST_ROUNDS = 3;
    private static final long CHILD_SECONDS = 60;

    private SpeedProbe() {}

    /** Measures in this process. */
    static Calibration.Probe measure(String blas) {
        boolean before = GradMode.is_enabled();
        GradMode.set_enabled(false);
        try {
            double[] large = speeds(1024, 576, 1536);
            double[] small = speeds(128, 128, 384);
            return new Calibration.Probe(blas, large[0], large[1], small[0], small[1]);
        } finally {
            GradMode.set_enabled(before);
        }
    }

    /** Measures in a process that loads {@code blas}; empty if that process fails. */
    static Optional<Calibration.Probe> measureInChild(String blas) {
        try {
            Path result = Files.createTempFile("reft-probe", ".json");
            try {
                List<String> command = new ArrayList<>(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                        "-Dorg.bytedeco.openblas.load=" + (blas.equals("mkl") ? "mkl" : "openblas"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SpeedProbe.class.getName(),
                        blas,
                        result.toString()));
                Process child = new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (!child.waitFor(CHILD_SECONDS, TimeUnit.SECONDS)) {
                    child.destroyForcibly();
                    return Optional.empty();
                }
                return child.exitValue() == 0
                        ? Optional.of(Json.PLAIN.readValue(result.toFile(), Calibration.Probe.class))
                        : Optional.empty();
            } finally {
                Files.deleteIfExists(result);
            }
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** @param args the name of the library, and the file to write the result to */
    public static void main(String[] args) throws IOException {
        Json.PLAIN.writeValue(Path.of(args[1]).toFile(), measure(args[0]));
    }

    /** GFLOP/s of {@code [rows, in] x [in, out]} in float32 and in bfloat16, the best of alternating rounds. */
    private static double[] speeds(long rows, long in, long out) {
        try (var _ = NativeScope.open()) {
            Tensor x = Tensors.full(Place.HOST, DType.F32, 0.7, rows, in);
            Tensor weight = Tensors.full(Place.HOST, DType.F32, 0.3, out, in);
            Tensor half = weight.to(DType.BF16.scalarType());
            double[] best = {Double.MAX_VALUE, Double.MAX_VALUE};
            long end = System.nanoTime() + 2 * NANOS_PER_SHAPE;
            for (int round = 0; round < FEWEST_ROUNDS || System.nanoTime() < end; round++) {
                best[0] = Math.min(best[0], product(x, weight, DType.F32));
                best[1] = Math.min(best[1], product(x, half, DType.BF16));
            }
            double operations = 2.0 * rows * in * out;
            return new double[] {operations / best[0], operations / best[1]};
        }
    }

    /** Nanoseconds of one product as the decoder computes it: converted, multiplied, converted back. */
    private static double product(Tensor x, Tensor weight, DType dtype) {
        try (var _ = NativeScope.open()) {
            long start = System.nanoTime();
            Tensor input = dtype == DType.F32 ? x : x.to(dtype.scalarType());
            Tensor result = torch.linear(input, weight);
            if (dtype != DType.F32) {
                result.to(DType.F32.scalarType());
            }
            return System.nanoTime() - start;
        }
    }
}
