package org.reft4j.tensor;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;

/**
 * Measurement of the BLAS library and number format that multiply quickest on this machine, made once (about half a second for each
 * library) and kept in the user's cache folder. Neither can be told from the processor's name alone: bfloat16 doubles the speed of one
 * processor and halves that of the next.
 *
 * @param machine that it was measured on; measured anew when this differs
 * @param probes one for each BLAS library on the class path
 * @param busy whether other work had the cores when it was measured; then it holds for as long as they are busy, and is measured again
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Calibration(Machine machine, List<Probe> probes, boolean busy) {
    /** Overrides the choice of BLAS: {@code openblas}, {@code mkl} or {@code auto}. */
    public static final String BLAS_VARIABLE = "REFT_BLAS";

    /** bfloat16 costs precision, so it must pay. */
    private static final double WORTHWHILE = 1.2;
    /** Smallest width of models that gain: in narrower ones a product is over before conversions are, or before a second pool has woken. */
    static final long NARROW = 256;

    /** Load average per core, before anything is measured, above which others have too much of the machine. */
    private static final double BUSY = 0.5;

    static final String OPENBLAS = "openblas";
    private static final String MKL = "mkl";
    private static final String LOAD_PROPERTY = "org.bytedeco.openblas.load";

    private static @Nullable Calibration current;

    public Calibration {
        probes = List.copyOf(probes);
        if (probes.isEmpty()) {
            throw new IllegalArgumentException("a calibration without measurements");
        }
    }

    /**
     * Machine that a measurement holds for.
     *
     * @param processor its name
     * @param cores that the JVM may use
     * @param engine version of libtorch's presets
     * @param blas libraries on the class path
     */
    public record Machine(String processor, int cores, String engine, List<String> blas) {
        public Machine {
            blas = List.copyOf(blas);
        }
    }

    /**
     * Speeds under one BLAS library, in GFLOP/s, conversions from and to float32 included.
     *
     * @param blas the library
     * @param f32 float32, 1024 rows, 576 to 1536
     * @param bf16 bfloat16, the same
     * @param smallF32 float32, 128 rows, 128 to 384: a model of a few million parameters
     * @param smallBf16 bfloat16, the same
     */
    public record Probe(String blas, double f32, double bf16, double smallF32, double smallBf16) {
        /**
         * The speed in float32, of large and small products alike. Products of bfloat16 are oneDNN's under any library, so that their
         * speed says nothing of it.
         */
        double library() {
            return Math.sqrt(f32 * smallF32);
        }
    }

    /**
     * Chooses the BLAS library, which must happen before libtorch is loaded. Measures where nothing is known of this machine and there
     * is more than one library to choose from. Does nothing when libtorch was told before ({@code -Dorg.bytedeco.openblas.load}).
     *
     * @throws IllegalArgumentException if {@value #BLAS_VARIABLE} names no library that is there
     */
    public static void chooseBlas() {
        chooseBlas(Optional.empty());
    }

    /**
     * The same, for work that goes on.
     *
     * @param before the library that it was begun with, whose roundings it keeps; taken if it is there and nobody asks for another
     */
    public static synchronized void chooseBlas(Optional<String> before) {
        if (System.getProperty(LOAD_PROPERTY) != null) {
            return;
        }
        Optional<String> asked =
                asked(System.getenv(BLAS_VARIABLE), available()).or(() -> before.filter(available()::contains));
        if (asked.isEmpty() && available().size() == 1) {
            return;
        }
        String chosen = asked.orElseGet(() -> current().best().blas());
        if (!chosen.equals(OPENBLAS)) {
            System.setProperty(LOAD_PROPERTY, chosen);
        }
    }

    /** The library that a person asked for; empty for {@code auto}. */
    static Optional<String> asked(@Nullable String value, List<String> available) {
        String blas = value == null ? "auto" : value.strip().toLowerCase(Locale.ROOT);
        if (blas.isEmpty() || blas.equals("auto")) {
            return Optional.empty();
        }
        if (!available.contains(blas)) {
            throw new IllegalArgumentException(BLAS_VARIABLE + " is " + value
                    + "; expected auto or one of what is installed: " + String.join(", ", available));
        }
        return Optional.of(blas);
    }

    /** The type for matrix products of a model of the given width on this machine. */
    public static DType compute(long modelWidth) {
        return modelWidth < NARROW ? DType.F32 : current().format(blas());
    }

    /** The measurement of this machine: from the cache, or made now. */
    public static synchronized Calibration current() {
        Calibration known = current;
        if (known == null) {
            known = load(cacheFile(), thisMachine())
                    .filter(kept -> kept.holds(isBusy()))
                    .orElseGet(() -> measureAndKeep(cacheFile()));
            current = known;
        }
        return known;
    }

    /** Measurement that this process has made or read; empty as long as nobody needed it. */
    public static synchronized Optional<Calibration> known() {
        return Optional.ofNullable(current);
    }

    /** True if it still holds: one that was made beside other work holds only while there is such work. */
    boolean holds(boolean busyNow) {
        return !busy || busyNow;
    }

    /** Measures again, whatever the cache holds. */
    public static synchronized Calibration renew() {
        Calibration fresh = measureAndKeep(cacheFile());
        current = fresh;
        return fresh;
    }

    /** The BLAS library that is loaded, or will be. */
    public static String blas() {
        return System.getProperty(LOAD_PROPERTY, "").startsWith(MKL) ? MKL : OPENBLAS;
    }

    /** The probe of the quickest library. */
    public Probe best() {
        return probes.stream()
                .max(java.util.Comparator.comparingDouble(Probe::library))
                .orElseThrow();
    }

    /** The number format to use under a library, by its measurement. */
    public DType format(String blas) {
        Probe probe = probes.stream()
                .filter(candidate -> candidate.blas().equals(blas))
                .findFirst()
                .orElseGet(this::best);
        return probe.bf16() >= WORTHWHILE * probe.f32() ? DType.BF16 : DType.F32;
    }

    /** Folder of measurements: {@code $XDG_CACHE_HOME/reft4j}, or {@code ~/.cache/reft4j}. */
    public static Path cacheFile() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path folder =
                cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return folder.resolve("reft4j").resolve("calibration.json");
    }

    /** The measurement in a file if it is whole and of this machine. */
    static Optional<Calibration> load(Path file, Machine machine) {
        try {
            @Nullable Calibration kept = Json.PLAIN.readValue(file.toFile(), Calibration.class);
            return Optional.ofNullable(kept).filter(calibration -> machine.equals(calibration.machine()));
        } catch (IOException e) {
            // Missing, cut short or written by another version: measuring again costs less than a question.
            return Optional.empty();
        }
    }

    void save(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        DurableFiles.write(file, Json.PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(this));
    }

    private static Calibration measureAndKeep(Path file) {
        boolean busyBefore = isBusy();
        List<String> available = available();
        // One library: it is the one that this process uses. Several: a process can load one only, so each gets its
        // own.
        List<Probe> probes = available.size() == 1
                ? List.of(SpeedProbe.measure(blas()))
                : available.stream()
                        .map(SpeedProbe::measureInChild)
                        .flatMap(Optional::stream)
                        .toList();
        Calibration measured = new Calibration(
                thisMachine(), probes.isEmpty() ? List.of(SpeedProbe.measure(blas())) : probes, busyBefore);
        try {
            measured.save(file);
        } catch (IOException | UncheckedIOException e) {
            // A home that cannot be written to: the measurement holds for this process.
            return measured;
        }
        return measured;
    }

    /** Other work on the same cores makes figures that should not be kept for good. */
    private static boolean isBusy() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load > BUSY * Runtime.getRuntime().availableProcessors();
    }

    static Machine thisMachine() {
        return new Machine(Cpu.name(), Runtime.getRuntime().availableProcessors(), Cpu.engine(), available());
    }

    /** BLAS libraries on the class path, by name. */
    public static List<String> available() {
        boolean mkl = Calibration.class.getResource("/org/bytedeco/mkl/global/mkl_rt.class") != null;
        return mkl ? List.of(OPENBLAS, MKL) : List.of(OPENBLAS);
    }
}
