package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;

final class SamplePartsTest {
    private static final List<KeptRollout> SAMPLES = List.of(
            Kept.row(1, "a", 0, "2 + 2?", "4", "é \"4\"\n", 3, "correct", "4", 1, "end-of-text", null),
            Kept.row(1, "a", 1, "2 + 2?", "4", "", 1, "failed", "no server", Double.NaN, "length", null));

    @TempDir
    private Path folder;

    @Test
    void givesBackWhatItGot() {
        SampleParts stored = SampleParts.open(folder.resolve("samples/round-1"));
        assertEquals(0, stored.parts());
        stored.write(0, SAMPLES);
        stored.write(1, SAMPLES.subList(0, 1));
        assertEquals(2, stored.parts());
        assertEquals(SAMPLES, stored.read(0, 2));
        assertEquals(SAMPLES.subList(0, 1), stored.read(1, 1));
    }

    /** A part that a killed program left incomplete does not count. */
    @Test
    void aPartIsWholeOrNotThere() throws IOException {
        SampleParts stored = SampleParts.open(folder);
        stored.write(0, SAMPLES);
        Files.writeString(folder.resolve(".part-000002.jsonl.tmp"), "{\"step\": 1, \"ques");
        assertEquals(1, stored.parts());
    }

    @Test
    void damageIsNamed() throws IOException {
        SampleParts stored = SampleParts.open(folder);
        stored.write(0, SAMPLES);
        RunException few = assertThrows(RunException.class, () -> stored.read(0, 3));
        assertTrue(String.valueOf(few.getMessage()).contains("2 samples instead of 3; delete the file"), few::toString);
        Files.writeString(folder.resolve("part-000001.jsonl"), "{\"step\": 1, \"sample\": {}}\n");
        RunException odd = assertThrows(RunException.class, () -> stored.read(0, 1));
        assertTrue(String.valueOf(odd.getMessage()).contains("part-000001.jsonl, line 1"), odd::toString);
    }
}
