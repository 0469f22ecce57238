package org.reft4j.model.gguf;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes small GGUF files, right or wrong ones, for tests. */
public final class GgufBytes {
    private static final int ALIGNMENT = 32;

    private final int version;
    private final ByteArrayOutputStream pairs = new ByteArrayOutputStream();
    private final ByteArrayOutputStream tensors = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private long pairCount;
    private long tensorCount;
    private long offset;
    private boolean countsAreSet;

    public GgufBytes() {
        this(3);
    }

    GgufBytes(int version) {
        this.version = version;
    }

    /** Claims other counts than are there. */
    @CanIgnoreReturnValue
    GgufBytes counts(long tensorCount, long pairCount) {
        this.tensorCount = tensorCount;
        this.pairCount = pairCount;
        countsAreSet = true;
        return this;
    }

    /** Starts a pair; its value follows. */
    @CanIgnoreReturnValue
    public GgufBytes pair(String key, int type) {
        pairCount += countsAreSet ? 0 : 1;
        return text(key).u32(type);
    }

    @CanIgnoreReturnValue
    public GgufBytes text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        u64(bytes.length);
        pairs.writeBytes(bytes);
        return this;
    }

    @CanIgnoreReturnValue
    public GgufBytes u16(int value) {
        pairs.writeBytes(buffer(2).putShort((short) value).array());
        return this;
    }

    @CanIgnoreReturnValue
    public GgufBytes flag(boolean value) {
        pairs.write(value ? 1 : 0);
        return this;
    }

    @CanIgnoreReturnValue
    public GgufBytes u32(int value) {
        pairs.writeBytes(buffer(4).putInt(value).array());
        return this;
    }

    @CanIgnoreReturnValue
    public GgufBytes f32(float value) {
        return u32(Float.floatToIntBits(value));
    }

    @CanIgnoreReturnValue
    public GgufBytes u64(long value) {
        pairs.writeBytes(buffer(8).putLong(value).array());
        return this;
    }

    /** A tensor after the one before, as if its type took four bytes a value. The shape is in the file's order. */
    @CanIgnoreReturnValue
    GgufBytes tensor(String name, int type, long... shape) {
        tensorAt(name, type, offset, shape);
        long values = 1;
        for (long size : shape) {
            values *= size;
        }
        offset += Math.ceilDiv(values * Float.BYTES, ALIGNMENT) * ALIGNMENT;
        return this;
    }

    @CanIgnoreReturnValue
    GgufBytes tensorAt(String name, int type, long at, long... shape) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer entry = ByteBuffer.allocate(8 + bytes.length + 4 + 8 * shape.length + 4 + 8);
        entry.order(ByteOrder.LITTLE_ENDIAN);
        entry.putLong(bytes.length).put(bytes).putInt(shape.length);
        for (long size : shape) {
            entry.putLong(size);
        }
        entry.putInt(type).putLong(at);
        tensors.writeBytes(entry.array());
        tensorCount++;
        return this;
    }

    @CanIgnoreReturnValue
    GgufBytes floats(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES);
        buffer.order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        data.writeBytes(buffer.array());
        data.writeBytes(new byte[Math.floorMod(-data.size(), ALIGNMENT)]);
        return this;
    }

    public Path write(Path folder) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes("GGUF".getBytes(StandardCharsets.UTF_8));
        whole.writeBytes(buffer(20)
                .putInt(version)
                .putLong(tensorCount)
                .putLong(pairCount)
                .array());
        pairs.writeTo(whole);
        tensors.writeTo(whole);
        whole.writeBytes(new byte[Math.floorMod(-whole.size(), ALIGNMENT)]);
        data.writeTo(whole);
        Path file = folder.resolve("model.gguf");
        Files.write(file, whole.toByteArray());
        return file;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
