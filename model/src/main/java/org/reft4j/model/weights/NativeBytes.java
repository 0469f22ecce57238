package org.reft4j.model.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Moves bytes between files and contiguous CPU tensors, in pieces that a byte buffer can address. */
public final class NativeBytes {
    private static final long PIECE = 1L << 30;

    private NativeBytes() {}

    /** A tensor in the innermost scope whose elements are not set. */
    public static Tensor empty(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }

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
        return new BytePointer(tensor.data_ptr())
                .position(offset)
                .limit(offset + length)
                .asByteBuffer();
    }
}
