package org.reft4j.train.config;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page about runs and the list of what may change say the same. */
class ResumeDocumentTest {
    @Test
    void everyFreeKeyIsOnThePageWithItsReason() throws IOException {
        String page =
                Files.readString(Path.of(System.getProperty("reft4j.root", "")).resolve("docs/runs.md"));
        ResumeRules.FREE.forEach((key, reason) -> assertTrue(
                page.contains("| `" + key + "` | " + reason) || page.contains("| `" + key + ".…` | " + reason), key));
    }
}
