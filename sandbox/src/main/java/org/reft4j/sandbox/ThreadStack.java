package org.reft4j.sandbox;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The stack of one thread, and whether it was ever used to its end: the system keeps every page of it that was touched. A program can hide
 * that its stack ran over by catching the error; the pages stay.
 */
final class ThreadStack {
    private static final int MINCORE = 27;
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 16;
    /** Java refuses calls when this little is left, or a little less. */
    private static final long NEAR_THE_END = 1 << 20;

    /** Larger than any C library's. */
    private static final int ATTRIBUTES_BYTES = 256;

    private final LinuxCalls calls;
    private final long watched;

    private ThreadStack(LinuxCalls calls, long watched) {
        this.calls = calls;
        this.watched = watched;
    }

    /** The stack of the calling thread; empty where the system does not say where it is. */
    static Optional<ThreadStack> ofThisThread() {
        return LinuxCalls.ofThisMachine().flatMap(ThreadStack::find);
    }

    private static Optional<ThreadStack> find(LinuxCalls calls) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
            MemorySegment low = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
            long self = call("pthread_self");
            boolean found = (int) call("pthread_getattr_np", self, attributes.address()) == 0
                    && (int) call("pthread_attr_getstack", attributes.address(), low.address(), size.address()) == 0;
            long bottom = low.get(ValueLayout.JAVA_LONG, 0);
            return found && size.get(ValueLayout.JAVA_LONG, 0) > 2 * NEAR_THE_END
                    ? Optional.of(new ThreadStack(calls, (bottom + NEAR_THE_END) / PAGE_BYTES * PAGE_BYTES))
                    : Optional.empty();
        } catch (NoSuchElementException e) {
            return Optional.empty(); // a C library without these functions
        }
    }

    @SuppressWarnings("restricted") // there is no other way to the C library; workers start with native access enabled
    private static long call(String function, Object... arguments) {
        MethodHandle handle = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow(function),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_LONG,
                                Collections.nCopies(arguments.length, ValueLayout.JAVA_LONG)
                                        .toArray(ValueLayout[]::new)));
        try {
            return (long) handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " could not be called", e);
        }
    }

    /** True if this thread has ever come near the end of its stack. */
    boolean wasExhausted() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment resident = arena.allocate(PAGES);
            if (calls.call(MINCORE, watched, (long) PAGES * PAGE_BYTES, resident.address()) != 0) {
                return false;
            }
            for (int i = 0; i < PAGES; i++) {
                if ((resident.get(ValueLayout.JAVA_BYTE, i) & 1) != 0) {
                    return true;
                }
            }
            return false;
        }
    }
}
