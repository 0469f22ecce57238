package org.reft4j.model.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Writes float32 tensors in eight bits a value, on all cores, a piece at a time. */
final class QuantisedRows {
    /** Values that one task stores. */
    private static final int TASK = 1 << 16;
    /** Tasks whose bytes are held at once. */
    private static final int TASKS = 64;

    private QuantisedRows() {}

    /** @param values contiguous, on the CPU, a whole number of blocks */
    static void write(Tensor values, FileChannel channel) throws IOException {
        long count = values.numel();
        for (long first = 0; first < count; first += (long) TASKS * TASK) {
            int piece = (int) Math.min((long) TASKS * TASK, count - first);
            MemorySegment floats = NativeBytes.view(values, first * Float.BYTES, (long) piece * Float.BYTES);
            byte[] stored = new byte[piece / GgmlType.Q8_0.blockValues() * GgmlType.Q8_0.blockBytes()];
            IntStream.range(0, Math.ceilDiv(piece, TASK))
                    .parallel()
                    .forEach(task -> store(floats, task * TASK, Math.min(TASK, piece - task * TASK), stored));
            ByteBuffer bytes = ByteBuffer.wrap(stored);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private static void store(MemorySegment floats, int from, int count, byte[] into) {
        float[] block = new float[count];
        MemorySegment.copy(floats, ValueLayout.JAVA_FLOAT_UNALIGNED, (long) from * Float.BYTES, block, 0, count);
        int values = GgmlType.Q8_0.blockValues();
        for (int i = 0; i < count; i += values) {
            PlainBlocks.storeQ8(block, i, into, (from + i) / values * GgmlType.Q8_0.blockBytes());
        }
    }
}
