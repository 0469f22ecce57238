package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/flow.md says what the program computes. {@code -Dreft4j.update=true} writes it anew. */
class FlowDocumentTest {
    private static final Pattern DECIMAL = Pattern.compile("-?\\d+\\.\\d{3}\\b");
    /** Three decimals are shown; two machines may round the last one differently. */
    private static final double TOLERANCE = 0.0025;

    @TempDir
    private Path scratch;

    @Test
    void thePageSaysWhatTheProgramComputes() throws IOException {
        Path file = Path.of(System.getProperty("reft4j.root", "")).resolve("docs/flow.md");
        String generated;
        try (FlowPage page = new FlowPage(scratch)) {
            generated = page.write();
        }
        if (Boolean.getBoolean("reft4j.update")) {
            Files.writeString(file, generated);
        }
        same(generated, Files.exists(file) ? Files.readString(file).replace("\r\n", "\n") : "");
    }

    @Test
    void otherWordsAndOtherFiguresAreSeen() {
        same("value 0.123", "value 0.124");
        assertThrows(AssertionError.class, () -> same("value 0.123", "value 0.143"));
        assertThrows(AssertionError.class, () -> same("value 0.123", "worth 0.123"));
        assertThrows(AssertionError.class, () -> same("id 7", "id 8"));
    }

    private static void same(String generated, String committed) {
        String remedy = "docs/flow.md is stale. Run the test again with -Dreft4j.update=true and commit the file.";
        assertEquals(
                DECIMAL.matcher(generated).replaceAll("#"),
                DECIMAL.matcher(committed).replaceAll("#"),
                remedy);
        List<Double> now = decimals(generated);
        List<Double> then = decimals(committed);
        for (int i = 0; i < now.size(); i++) {
            double difference = Math.abs(now.get(i) - then.get(i));
            assertTrue(difference <= TOLERANCE, remedy + " It has " + then.get(i) + " instead of " + now.get(i));
        }
    }

    private static List<Double> decimals(String text) {
        return DECIMAL.matcher(text)
                .results()
                .map(MatchResult::group)
                .map(Double::valueOf)
                .toList();
    }
}
