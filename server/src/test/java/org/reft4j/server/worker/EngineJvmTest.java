package org.reft4j.server.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Workers have the environment that the command's script sets. */
class EngineJvmTest {
    private static final Path SCRIPT = Path.of(System.getProperty("reft4j.root"), "cli/src/dist/bin/engine-env.sh");

    @Test
    void setsWhatTheScriptSets() throws IOException {
        Map<String, String> script = new TreeMap<>();
        Matcher export =
                Pattern.compile("export (\\w+)=\"\\$\\{\\w+:-([^}]*)}\"").matcher(Files.readString(SCRIPT));
        while (export.find()) {
            script.put(export.group(1), export.group(2));
        }
        assertEquals(script, new TreeMap<>(EngineJvm.ENVIRONMENT));
    }
}
