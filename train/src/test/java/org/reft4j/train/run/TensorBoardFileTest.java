package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

class TensorBoardFileTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00.250Z");

    @TempDir
    private Path folder;

    /** The frame that every TensorFlow event file starts with, apart from its time, which is 0 here. */
    @Test
    void firstRecordIsByteForByteAsTensorFlowWritesIt() throws IOException {
        TensorBoardFile.replace(folder, Instant.EPOCH, _ -> {}).close();
        byte[] bytes = Files.readAllBytes(folder.resolve("events.out.tfevents.0.reft4j"));
        byte[] event = HexFormat.of()
                .parseHex("09" + "0000000000000000" + "1000" + "1a0d"
                        + HexFormat.of().formatHex("brain.Event:2".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(8 + 4 + event.length + 4, bytes.length);
        assertEquals(HexFormat.of().formatHex(event), HexFormat.of().formatHex(bytes, 12, 12 + event.length));
        assertEquals("1a00000000000000", HexFormat.of().formatHex(bytes, 0, 8));
    }

    /** CRC32C of "123456789" is e3069283 (RFC 3720's polynomial); rotated right by 15 and shifted by a282ead8. */
    @Test
    void maskedCheckSum() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        int rotated = (0xe3069283 >>> 15) | (0xe3069283 << 17);
        assertEquals(rotated + 0xa282ead8, TensorBoardFile.maskedCrc(digits, 0, digits.length));
    }

    @Test
    void scalarsComeBack() throws IOException {
        try (TensorBoardFile board = TensorBoardFile.replace(folder, NOON, _ -> {})) {
            board.scalars(3, NOON, Map.of("train/reward", 0.25, "train/kl", Double.NaN));
            // Visible to readers before the file is closed.
            assertEquals(
                    List.of(new EventFileReader.Scalar("train/reward", 3, 1795435200.25, 0.25f)),
                    EventFileReader.scalars(folder));
            board.scalars(4, NOON, Map.of());
        }
        assertEquals(1, EventFileReader.scalars(folder).size());
    }

    @Test
    void newFileTakesThePlaceOfOldOnes() throws IOException {
        for (int i = 0; i < 3; i++) {
            int step = i;
            TensorBoardFile.replace(folder, NOON.plusSeconds(i), past -> past.scalars(step, NOON, Map.of("a", 1.0)))
                    .close();
        }
        assertEquals(Map.of("a", List.of(2)), EventFileReader.steps(folder));
    }

    @Test
    void readerOfTheTestSeesDamage() throws IOException {
        try (TensorBoardFile board = TensorBoardFile.replace(folder, NOON, _ -> {})) {
            board.scalars(3, NOON, Map.of("train/reward", 0.25));
        }
        Path file = folder.resolve("events.out.tfevents." + NOON.getEpochSecond() + ".reft4j");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 8] ^= 1;
        Files.write(file, bytes);
        assertThrows(AssertionFailedError.class, () -> EventFileReader.scalars(folder));
    }
}
