package org.reft4j.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.sandbox.Sandbox.Layer;

final class SandboxTest {
    private static boolean on(String layer) {
        return Sandbox.layers().stream().anyMatch(each -> each.name().equals(layer) && each.on());
    }

    @Test
    void reportsEveryLayerWithAReason() {
        assertEquals(
                List.of(
                        "interpreter",
                        "process",
                        "deadline",
                        "namespaces",
                        ResourceLimits.NAME,
                        FileRules.NAME,
                        SystemCallFilter.NAME),
                Sandbox.layers().stream().map(Layer::name).toList());
        Sandbox.layers().forEach(layer -> assertFalse(layer.why().isBlank(), layer.name()));
    }

    /** The kernels of all common distributions have both; a container may forbid the other layers. */
    @Test
    void limitsAndFiltersOnLinux() {
        assumeTrue(LinuxCalls.ofThisMachine().isPresent(), "skipped: not Linux on x86-64");
        assertTrue(on(ResourceLimits.NAME), () -> Sandbox.layers().toString());
        assertTrue(on(SystemCallFilter.NAME), () -> Sandbox.layers().toString());
    }

    /** In this process nothing is confined: whoever claims it is found out. */
    @Test
    void aLayerThatDoesNotHoldIsOff() throws IOException {
        for (String name : List.of(SystemCallFilter.NAME, FileRules.NAME, ResourceLimits.NAME)) {
            Layer checked = SandboxProbe.checked(Layer.on(name, "claimed"));
            Files.deleteIfExists(Path.of("written"));
            assertFalse(checked.on(), checked::toString);
            assertTrue(checked.why().startsWith("holds not: "), checked::toString);
        }
        Layer off = Layer.off(FileRules.NAME, "not here");
        assertEquals(off, SandboxProbe.checked(off));
    }

    @Test
    void aWorkerIsConfinedAsReported(@TempDir Path temp) throws IOException {
        assumeTrue(LinuxCalls.ofThisMachine().isPresent(), "skipped: not Linux on x86-64");
        Path secret = Files.writeString(temp.resolve("secret"), "x");
        try (InputStream _ = Files.newInputStream(secret);
                ProgramPool pool = ProgramPool.start(1, Duration.ofSeconds(10))) {
            pool.run("def solution():\n    return 1");
            Path worker = Path.of("/proc", String.valueOf(pool.pids().getFirst()));

            List<String> open = links(worker.resolve("fd"));
            assertTrue(open.stream().noneMatch(file -> file.contains("secret")), open::toString);
            assertEquals(
                    3, open.stream().filter(file -> file.startsWith("pipe:")).count(), open::toString);
            assertTrue(open.stream().noneMatch(file -> file.startsWith("socket:")), open::toString);

            String environment = Files.readString(worker.resolve("environ"));
            assertFalse(environment.contains("PATH="), environment);

            String status = Files.readString(worker.resolve("status"));
            assertTrue(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), status);
            String limits = Files.readString(worker.resolve("limits")).replaceAll(" +", " ");
            assertTrue(limits.contains("Max file size 0 0 "), limits);
            assertFalse(limits.contains("Max address space unlimited"), limits);
            assertFalse(limits.contains("Max cpu time unlimited"), limits);
            if (on("namespaces")) {
                assertTrue(status.contains("CapEff:\t0000000000000000"), status);
                assertNotEquals(
                        Files.readSymbolicLink(Path.of("/proc/self/ns/net")),
                        Files.readSymbolicLink(worker.resolve("ns/net")));
            }
        }
    }

    private static List<String> links(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(SandboxTest::target).toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }
}
