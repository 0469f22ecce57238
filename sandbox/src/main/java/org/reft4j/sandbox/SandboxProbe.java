package org.reft4j.sandbox;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.sandbox.Sandbox.Layer;

/** The main class of a process that is confined as a worker is, and tries what a worker must not be able to do. */
final class SandboxProbe {
    private SandboxProbe() {}

    /** An act that must fail. */
    @FunctionalInterface
    private interface Forbidden {
        void attempt() throws IOException;
    }

    /** @param args as {@link Namespaces#countProcesses} says */
    public static void main(String[] args) throws IOException {
        Confinement confinement = Confinement.enter(Boolean.parseBoolean(args[0]), Confinement.readable());
        StringBuilder reply = new StringBuilder();
        for (Layer layer : confinement.layers()) {
            reply.append(checked(layer).line()).append('\n');
        }
        // Not closed: Java would put /dev/null in its place, which may no longer be opened.
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        out.write(reply.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The layer, or what got through it. */
    static Layer checked(Layer layer) {
        if (!layer.on()) {
            return layer;
        }
        List<String> escaped = new ArrayList<>();
        switch (layer.name()) {
            case SystemCallFilter.NAME -> {
                attempt("a socket", () -> new ServerSocket(0).close(), escaped);
                attempt("a process", () -> new ProcessBuilder("true").start().destroy(), escaped);
            }
            case FileRules.NAME -> {
                attempt("writing a file", () -> Files.createFile(Path.of("written")), escaped);
                attempt("reading a foreign file", () -> Files.readAllBytes(Path.of("/etc/passwd")), escaped);
            }
            default -> attempt("a byte in a file", () -> Files.writeString(Path.of("written"), "x"), escaped);
        }
        return escaped.isEmpty() ? layer : Layer.off(layer.name(), "holds not: " + String.join(", ", escaped));
    }

    private static void attempt(String what, Forbidden act, List<String> escaped) {
        try {
            act.attempt();
            escaped.add(what);
        } catch (IOException | LinkageError e) {
            // As it should be: some classes do not even load.
        }
    }
}
