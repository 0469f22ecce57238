package org.reft4j.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;

/**
 * Memory of freed tensors, returned to the system. The launcher tells the C library to keep it for the next tensors, for speed; since
 * their sizes differ, its heap comes to hold a multiple of what is in use, and a long run grows until the system ends it.
 */
public final class FreedMemory {
    /**
     * A process may hold this part of the machine's memory before anything is given back, since taking it again costs time, as long as as
     * much is left for others.
     */
    private static final long SHARE = 4;
    /** Growth since the last time, as a part of the machine's memory, that is worth doing it again. */
    private static final long GROWTH = 8;
    /** The same where several processes have left little of it. */
    private static final long GROWTH_WHEN_SHORT = 32;

    private static final Optional<MethodHandle> TRIM = trim();

    private static long settled;

    private FreedMemory() {}

    /**
     * Gives it back to the system if the process has grown large, and on a device always. To be called between pieces of work, when most
     * tensors are gone. Does nothing on the processor where the C library is not glibc.
     *
     * @param place of the tensors
     */
    public static synchronized void giveBack(Place place) {
        if (Cuda.is(place.device())) {
            Cuda.emptyCache();
        }
        if (TRIM.isPresent() && due(Pointer.physicalBytes(), settled, Cpu.memoryBytes(), Cpu.availableBytes())) {
            settled = giveBackNow();
        }
    }

    /**
     * @param settled what the process held after the last time
     * @param available of the machine's memory, to anybody
     */
    static boolean due(long resident, long settled, long memory, long available) {
        return available < memory / SHARE
                ? resident > settled + memory / GROWTH_WHEN_SHORT
                : resident > Math.max(memory / SHARE, settled + memory / GROWTH);
    }

    /** @return what the process holds after it */
    static long giveBackNow() {
        TRIM.ifPresent(trim -> {
            try {
                var _ = (int) trim.invokeExact(0L);
            } catch (Throwable e) {
                throw new IllegalStateException("malloc_trim could not be called", e);
            }
        });
        return Pointer.physicalBytes();
    }

    @SuppressWarnings("restricted") // the launcher enables native access, which libtorch needs anyway
    private static Optional<MethodHandle> trim() {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("malloc_trim")
                .map(address -> linker.downcallHandle(
                        address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));
    }
}
