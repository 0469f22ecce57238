package org.reft4j.sandbox;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.sandbox.Sandbox.Layer;

/** Limits that Linux keeps for a whole process, set by the worker for itself once it has all it needs. See {@code setrlimit(2)}. */
final class ResourceLimits {
    static final String NAME = "resource limits";

    private static final int PRLIMIT = 302;
    private static final int CLOCK_GETTIME = 228;
    private static final int PROCESS_CPU_CLOCK = 2;

    private static final int CPU = 0;
    private static final int FILE_SIZE = 1;
    private static final int DATA = 2;
    private static final int CORE = 4;
    private static final int PROCESSES = 6;
    private static final int OPEN_FILES = 7;
    private static final int ADDRESS_SPACE = 9;

    private static final long NO_LIMIT = -1;
    /** Of addresses, which are reserved in large pieces. */
    private static final long MORE_ADDRESSES = 160L << 20;

    /**
     * Of memory beside the heap, for classes, compiled code and what libraries take: a program could make them take more than the heap
     * does. Importing half of Python's library takes 10 MiB.
     */
    private static final long MORE_MEMORY = 24L << 20;

    private static final long MORE_THREADS = 32;
    private static final long MOST_FILES = 256;
    private static final int PAGE_BYTES = 4096;
    private static final int ADDRESSES = 0;
    private static final int WRITABLE = 5;
    /** Extra processor time for the collector and the compiler, beside a program's deadline on every processor. */
    private static final long SPARE_SECONDS = 5;

    private final LinuxCalls calls;
    private final long processors = Runtime.getRuntime().availableProcessors();
    private boolean cpuLimited;
    private boolean memoryLimited;
    private long mostMemory;

    ResourceLimits(LinuxCalls calls) {
        this.calls = calls;
    }

    /**
     * @param countsProcesses as {@link Namespaces#countProcesses} says
     */
    Layer set(boolean countsProcesses) {
        List<String> set = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        note(limit(FILE_SIZE, 0, 0), "files written 0 bytes", set, missing);
        note(limit(CORE, 0, 0), "no core files", set, missing);
        note(limit(OPEN_FILES, MOST_FILES, MOST_FILES), "open files " + MOST_FILES, set, missing);
        long space = memory(ADDRESSES) + MORE_ADDRESSES;
        note(limit(ADDRESS_SPACE, space, space), "address space " + (space >> 20) + " MiB", set, missing);
        note(
                limitMemory(MORE_ADDRESSES),
                "memory beside the heap, when ready, " + (MORE_MEMORY >> 20) + " MiB",
                set,
                missing);
        if (countsProcesses) {
            long threads = threads() + MORE_THREADS;
            note(limit(PROCESSES, threads, threads), "processes and threads " + threads, set, missing);
        } else {
            missing.add("processes (Linux counts them in a namespace only, and never those of root)");
        }
        cpuLimited = allow(Duration.ofMinutes(1)); // until the first program comes
        note(cpuLimited, "processor time by program", set, missing);
        String why = String.join(", ", set) + (missing.isEmpty() ? "" : "; not " + String.join(", ", missing));
        return new Layer(NAME, !set.isEmpty(), why);
    }

    static Layer missing(String why) {
        return Layer.off(NAME, why);
    }

    /** Lets the process compute for another program, should nobody be left outside to stop it. */
    void allowProgram(Duration deadline) {
        if (cpuLimited) {
            allow(deadline);
        }
    }

    private boolean allow(Duration deadline) {
        long seconds = cpuSeconds() + (deadline.toSeconds() + 1) * processors + SPARE_SECONDS;
        return limit(CPU, seconds, NO_LIMIT);
    }

    private long cpuSeconds() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2);
            calls.call(CLOCK_GETTIME, PROCESS_CPU_CLOCK, time.address());
            return time.getAtIndex(ValueLayout.JAVA_LONG, 0);
        }
    }

    private boolean limit(int resource, long soft, long hard) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(ValueLayout.JAVA_LONG, 2);
            limits.setAtIndex(ValueLayout.JAVA_LONG, 0, soft);
            limits.setAtIndex(ValueLayout.JAVA_LONG, 1, hard);
            if (calls.call(PRLIMIT, 0, resource, limits.address(), 0) != 0) {
                return false;
            }
            MemorySegment found = arena.allocate(ValueLayout.JAVA_LONG, 2);
            return calls.call(PRLIMIT, 0, resource, 0, found.address()) == 0
                    && found.getAtIndex(ValueLayout.JAVA_LONG, 0) == soft;
        }
    }

    private static void note(boolean done, String what, List<String> set, List<String> missing) {
        (done ? set : missing).add(what);
    }

    /** Bounds the memory of a process that has all that it needs. */
    void settle() {
        limitMemory(MORE_MEMORY);
    }

    private boolean limitMemory(long more) {
        mostMemory = memory(WRITABLE) + more;
        memoryLimited = limit(DATA, mostMemory, mostMemory);
        return memoryLimited;
    }

    /** Whether so little memory beside the heap is left that the next program might miss it. */
    boolean areNear() {
        return memoryLimited && memory(WRITABLE) > mostMemory - MORE_MEMORY / 2;
    }

    /** In bytes, one of the numbers that {@code /proc/self/statm} holds. */
    private static long memory(int field) {
        try {
            String[] pages =
                    Files.readString(Path.of("/proc/self/statm")).strip().split(" ", -1);
            return Long.parseLong(pages[field]) * PAGE_BYTES;
        } catch (IOException | NumberFormatException e) {
            return Integer.MAX_VALUE * 4L; // no /proc: a JVM of this size takes less
        }
    }

    private static long threads() {
        try (var tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.count();
        } catch (IOException e) {
            return MORE_THREADS;
        }
    }
}
