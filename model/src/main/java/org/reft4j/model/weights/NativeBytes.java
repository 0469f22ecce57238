package org.reft4j.model.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * Moves bytes between files and contiguous CPU tensors, in pieces that a byte buffer can address. Other tensors are refused: a device's
 * address read as if it were the processor's ends the JVM.
 */
public final class NativeBytes {
    private static final long PIECE = 1L << 30;

    private NativeBytes() {}

    /** The bytes of a contiguous CPU tensor; valid as long as the tensor is. {@code length} fits an int. */
    public static MemorySegment view(Tensor tensor, long offset, long length) {
        return MemorySegment.ofBuffer(buffer(tensor, offset, length));
    }

    /** Fills {@code to}, which has exactly as many bytes. */
    static void copy(MemorySegment from, Tensor to) {
        for (long at = 0; at < from.byteSize(); at += PIECE) {
            long length = Math.min(PIECE, from.byteSize() - at);
            MemorySegment.copy(from, at, view(to, at, length), 0, length);
        }
    }

    /** Writes the elements of a contiguous CPU tensor. */
    public static void write(Tensor from, WritableByteChannel to) throws IOException {
        long bytes = from.numel() * from.element_size();
        for (long at = 0; at < bytes; at += PIECE) {
            ByteBuffer piece = buffer(from, at, Math.min(PIECE, bytes - at));
            while (piece.hasRemaining()) {
                to.write(piece);
            }
        }
    }

    private static ByteBuffer buffer(Tensor tensor, long offset, long length) {
        if (length == 0) {
            return ByteBuffer.allocateDirect(0);
        }
        if (!tensor.is_cpu() || !tensor.is_contiguous()) {
            throw new IllegalArgumentException("a tensor that "
                    + (tensor.is_cpu() ? "is not contiguous" : "does not lie in the processor's memory")
                    + " has no bytes to be read or written; copy it first");
        }
        return new BytePointer(tensor.data_ptr())
                .position(offset)
                .limit(offset + length)
                .asByteBuffer();
    }
}
