package org.reft4j.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Ends this process without running what C and C++ libraries have registered for its exit. The JVM's own ways out,
 * {@link Runtime#halt} too,
 * call C's {@code exit}: libtorch's global objects are then destroyed while other threads still compute with them, and
 * what was to be
 * a quiet end is a crash with a log file.
 */
final class ProcessEnd {
    /** The signal's number on Linux, macOS and Windows alike. */
    private static final int SIGINT = 2;

    private static final MemorySegment SIG_DFL = MemorySegment.NULL;

    private static final Optional<MethodHandle> EXIT =
            function("_exit", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    private static final Optional<MethodHandle> SIGNAL =
            function("signal", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

    private ProcessEnd() {}

    /** Ends the process now; shutdown hooks that still run are not waited for. */
    static void now(int status) {
        EXIT.ifPresent(exit -> {
            try {
                exit.invokeExact(status);
            } catch (Throwable e) {
                throw new IllegalStateException("_exit could not be called", e);
            }
        });
        Runtime.getRuntime().halt(status);
    }

    /**
     * From here on Ctrl-C kills the process at once, as it kills one that takes no notice of it; the JVM would ignore a
     * second one.
     */
    static void atNextInterrupt() {
        SIGNAL.ifPresent(signal -> {
            try {
                var _ = (MemorySegment) signal.invokeExact(SIGINT, SIG_DFL);
            } catch (Throwable e) {
                throw new IllegalStateException("signal could not be called", e);
            }
        });
    }

    @SuppressWarnings("restricted") // the launcher enables native access, which libtorch needs anyway
    private static Optional<MethodHandle> function(String name, FunctionDescriptor shape) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find(name).map(address -> linker.downcallHandle(address, shape));
    }
}
