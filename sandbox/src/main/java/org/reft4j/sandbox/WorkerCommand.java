package org.reft4j.sandbox;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.graalvm.polyglot.Engine;
import org.reft4j.ground.text.FuzzyMatch;

/**
 * Command that starts a worker process.
 *
 * @param launcher command that starts the program: it and its arguments come after
 * @param command the program and its arguments
 * @param heapMebibytes the worker's heap limit
 */
record WorkerCommand(List<String> launcher, List<String> command, int heapMebibytes) {
    /** The interpreter takes 60 MiB of it with both contexts loaded. A worker whose heap is full then takes 355 MB altogether, and less than 400 whatever its programs do. */
    static final int HEAP_MEBIBYTES = 208;

    /** Left of the environment: what a JVM needs to find files by their names, and on Windows to open sockets or files at all. */
    private static final List<String> KEPT_VARIABLES = List.of("LANG", "LC_ALL", "LC_CTYPE", "SystemRoot");

    WorkerCommand {
        launcher = List.copyOf(launcher);
        command = List.copyOf(command);
    }

    /** Runs programs. */
    static WorkerCommand worker() {
        return ofThisJvm(ProgramWorker.class);
    }

    /** Is confined as a worker is, and says how. */
    static WorkerCommand probe() {
        return ofThisJvm(SandboxProbe.class);
    }

    /** The JVM that runs this, with the Python interpreter, this module and the ground floor on its class path, and nothing else. */
    private static WorkerCommand ofThisJvm(Class<?> main) {
        boolean windows =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java")
                        .toString(),
                "-Xmx" + HEAP_MEBIBYTES + "m",
                "-XX:+UseSerialGC",
                // Interpreted Python gains nothing from the second compiler: 2.6 s instead of 3.6 s to start, and
                // faster after.
                "-XX:TieredStopAtLevel=1",
                // The interpreter's classes come from its makers' archives: 25 MB and half a second less.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+ErrorFileToStderr",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:-UsePerfData",
                "-XX:+DisableAttachMechanism",
                // A user without rights has no home by name; Python's library is unpacked there, once per machine.
                "-Duser.home=" + System.getProperty("user.home", ""),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                String.join(File.pathSeparator, classPath()),
                main.getName(),
                String.valueOf(Namespaces.countProcesses())));
        return new WorkerCommand(Namespaces.launcher(), command, HEAP_MEBIBYTES);
    }

    WorkerCommand withoutLauncher() {
        return new WorkerCommand(List.of(), command, heapMebibytes);
    }

    /** A process in the given directory, not started yet. */
    ProcessBuilder in(Path directory) {
        List<String> all = new ArrayList<>(launcher);
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).directory(directory.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(KEPT_VARIABLES);
        environment.put("MALLOC_ARENA_MAX", "1"); // glibc reserves 64 MiB of addresses for each arena
        return builder;
    }

    /**
     * The interpreter's jars are all of one version, which their names end in, and need Bouncy Castle beside them. Where they
     * cannot be told so (jars repackaged or renamed), a worker gets the whole class path.
     */
    private static List<String> classPath() {
        List<String> all = Arrays.stream(
                        System.getProperty("java.class.path", "").split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .toList();
        String polyglot = origin(Engine.class);
        String name = Path.of(polyglot).getFileName().toString();
        String suffix = name.substring(name.indexOf('-') + 1);
        // This module and the one below it, which a build may have in one place.
        List<String> needed = Stream.of(ProgramWorker.class, FuzzyMatch.class)
                .map(WorkerCommand::origin)
                .distinct()
                .collect(Collectors.toCollection(ArrayList::new));
        all.stream().filter(entry -> isInterpreter(entry, suffix)).forEach(needed::add);
        boolean complete =
                name.startsWith("polyglot-") && needed.stream().anyMatch(e -> e.contains("python-language-"));
        return complete ? needed : all;
    }

    private static boolean isInterpreter(String entry, String suffix) {
        String name = Path.of(entry).getFileName().toString();
        return name.endsWith("-" + suffix) || (name.startsWith("bc") && name.contains("-jdk18on-"));
    }

    private static String origin(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new ProgramPoolException("the class path holds a location that is no URI", e);
        }
    }
}
