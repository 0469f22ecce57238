package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.reft4j.train.run.Results;

final class OutputTest {
    @Test
    void pathsInCommandsCanBePasted() {
        assertEquals("runs/my-run_1.5", Output.pasted(Path.of("runs/my-run_1.5")));
        assertEquals("runs/ünï", Output.pasted(Path.of("runs/ünï")));
        assertEquals("\"runs/a b ünï\"", Output.pasted(Path.of("runs/a b ünï")));
        assertEquals("\"runs/it's\"", Output.pasted(Path.of("runs/it's")));
        assertEquals("'runs/$it'\\''s'", Output.pasted(Path.of("runs/$it's")));
    }

    @Test
    void anExcerptEndsWhereNobodyReadsOn() {
        assertEquals("a\n\n  b", Results.excerpt("\n a\n\n  b \n"), "short ones are whole");
        assertEquals("a\r\nb", Results.excerpt("a\r\nb"));
        assertEquals("x\n".repeat(20).strip() + "\n… (2,999 characters in all)", Results.excerpt("x\n".repeat(1500)));
        // Characters outside the basic plane are two of Java's, and are not cut in two.
        assertEquals(
                "\uD83C\uDF4E".repeat(1500) + "\n… (2,000 characters in all)",
                Results.excerpt("\uD83C\uDF4E".repeat(2000)));
    }
}
