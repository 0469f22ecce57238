package org.reft4j.verify;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/**
 * A pretended accelerator, {@code fake:0}: memory of its own, every operator computed by the processor's kernels, an error by the
 * operator's name where operands lie on different devices, and counters of what is copied. Its addresses cannot be read. It is loaded from
 * {@code ../shared/device} when the tests begin: libtorch starts the threads of its backward pass for the devices that it knows of then.
 */
public final class FakeDevice implements LauncherSessionListener {
    /** The place that tests put models at. */
    static final Place PLACE = Place.on("fake:0", DType.F32);

    private static final Path LIBRARY = Path.of(System.getProperty("reft4j.root", "."))
            .resolve("../shared/device/libfakedev.so")
            .normalize();
    private static final int UPLOADS = 0;
    private static final int DOWNLOADS = 1;
    private static final int READS = 3;

    private static Optional<SymbolLookup> loaded = Optional.empty();
    private static String absent = "nobody has tried to load it";

    /** Copies so far: to the device, from it, and of single numbers from it. */
    record Counts(long uploads, long downloads, long reads) {
        Counts since(Counts earlier) {
            return new Counts(uploads - earlier.uploads, downloads - earlier.downloads, reads - earlier.reads);
        }
    }

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        load();
    }

    @SuppressWarnings("restricted") // there is no other way to the library; tests start with native access enabled
    private static synchronized void load() {
        if (loaded.isPresent()) {
            return;
        }
        if (!Files.exists(LIBRARY)) {
            absent = "no " + LIBRARY;
            return;
        }
        try {
            Loader.load(torch.class);
            SymbolLookup library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
            Linker.nativeLinker()
                    .downcallHandle(library.find("fake_init").orElseThrow(), FunctionDescriptor.ofVoid())
                    .invokeExact();
            loaded = Optional.of(library);
        } catch (Throwable e) {
            absent = LIBRARY + " does not load: " + e.getMessage();
        }
    }

    /** Skips the test, and says why, where the device cannot be had. */
    static void require() {
        load();
        if (loaded.isEmpty()) {
            System.out.println("skipped: no fake device: " + absent);
        }
        assumeTrue(loaded.isPresent(), absent);
    }

    static Counts counts() {
        return new Counts(count(UPLOADS), count(DOWNLOADS), count(READS));
    }

    @SuppressWarnings("restricted")
    private static long count(int what) {
        try {
            return (long) Linker.nativeLinker()
                    .downcallHandle(
                            loaded.orElseThrow().find("fake_count").orElseThrow(),
                            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT))
                    .invokeExact(what);
        } catch (Throwable e) {
            throw new IllegalStateException("fake_count could not be called", e);
        }
    }
}
