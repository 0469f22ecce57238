package org.reft4j.sandbox;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;
import java.util.Optional;

/**
 * System calls of Linux by their numbers on x86-64, through the C library's {@code syscall}. Arguments are integers or addresses in a
 * {@code long}.
 */
final class LinuxCalls {
    static final int EPERM = 1;

    private static final int ARGUMENTS = 6;
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MethodHandle syscall;

    private LinuxCalls(MethodHandle syscall) {
        this.syscall = syscall;
    }

    static boolean isLinux() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux");
    }

    /** Empty on other systems and processors. */
    @SuppressWarnings("restricted") // there is no other way to the kernel; workers start with native access enabled
    static Optional<LinuxCalls> ofThisMachine() {
        if (!isLinux() || !System.getProperty("os.arch", "").equals("amd64")) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        ValueLayout word = ValueLayout.JAVA_LONG;
        FunctionDescriptor shape = FunctionDescriptor.of(word, word, word, word, word, word, word, word);
        return linker.defaultLookup()
                .find("syscall")
                .map(address -> new LinuxCalls(linker.downcallHandle(
                        address, shape, Linker.Option.firstVariadicArg(1), Linker.Option.captureCallState("errno"))));
    }

    /**
     * Makes one call.
     *
     * @param arguments up to six
     * @return what it returned, or the negated error number
     */
    long call(int number, long... arguments) {
        long[] all = java.util.Arrays.copyOf(arguments, ARGUMENTS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            long result =
                    (long) syscall.invokeExact(state, (long) number, all[0], all[1], all[2], all[3], all[4], all[5]);
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (Throwable e) {
            throw new IllegalStateException("system call " + number + " could not be made", e);
        }
    }
}
