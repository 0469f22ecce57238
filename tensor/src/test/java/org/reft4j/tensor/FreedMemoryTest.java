package org.reft4j.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class FreedMemoryTest {
    private static final long GIB = 1L << 30;
    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 4096;

    @Test
    void aProcessMayHoldAQuarterOfTheMachine() {
        assertFalse(FreedMemory.due(6 * GIB, 0, 24 * GIB, 6 * GIB));
        assertTrue(FreedMemory.due(6 * GIB + 1, 0, 24 * GIB, 6 * GIB));
    }

    @Test
    void whatIsInUseIsNotAskedForAgainAndAgain() {
        assertFalse(
                FreedMemory.due(13 * GIB, 10 * GIB, 24 * GIB, 11 * GIB), "grown by an eighth of the machine at most");
        assertTrue(FreedMemory.due(13 * GIB + 1, 10 * GIB, 24 * GIB, 11 * GIB));
    }

    /** Four runs of 6 GiB each would be within their quarter, and the machine at its end. */
    @Test
    void whereOthersHaveTheRestAllThatIsWorthItGoesBack() {
        assertTrue(FreedMemory.due(4 * GIB, 3 * GIB, 24 * GIB, 6 * GIB - 1));
        assertFalse(FreedMemory.due(4 * GIB, 4 * GIB, 24 * GIB, GIB), "nothing has come since the last time");
    }

    @Test
    void whatIsLeftIsReadFromTheSystem() {
        assertEquals(
                13_500_000L << 10,
                Cpu.available(
                        "MemTotal:       24684134 kB\nMemFree:        12000000 kB\nMemAvailable:   13500000 kB\n"));
        assertEquals(Long.MAX_VALUE, Cpu.available(""), "where it is not said, nobody is short of it");
        long available = Cpu.availableBytes();
        assertTrue(available > 0 && available <= Cpu.memoryBytes(), "available: " + available);
    }

    /** 256 MiB of small blocks below one that stays: the heap cannot shrink by itself. */
    @Test
    void freedBlocksGoBackToTheSystem() {
        assumeTrue(
                Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2")), "skipped: glibc's heap is only there on Linux");
        List<BytePointer> blocks = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            BytePointer block = new BytePointer(Pointer.malloc(BLOCK));
            Pointer.memset(block, 1, BLOCK);
            blocks.add(block);
        }
        BytePointer last = blocks.removeLast();
        blocks.forEach(Pointer::free);
        long before = Pointer.physicalBytes();
        long after = FreedMemory.giveBackNow();
        Pointer.free(last);
        assertTrue(before - after > 200L << 20, "held " + before + " bytes, then " + after);
    }
}
