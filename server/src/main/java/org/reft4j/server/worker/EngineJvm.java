package org.reft4j.server.worker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A process of this program's class path in which the engine runs, with the JVM options and the environment that its libraries need. */
public final class EngineJvm {
    /** As in {@code bin/engine-env.sh}, which says why; values that are set already stay. */
    static final Map<String, String> ENVIRONMENT = Map.of(
            "MALLOC_ARENA_MAX", "1",
            "MALLOC_MMAP_THRESHOLD_", "4294967296",
            "MALLOC_TRIM_THRESHOLD_", "8589934592",
            "MALLOC_TOP_PAD_", "67108864",
            "OMP_WAIT_POLICY", "PASSIVE",
            "GOMP_SPINCOUNT", "10000",
            "OPENBLAS_THREAD_TIMEOUT", "4",
            "CUBLAS_WORKSPACE_CONFIG", ":4096:8");

    /** Set by the launcher where PyTorch's own libtorch is taken (REFT_LIBTORCH). */
    private static final String OWN_LIBTORCH = "org.bytedeco.javacpp.pathsFirst";

    private EngineJvm() {}

    /**
     * A process that is not started yet.
     *
     * @param main the class with the main method
     * @param options more options of the JVM, such as {@code -Xmx2g}
     */
    public static ProcessBuilder of(Class<?> main, List<String> options, List<String> arguments) {
        boolean windows =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java")
                        .toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // JavaCPP must not stop at four times the heap: tensors live outside it.
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-CreateCoredumpOnCrash",
                "-Dfile.encoding=UTF-8"));
        String own = System.getProperty(OWN_LIBTORCH);
        if (own != null) {
            command.add("-D" + OWN_LIBTORCH + "=" + own);
        }
        command.addAll(options);
        command.add(main.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        // Not as an argument: a class path may be longer than one is allowed to be.
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
        return builder;
    }
}
