package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell launchers, in a made-up checkout with a made-up Maven and JDK that only say how they were called. */
final class LauncherTest {
    private static final Path ROOT = Path.of(System.getProperty("reft4j.root", ".."));

    @TempDir
    private Path temporary;

    private Path checkout = Path.of("");

    /** Result of a launcher. */
    private record Outcome(int status, String out, String err) {}

    @BeforeEach
    void makeCheckout() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no /bin/sh here: the launcher is not tested");
        checkout = Files.createDirectories(temporary.resolve("check out"));
        Files.createDirectories(checkout.resolve("cli/src/dist/bin"));
        Files.createDirectories(checkout.resolve(".mvn"));
        copy("reft");
        copy("cli/src/dist/bin/reft");
        copy("cli/src/dist/bin/engine-env.sh");
        Path jdk = Files.createDirectories(temporary.resolve("jdk/bin"));
        script(
                jdk.resolve("java"),
                "echo \"malloc=$MALLOC_ARENA_MAX\"; echo \"wait=$OMP_WAIT_POLICY\"; for word in \"$@\"; do echo \"arg=$word\"; done");
        Files.writeString(checkout.resolve(".mvn/find-jdk.sh"), "JAVA_HOME='" + temporary.resolve("jdk") + "'\n");
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        Path sources = Files.createDirectories(checkout.resolve("cli/src/main/java"));
        Files.writeString(sources.resolve("A.java"), "class A {}");
        Files.writeString(temporary.resolve("library.jar"), "");
        script(
                checkout.resolve("mvnw"),
                "echo \"$@\" >> built; echo '[INFO] Building reft4j cli 0.1'; [ ! -e broken ] || { echo '[ERROR] it broke'; exit 1; };"
                        + " mkdir -p cli/target; touch cli/target/cli.jar; printf %s '"
                        + temporary.resolve("library.jar")
                        + "' > cli/target/reft.classpath");
    }

    @Test
    void buildsOnceAndHandsOnEveryWord() throws Exception {
        Outcome first = reft("grade", "a b", "", "*");
        assertEquals(0, first.status(), first.err());
        assertTrue(first.err().contains("reft: building, once"), first.err());
        assertTrue(first.err().contains("reft:   reft4j cli"), first.err());
        assertTrue(first.out().endsWith("arg=org.reft4j.cli.Main\narg=grade\narg=a b\narg=\narg=*\n"), first.out());
        assertTrue(first.out().contains("arg=--enable-native-access=ALL-UNNAMED\n"), first.out());
        assertTrue(first.out().contains("arg=-Dorg.bytedeco.javacpp.maxPhysicalBytes=0\n"), first.out());
        assertTrue(first.out().contains("malloc=1\nwait=PASSIVE\n"), first.out());
        assertTrue(first.out().contains("/cli.jar:" + temporary.resolve("library.jar") + "\n"), first.out());
        Outcome second = reft("doctor");
        assertEquals("", second.err(), "nothing to do, nothing to say");
        assertEquals(1, builds());
    }

    @Test
    void buildsAgainWhenSourcesDiffer() throws Exception {
        Path source = checkout.resolve("cli/src/main/java/A.java");
        reft();
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        reft();
        assertEquals(1, builds(), "touched, but the same");
        FileTime before = Files.getLastModifiedTime(source);
        Files.writeString(source, "class B {}");
        Files.setLastModifiedTime(source, FileTime.from(Instant.EPOCH));
        assertTrue(
                reft().err().contains("sources changed"), "older by the clock, but other text: a checkout does that");
        assertEquals(2, builds());
        Files.writeString(source, "class A {}");
        Files.setLastModifiedTime(source, before);
        reft();
        assertEquals(3, builds(), "back again");
        Files.delete(source);
        reft();
        assertEquals(4, builds(), "deleted");
        Files.writeString(checkout.resolve("pom.xml"), "<project></project>");
        reft();
        assertEquals(5, builds(), "the build itself");
    }

    @Test
    void buildsAgainWhenALibraryIsGone() throws Exception {
        reft();
        Files.delete(temporary.resolve("library.jar"));
        reft();
        assertEquals(2, builds());
    }

    @Test
    void aFailedBuildSaysWhyAndIsTriedAgain() throws Exception {
        Files.writeString(checkout.resolve("broken"), "");
        Outcome failed = reft("doctor");
        assertEquals(1, failed.status());
        assertTrue(failed.err().contains("the build failed"), failed.err());
        assertTrue(failed.err().contains("[ERROR] it broke"), failed.err());
        assertEquals("", failed.out(), "nothing was started");
        Files.delete(checkout.resolve("broken"));
        assertEquals(0, reft("doctor").status());
        assertEquals(2, builds());
        assertFalse(Files.exists(checkout.resolve("target/reft-build.lock")));
    }

    @Test
    void aLockOfADeadProcessIsNoObstacle() throws Exception {
        Path lock = Files.createDirectories(checkout.resolve("target/reft-build.lock"));
        Process gone = new ProcessBuilder("/bin/sh", "-c", "exit 0").start();
        assertTrue(gone.waitFor(10, TimeUnit.SECONDS));
        Files.writeString(lock.resolve("pid"), gone.pid() + "\n");
        assertEquals(0, reft().status());
        assertEquals(1, builds());
    }

    @Test
    void runsFromAnywhereAndThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), checkout.resolve("reft"));
        Outcome outcome = run(temporary, List.of("/bin/sh", link.toString(), "doctor"));
        assertEquals(0, outcome.status(), outcome.err());
        assertTrue(outcome.out().contains("arg=doctor"), outcome.out());
    }

    @Test
    void theReleaseRunsWithoutMaven() throws Exception {
        Path release = temporary.resolve("reft-1.0");
        Files.createDirectories(release.resolve("bin"));
        Files.copy(ROOT.resolve("cli/src/dist/bin/reft"), release.resolve("bin/reft"));
        Files.copy(ROOT.resolve("cli/src/dist/bin/engine-env.sh"), release.resolve("bin/engine-env.sh"));
        Files.copy(checkout.resolve(".mvn/find-jdk.sh"), release.resolve("bin/find-jdk.sh"));
        Outcome outcome =
                run(temporary, List.of("/bin/sh", release.resolve("bin/reft").toString(), "doctor"));
        assertTrue(
                outcome.out().contains("arg=" + release + "/lib/*\narg=org.reft4j.cli.Main\narg=doctor\n"),
                outcome.out());
    }

    private Outcome reft(String... words) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", checkout.resolve("reft").toString()));
        command.addAll(List.of(words));
        return run(checkout, command);
    }

    private Outcome run(Path where, List<String> command) throws IOException, InterruptedException {
        Path out = temporary.resolve("out");
        Path err = temporary.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("REFT_") || name.startsWith("MALLOC_") || name.startsWith("OMP_"));
        Process process = builder.start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the launcher hangs");
        return new Outcome(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    /** The number of times that Maven was started. */
    private int builds() throws IOException {
        return Files.readAllLines(checkout.resolve("built")).size();
    }

    private void copy(String file) throws IOException {
        Files.copy(ROOT.resolve(file), checkout.resolve(file));
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
