package org.reft4j.verify.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.reft4j.train.job.FinishedJob;
import org.reft4j.train.run.RunReader;

/** The program of docs/java.md, compiled and run as printed there. */
@ResourceLock("engine")
class JavaPageTest {
    private static final Path PAGE = Path.of(System.getProperty("reft4j.root"), "docs", "java.md");
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final int MINUTES = 5;

    @Test
    void theProgramTrainsAndAnswers(@TempDir Path folder) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("Sums.java"), program());
        Path output = folder.resolve("output");
        Process run = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();

        assertTrue(run.waitFor(MINUTES, TimeUnit.MINUTES), "it ends");
        String said = Files.readString(output);
        assertEquals(0, run.exitValue(), said);
        FinishedJob end = FinishedJob.of(folder.resolve("runs/sums"));
        assertEquals("reft", end.settings().entry().name());
        assertTrue(Files.isDirectory(end.model()), "a model lies there");
        assertTrue(
                said.strip().endsWith(end.ask("41 plus 1?").strip()),
                "the program prints what the model says: " + said);
        assertTrue(RunReader.of(end.folder()).settings().toString().contains("class=own"), "its own grader graded");
    }

    private static String program() throws IOException {
        Matcher found = PROGRAM.matcher(Files.readString(PAGE));
        assertTrue(found.find(), "docs/java.md has a program");
        return found.group(1);
    }
}
