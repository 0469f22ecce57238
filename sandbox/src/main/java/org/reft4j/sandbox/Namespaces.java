package org.reft4j.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.reft4j.sandbox.Sandbox.Layer;

/**
 * Linux namespaces for a worker, made by the {@code unshare} command: a network without interfaces, no shared memory with others, and
 * a user without rights (also where the training runs as root). Whether the system allows it is tried once.
 */
final class Namespaces {
    private static final String NAME = "namespaces";
    private static final List<String> LAUNCHER = List.of("unshare", "--user", "--net", "--ipc", "--");
    private static final String OWN_NETWORK = "/proc/self/ns/net";
    private static final int PATIENCE_SECONDS = 10;

    private Namespaces() {}

    private static final class Tried {
        private static final Layer LAYER = attempt();

        private Tried() {}
    }

    /** Prefix of a worker's command; empty where there are no namespaces. */
    static List<String> launcher() {
        return layer().on() ? LAUNCHER : List.of();
    }

    static Layer layer() {
        return Tried.LAYER;
    }

    /**
     * True if a limit of processes has an effect: without a namespace it would count the user's other programs too, and root is exempt,
     * whatever it is called inside.
     */
    static boolean countProcesses() {
        try {
            return layer().on() && !Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static Layer attempt() {
        if (!LinuxCalls.isLinux()) {
            return Layer.off(NAME, "Linux has them, " + System.getProperty("os.name") + " does not");
        }
        try {
            List<String> command = new ArrayList<>(LAUNCHER);
            command.addAll(List.of("readlink", OWN_NETWORK));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Layer.off(NAME, "unshare did not end");
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            String ours = Files.readSymbolicLink(Path.of(OWN_NETWORK)).toString();
            return process.exitValue() == 0 && !said.equals(ours)
                    ? Layer.on(NAME, "a user without rights, no network interfaces, no shared memory")
                    : Layer.off(NAME, "the system does not allow them: " + said.replaceAll("\\s+", " "));
        } catch (IOException e) {
            return Layer.off(NAME, "no unshare command: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Layer.off(NAME, "interrupted while trying");
        }
    }
}
