package org.reft4j.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.reft4j.train.job.StopSource;

/**
 * Turns Ctrl-C into an orderly end. The JVM goes down as soon as its shutdown hooks are through, so this one waits until the work says
 * that it is done, but not for ever: when its patience is over, or at a second Ctrl-C, the process ends whatever it is doing. Close it
 * when the work is done.
 */
final class Interruption implements StopSource.Watch {
    /** Until what was interrupted must have ended; between two tokens it looks. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final CountDownLatch done = new CountDownLatch(1);
    private final Runnable stop;
    private final Duration patience;
    private final Runnable end;
    private final Thread hook;
    private volatile boolean asked;

    private Interruption(Runnable stop, Duration patience, Runnable end) {
        this.stop = stop;
        this.patience = patience;
        this.end = end;
        this.hook = new Thread(this::interrupted, "interruption");
    }

    /** An interruption for work that checks {@link #asked} before each of its small parts. */
    static Interruption on() {
        return on(() -> {}, PATIENCE);
    }

    /** An interruption for work that {@code stop} ends soon. */
    static Interruption on(Runnable stop) {
        return on(stop, PATIENCE);
    }

    /**
     * @param stop asks the work to end; called on another thread, at most once
     * @param patience time that the work may take to end
     */
    static Interruption on(Runnable stop, Duration patience) {
        return on(stop, patience, () -> ProcessEnd.now(Failures.INTERRUPTED));
    }

    /**
     * The same.
     *
     * @param end action when that time is over
     */
    static Interruption on(Runnable stop, Duration patience, Runnable end) {
        Interruption interruption = new Interruption(stop, patience, end);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    @Override
    public boolean asked() {
        return asked;
    }

    void interrupted() {
        asked = true;
        ProcessEnd.atNextInterrupt();
        stop.run();
        try {
            if (!done.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                end.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
        if (!asked) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is going down already, for another reason.
                asked = true;
            }
        }
    }

    /**
     * Ends this process without running what C and C++ libraries have registered for its exit. The JVM's own ways out, {@link Runtime#halt} too,
     * call C's {@code exit}: libtorch's global objects are then destroyed while other threads still compute with them, and what was to be
     * a quiet end is a crash with a log file.
     */
    static final class ProcessEnd {
        /** The signal's number on Linux, macOS and Windows alike. */
        private static final int SIGINT = 2;

        private static final MemorySegment SIG_DFL = MemorySegment.NULL;

        private static final Optional<MethodHandle> EXIT =
                function("_exit", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
        private static final Optional<MethodHandle> SIGNAL = function(
                "signal", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

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

        /** From here on Ctrl-C kills the process at once, as it kills one that takes no notice of it; the JVM would ignore a second one. */
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
}
