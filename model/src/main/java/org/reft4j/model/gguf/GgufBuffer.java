package org.reft4j.model.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The head of a GGUF file while it is put together: the opposite of {@link GgufReader}. */
final class GgufBuffer {
    private static final int U32 = 4;
    private static final int I32 = 5;
    private static final int F32 = 6;
    private static final int BOOL = 7;
    private static final int TEXT = 8;
    private static final int LIST = 9;
    private static final int I64 = 11;
    private static final int VERSION = 3;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void header(long tensors, long pairs) {
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        i32(VERSION);
        i64(tensors);
        i64(pairs);
    }

    /** A key with its value. Numbers are written in the types that llama.cpp asks for: u32 and f32, i32 within lists. */
    void pair(String key, GgufValue value) {
        text(key);
        i32(type(value));
        value(value);
    }

    private static int type(GgufValue value) {
        return switch (value) {
            case GgufValue.Whole(long whole) -> whole == (int) whole && whole >= 0 ? U32 : I64;
            case GgufValue.Real _ -> F32;
            case GgufValue.Flag _ -> BOOL;
            case GgufValue.Text _ -> TEXT;
            case GgufValue.Items _ -> LIST;
        };
    }

    private void value(GgufValue value) {
        switch (value) {
            case GgufValue.Whole(long whole) -> {
                if (type(value) == I64) {
                    i64(whole);
                } else {
                    i32((int) whole);
                }
            }
            case GgufValue.Real(double real) -> i32(Float.floatToIntBits((float) real));
            case GgufValue.Flag(boolean flag) -> out.write(flag ? 1 : 0);
            case GgufValue.Text(String text) -> text(text);
            case GgufValue.Items(List<GgufValue> items) -> items(items);
        }
    }

    private void items(List<GgufValue> items) {
        boolean texts = !items.isEmpty() && items.getFirst() instanceof GgufValue.Text;
        int type = items.isEmpty() || texts ? TEXT : items.getFirst() instanceof GgufValue.Whole ? I32 : F32;
        i32(type);
        i64(items.size());
        for (GgufValue item : items) {
            switch (item) {
                case GgufValue.Whole(long whole) when type == I32 -> i32(Math.toIntExact(whole));
                case GgufValue.Real(double real) when type == F32 -> i32(Float.floatToIntBits((float) real));
                case GgufValue.Text(String text) when type == TEXT -> text(text);
                default -> throw new IllegalArgumentException("a list of " + item + " is not written");
            }
        }
    }

    /** @param shape outermost dimension first */
    void tensor(String name, GgmlType type, long offset, long... shape) {
        text(name);
        i32(shape.length);
        for (int i = shape.length - 1; i >= 0; i--) {
            i64(shape[i]);
        }
        i32(type.id());
        i64(offset);
    }

    /** Fills up with zeros to a multiple of {@code alignment}. */
    void align(int alignment) {
        out.writeBytes(new byte[Math.floorMod(-out.size(), alignment)]);
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        i64(bytes.length);
        out.writeBytes(bytes);
    }

    private void i32(int value) {
        out.writeBytes(little(4).putInt(value).array());
    }

    private void i64(long value) {
        out.writeBytes(little(8).putLong(value).array());
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
