package org.reft4j.model.gguf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Blocks of one value, or of 32 values that share one scale (and one offset).
 *
 * <p>Source: {@code ggml-common.h} and {@code ggml-quants.c} of the ggml project, for the layouts; arithmetic in float32, one operation
 * at a time, so that results agree with its Python package to the bit.
 */
final class PlainBlocks {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private PlainBlocks() {}

    static void f32(byte[] in, int at, float[] out, int to) {
        out[to] = Float.intBitsToFloat(int32(in, at));
    }

    static void f16(byte[] in, int at, float[] out, int to) {
        out[to] = half(in, at);
    }

    static void bf16(byte[] in, int at, float[] out, int to) {
        out[to] = Float.intBitsToFloat(uint16(in, at) << 16);
    }

    /** Scale, then 16 bytes: value i in the low half of byte i, value 16 + i in the high half. */
    static void q4Symmetric(byte[] in, int at, float[] out, int to) {
        float scale = half(in, at);
        for (int i = 0; i < 16; i++) {
            int both = in[at + 2 + i];
            out[to + i] = scale * ((both & 0xF) - 8);
            out[to + 16 + i] = scale * ((both >> 4 & 0xF) - 8);
        }
    }

    /** Scale, offset, then 16 bytes as above. */
    static void q4Offset(byte[] in, int at, float[] out, int to) {
        float scale = half(in, at);
        float offset = half(in, at + 2);
        for (int i = 0; i < 16; i++) {
            int both = in[at + 4 + i];
            out[to + i] = scale * (both & 0xF) + offset;
            out[to + 16 + i] = scale * (both >> 4 & 0xF) + offset;
        }
    }

    /** Scale, 32 fifth bits, then 16 bytes as above. */
    static void q5Symmetric(byte[] in, int at, float[] out, int to) {
        float scale = half(in, at);
        int fifth = int32(in, at + 2);
        for (int i = 0; i < 16; i++) {
            int both = in[at + 6 + i];
            out[to + i] = scale * (((both & 0xF) | (fifth >>> i & 1) << 4) - 16);
            out[to + 16 + i] = scale * (((both >> 4 & 0xF) | (fifth >>> (16 + i) & 1) << 4) - 16);
        }
    }

    /** Scale, offset, 32 fifth bits, then 16 bytes as above. */
    static void q5Offset(byte[] in, int at, float[] out, int to) {
        float scale = half(in, at);
        float offset = half(in, at + 2);
        int fifth = int32(in, at + 4);
        for (int i = 0; i < 16; i++) {
            int both = in[at + 8 + i];
            out[to + i] = scale * ((both & 0xF) | (fifth >>> i & 1) << 4) + offset;
            out[to + 16 + i] = scale * ((both >> 4 & 0xF) | (fifth >>> (16 + i) & 1) << 4) + offset;
        }
    }

    /** Scale, then 32 signed bytes. */
    static void q8(byte[] in, int at, float[] out, int to) {
        float scale = half(in, at);
        for (int i = 0; i < 32; i++) {
            out[to + i] = in[at + 2 + i] * scale;
        }
    }

    /**
     * Stores 32 values as scale and signed bytes: the scale lets the largest value be 127, and halves are rounded away from zero.
     *
     * @param values holds the block's values from {@code from} on
     * @param out receives 34 bytes from {@code to} on
     */
    static void storeQ8(float[] values, int from, byte[] out, int to) {
        float largest = 0;
        for (int i = 0; i < 32; i++) {
            largest = Math.max(largest, Math.abs(values[from + i]));
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        SHORT.set(out, to, Float.floatToFloat16(scale));
        for (int i = 0; i < 32; i++) {
            float value = values[from + i] * inverse;
            float size = Math.abs(value);
            double floor = Math.floor(size);
            double rounded = floor + (size - floor >= 0.5 ? 1 : 0);
            out[to + 2 + i] = (byte) (value < 0 ? -rounded : rounded);
        }
    }

    static float half(byte[] in, int at) {
        return Float.float16ToFloat((short) SHORT.get(in, at));
    }

    static int uint16(byte[] in, int at) {
        return (short) SHORT.get(in, at) & 0xFFFF;
    }

    static int int32(byte[] in, int at) {
        return (int) INT.get(in, at);
    }
}
