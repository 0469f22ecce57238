package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.RunningServer;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.TinyModel;

/**
 * OpenAI's own clients for Python and Node, each in a script beside the tests that says what it expects. {@code ./dev clients} fetches them;
 * elsewhere {@code -Dtests.python} names an interpreter that has the package {@code openai}, {@code -Dtests.node-modules} a folder with
 * {@code node_modules/openai}.
 */
class OfficialClientsTest {
    private static final long LIMIT_SECONDS = 300;

    @TempDir
    private static Path folder = Path.of("");

    private static RunningServer server;

    @BeforeAll
    static void open() {
        Path model = TinyModel.make(folder.resolve("tiny"));
        ServerSettings.Limits usual = ServerSettings.DEFAULTS.limits();
        server = RunningServer.start(
                folder.resolve("data"), RunningServer.settings("127.0.0.1", Map.of("tiny", model.toString()), usual));
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @Test
    void python() throws Exception {
        String python = System.getProperty("tests.python", "python3");
        Assumptions.assumeTrue(
                runs(List.of(python, "-c", "import openai")),
                python + " has no package openai; ./dev clients fetches it");
        passes(List.of(python, script("openai_client.py").toString(), "tiny"));
    }

    @Test
    void node() throws Exception {
        String modules = System.getProperty("tests.node-modules", ".");
        Assumptions.assumeTrue(
                Files.isDirectory(Path.of(modules, "node_modules", "openai")) && runs(List.of("node", "--version")),
                "no Node with the package openai in " + modules + "; ./dev clients fetches it");
        passes(List.of(
                "node",
                script("openai_client.mjs").toString(),
                Path.of(modules).toAbsolutePath().toString(),
                "tiny"));
    }

    private static Path script(String name) throws IOException {
        Path script = folder.resolve(name);
        try (InputStream in =
                Objects.requireNonNull(OfficialClientsTest.class.getResourceAsStream("/clients/" + name))) {
            Files.write(script, in.readAllBytes());
        }
        return script;
    }

    private static boolean runs(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private static void passes(List<String> command) throws IOException, InterruptedException {
        Path said = folder.resolve("said");
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().putAll(Map.of("OPENAI_BASE_URL", server.address() + "/v1", "OPENAI_API_KEY", "any"));
        Process process = builder.start();
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        String words = Files.readString(said, StandardCharsets.UTF_8);
        assertEquals(0, ended ? process.exitValue() : -1, () -> String.join(" ", command) + "\n" + words);
        System.out.print(command.getFirst() + ": " + words);
    }
}
