package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.store.Database;

/** {@code reft backup} as its users meet it. */
class BackupCommandTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void copiesAndChecks() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        try (Database _ = Server.database(data, ServerSettings.DEFAULTS)) {
            Files.writeString(data.resolve("server.yaml"), "port: 9999\n");
        }
        Path copy = folder.resolve("copy");
        Cli made = Cli.run("backup", "--data", data.toString(), "--to", copy.toString());
        assertEquals(0, made.status(), made::toString);
        assertTrue(made.err().contains("restore: reft serve --data " + copy), made::toString);
        assertEquals("port: 9999\n", Files.readString(copy.resolve("server.yaml")));
        assertEquals(0, Cli.run("backup", "--check", copy.toString()).status());
        Files.writeString(copy.resolve("server.yaml"), "port: 9998\n");
        Cli changed = Cli.run("backup", "--check", copy.toString());
        assertEquals(1, changed.status());
        assertTrue(changed.err().contains("server.yaml has changed"), changed::toString);
    }

    @Test
    void saysWhatIsMissing() {
        assertRefused(2, "missing --to", "--data", folder.toString());
        assertRefused(2, "missing --data", "--to", folder.toString());
        assertRefused(2, "--check goes without", "--data", "a", "--check", "b");
        assertRefused(1, "has no reft.db", "--data", folder.toString(), "--to", "other");
        assertRefused(1, "has no SHA256SUMS", "--check", folder.toString());
    }

    private static void assertRefused(int status, String words, String... options) {
        Object[] arguments = new Object[options.length + 1];
        arguments[0] = "backup";
        System.arraycopy(options, 0, arguments, 1, options.length);
        Cli refused = Cli.run(arguments);
        assertTrue(refused.err().contains(words), refused::toString);
        assertEquals(status, refused.status(), refused::toString);
    }
}
