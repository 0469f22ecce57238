package org.reft4j.train.job;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.sandbox.Sandbox;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Cpu;
import org.reft4j.tensor.Cuda;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Torch;

/** Examination of the machine: what the program needs and finds here, one finding each. */
public final class Examination {
    private static final int OLDEST_JAVA = 25;
    private static final double GIBIBYTE = 1 << 30;
    private static final double LITTLE_DISK = 5;
    private static final double LITTLE_MEMORY = 4;
    private static final long WIDE = 576;

    private Examination() {}

    public static List<Finding> all() {
        return List.of(
                java(),
                processor(),
                memory(),
                allocator(),
                guarded("engine", Examination::engine),
                guarded("speed", Examination::speed),
                guarded("GPU", Examination::gpu),
                guarded("tokenizers", Examination::tokenizers),
                guarded("programs", Examination::programs),
                guarded("sandbox", Examination::sandbox),
                disk());
    }

    /** Native code fails in its own ways: errors of linking and of memory are findings here. */
    static Finding guarded(String name, Supplier<Finding> look) {
        try {
            return look.get();
        } catch (RuntimeException | LinkageError e) {
            Throwable first = e;
            while (first.getCause() != null) {
                first = first.getCause();
            }
            return Finding.missing(
                    name,
                    Objects.requireNonNullElse(
                                    first.getMessage(), first.getClass().getSimpleName())
                            .lines()
                            .findFirst()
                            .orElse(""),
                    "cannot be used; is this one of linux-x86_64, macosx-arm64, windows-x86_64, and was it built here?");
        }
    }

    private static Finding java() {
        String found = Runtime.version() + " (" + System.getProperty("java.vendor") + ") in "
                + System.getProperty("java.home");
        return Runtime.version().feature() >= OLDEST_JAVA
                ? Finding.good("Java", found, "")
                : Finding.missing("Java", found, "a JDK of version 25 or later is needed; set JAVA_HOME to one");
    }

    private static Finding processor() {
        return Finding.good(
                "processor",
                Cpu.name() + ", " + Runtime.getRuntime().availableProcessors() + " cores for this process",
                "");
    }

