package org.reft4j.sandbox;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.sandbox.Sandbox.Layer;

/**
 * Confinement of a worker: rights that it gives up for good before it runs a program. A layer that the system does not have is left
 * out; {@link #layers} names those that hold.
 */
final class Confinement {
    private final List<Layer> layers;
    private final @Nullable ResourceLimits limits;

    private Confinement(List<Layer> layers, @Nullable ResourceLimits limits) {
        this.layers = layers;
        this.limits = limits;
    }

    /**
     * Confines this process, and the thread that calls this, with all that it starts, more than the others.
     *
     * @param countsProcesses as {@link Namespaces#countProcesses} says
     * @param readable what the calling thread still has to read
     */
    static Confinement enter(boolean countsProcesses, List<Path> readable) {
        Optional<LinuxCalls> found = LinuxCalls.ofThisMachine();
        if (found.isEmpty()) {
            String why = "known for Linux on x86-64 only";
            return new Confinement(
                    List.of(ResourceLimits.missing(why), FileRules.missing(why), SystemCallFilter.missing(why)), null);
        }
        LinuxCalls calls = found.get();
        ResourceLimits limits = new ResourceLimits(calls);
        Layer limited = limits.set(countsProcesses);
        Layer files = new FileRules(calls).set(readable);
        Layer filtered = new SystemCallFilter(calls).set();
        return new Confinement(List.of(limited, files, filtered), limits);
    }

    /** Files that a worker reads while it runs programs: Java, the class path and Python's library. */
    static List<Path> readable() {
        List<Path> paths = new ArrayList<>(List.of(
                Path.of("/dev/urandom"),
                Path.of("/dev/random"),
                Path.of("/proc", String.valueOf(ProcessHandle.current().pid()))));
        Path java = Path.of(System.getProperty("java.home"));
        paths.add(java);
        // Some distributions keep these elsewhere.
        for (String settings : List.of("conf", "conf/security", "conf/security/java.security")) {
            Path link = java.resolve(settings);
            try {
                Path real = link.toRealPath();
                paths.add(Files.isDirectory(real) ? real : real.getParent());
            } catch (IOException e) {
                paths.add(link); // not there: passed over
            }
        }
        Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator))
                .forEach(entry -> paths.add(Path.of(entry)));
        String library = System.getProperty("polyglot.engine.userResourceCache");
        paths.add(
                library == null
                        ? Path.of(System.getProperty("user.home", ""), ".cache", "org.graalvm.polyglot")
                        : Path.of(library));
        return paths;
    }

    List<Layer> layers() {
        return layers;
    }

    /** To be called once this process has all that it needs: from then on its memory is bounded. */
    void settle() {
        if (limits != null) {
            limits.settle();
        }
    }

    /** Restarts the processor time; called before each program. */
    void allowProgram(Duration deadline) {
        if (limits != null) {
            limits.allowProgram(deadline);
        }
    }

    /** Whether another program might find too little memory here. */
    boolean isNearItsLimits() {
        return limits != null && limits.areNear();
    }
}
