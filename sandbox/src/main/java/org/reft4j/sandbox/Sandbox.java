package org.reft4j.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Layers of protection between a program that a model wrote and the machine that runs it. */
public final class Sandbox {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FIELDS = 3;

    /** Those that need nothing of the system. */
    private static final List<Layer> ALWAYS = List.of(
            Layer.on("interpreter", "no files, network, processes, threads, environment, native code or Java"),
            Layer.on(
                    "process",
                    "a JVM of its own with " + WorkerCommand.HEAP_MEBIBYTES
                            + " MiB of heap, no environment, no open files but its pipes, an empty folder"),
            Layer.on("deadline", "kept inside, and outside by killing the process and its children"));

    private Sandbox() {}

    /**
     * One layer.
     *
     * @param name such as {@code system calls}
     * @param on whether it is in force on this machine
     * @param why what it does, or why it is not there
     */
    public record Layer(String name, boolean on, String why) {
        static Layer on(String name, String why) {
            return new Layer(name, true, why);
        }

        static Layer off(String name, String why) {
            return new Layer(name, false, why);
        }

        String line() {
            return name + "\t" + on + "\t" + why;
        }
    }

    /** All layers, as a process that is confined like a worker finds them. Starts that process once; takes about a second. */
    public static List<Layer> layers() {
        return Probed.LAYERS;
    }

    private static final class Probed {
        private static final List<Layer> LAYERS = probe();

        private Probed() {}
    }

    private static List<Layer> probe() {
        List<Layer> layers = new ArrayList<>(ALWAYS);
        layers.add(Namespaces.layer());
        Path directory;
        try {
            directory = Files.createTempDirectory("reft4j-probe-");
        } catch (IOException e) {
            layers.add(Layer.off("system", "no folder for a probe: " + e.getMessage()));
            return List.copyOf(layers);
        }
        try {
            layers.addAll(ask(directory));
        } catch (IOException e) {
            layers.add(Layer.off("system", "the probe failed: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            layers.add(Layer.off("system", "the probe was interrupted"));
        } finally {
            WorkerProcess.deleteTree(directory);
        }
        return List.copyOf(layers);
    }

    private static List<Layer> ask(Path directory) throws IOException, InterruptedException {
        Process probe = WorkerCommand.probe()
                .in(directory)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            probe.getOutputStream().close();
            if (!probe.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("no reply within " + PATIENCE.toSeconds() + " s");
            }
            String reply = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            List<Layer> layers = reply.lines()
                    .map(line -> line.split("\t", FIELDS))
                    .filter(fields -> fields.length == FIELDS)
                    .map(fields -> new Layer(fields[0], Boolean.parseBoolean(fields[1]), fields[2]))
                    .toList();
            if (layers.isEmpty() || probe.exitValue() != 0) {
                throw new IOException("exit code " + probe.exitValue());
            }
            return layers;
        } finally {
            probe.destroyForcibly();
        }
    }
}