    private static Finding memory() {
        double total = -1;
        double free = -1;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            total = system.getTotalMemorySize() / GIBIBYTE;
            free = system.getFreeMemorySize() / GIBIBYTE;
        }
        String found = words(
                "%.1f GiB, %.1f GiB of it free; Java heap up to %.1f GiB, tensors outside it",
                total, free, Runtime.getRuntime().maxMemory() / GIBIBYTE);
        return total < LITTLE_MEMORY
                ? Finding.note(
                        "memory", found, "little: train small models only (reft train --explain says what a run takes)")
                : Finding.good("memory", found, "reft train --explain says what a run takes");
    }

    private static Finding allocator() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Finding.good("allocator", "the system's own", "");
        }
        return System.getenv("MALLOC_TRIM_THRESHOLD_") == null
                ? Finding.note(
                        "allocator",
                        "glibc with its own settings",
                        "training is a third slower; start the program with ./reft or bin/reft, which set it up")
                : Finding.good("allocator", "glibc, told to keep freed memory", "");
    }

    private static Finding engine() {
        Calibration.chooseBlas();
        Torch.start();
        return Finding.good(
                "engine",
                words(
                        "libtorch presets %s, BLAS %s (available: %s), %d threads",
                        Cpu.engine(), Calibration.blas(), String.join(", ", Calibration.available()), Torch.threads()),
                "OMP_NUM_THREADS and " + Calibration.BLAS_VARIABLE + " change it");
    }

    private static Finding speed() {
        Calibration calibration = Calibration.current();
        StringBuilder found = new StringBuilder();
        for (Calibration.Probe probe : calibration.probes()) {
            found.append(found.isEmpty() ? "" : "; ")
                    .append(words(
                            "%s float32 %.0f, bfloat16 %.0f GFLOP/s (small: %.0f, %.0f)",
                            probe.blas(), probe.f32(), probe.bf16(), probe.smallF32(), probe.smallBf16()));
        }
        DType dtype = Calibration.compute(WIDE);
        return Finding.good(
                "speed",
                found.toString(),
                words(
                        "\"compute: auto\" multiplies in %s, in float32 for narrow models; measured %s, kept in %s",
                        dtype.torchName(),
                        calibration.busy() ? "beside other work and to be measured again without" : "once",
                        Calibration.cacheFile()));
    }

    private static Finding gpu() {
        String driver = String.join(", ", Cuda.names());
        if (Cuda.usable()) {
            return Finding.good("GPU", driver, "\"model.device: auto\" trains on the first of them");
        }
        if (!Cuda.built()) {
            return driver.isEmpty() && Cuda.driverVersion().isEmpty()
                    ? Finding.good("GPU", "none", "everything runs on the processor")
                    : Finding.note("GPU", driver + "; it cannot be used", Cuda.missing());
        }
        List<Cuda.Library> absent = Cuda.absent();
        return absent.isEmpty()
                ? Finding.note("GPU", "this build has CUDA; no device can be used", Cuda.missing())
                : Finding.note(
                        "GPU",
                        "this build has CUDA, and of NVIDIA's libraries are missing: "
                                + absent.stream().map(Cuda.Library::file).collect(Collectors.joining(", ")),
                        "install "
                                + absent.stream()
                                        .map(Cuda.Library::source)
                                        .distinct()
                                        .collect(Collectors.joining(" "))
                                + ", or take PyTorch's libraries with REFT_LIBTORCH (docs/gpu.md)");
    }

    private static Finding tokenizers() {
        String text = "Tom has 12 apples.";
        try (Tokenizer tokenizer = Tokenizers.small()) {
            boolean right = tokenizer.decode(tokenizer.encode(text)).equals(text);
            return right
                    ? Finding.good("tokenizers", "work", "")
                    : Finding.missing("tokenizers", "do not give back what they were given", "the build is damaged");
        }
    }

    private static Finding programs() {
        long begin = System.nanoTime();
        try (ProgramPool pool = ProgramPool.start(1, Duration.ofSeconds(10))) {
            ProgramRunner.Outcome outcome = pool.run("def solution():\n    return 6 * 7\n");
            double seconds = (System.nanoTime() - begin) / 1e9;
            String found = pool.describe() + words("; first program after %.1f s", seconds);
            return outcome instanceof ProgramRunner.Outcome.Returned returned
                            && returned.text().equals("42")
                    ? Finding.good("programs", found, "model-written programs (cot p) can be graded")
                    : Finding.missing("programs", found + "; 6 * 7 gave " + outcome, "programs cannot be graded");
        }
    }

    /** The layers of protection between a program and this machine. */
    private static Finding sandbox() {
        String on = sandbox(true, Sandbox.Layer::name);
        String off = sandbox(false, layer -> layer.name() + " (" + layer.why() + ")");
        return off.isEmpty()
                ? Finding.good("sandbox", on, "docs/graders/sandbox.md says what each layer does")
                : Finding.note("sandbox", on + "; off: " + off, "programs run with fewer layers around them");
    }

    private static String sandbox(boolean on, Function<Sandbox.Layer, String> shown) {
        return Sandbox.layers().stream()
                .filter(layer -> layer.on() == on)
                .map(shown)
                .collect(Collectors.joining(", "));
    }

    private static Finding disk() {
        try {
            double free = Files.getFileStore(Path.of("").toAbsolutePath()).getUsableSpace() / GIBIBYTE;
            String found = words("%.1f GiB free in the current folder", free);
            return free < LITTLE_DISK
                    ? Finding.note(
                            "disk", found, "a checkpoint of 135 million parameters takes 1.6 GB, and three are kept")
                    : Finding.good("disk", found, "");
        } catch (IOException e) {
            return Finding.note("disk", "unknown: " + e.getMessage(), "");
        }
    }

    @FormatMethod
    private static String words(@FormatString String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /**
     * One thing that {@code reft doctor} looked at.
     *
     * @param name what
     * @param state the outcome
     * @param found the facts
     * @param meaning their consequence, or what to do; empty for none
     */
    public record Finding(String name, State state, String found, String meaning) {
        public enum State {
            /** As it should be. */
            GOOD,
            /** Works, but a person should know. */
            NOTE,
            /** Nothing works without. */
            MISSING
        }

        static Finding good(String name, String found, String meaning) {
            return new Finding(name, State.GOOD, found, meaning);
        }

        static Finding note(String name, String found, String meaning) {
            return new Finding(name, State.NOTE, found, meaning);
        }

        static Finding missing(String name, String found, String meaning) {
            return new Finding(name, State.MISSING, found, meaning);
        }
    }
}
