package org.reft4j.model.gguf;

/**
 * Blocks of 256 values with scales of their own for 16 or 32 values each, and the two kinds that store an index into a table of 16
 * uneven steps.
 *
 * <p>Source: {@code ggml-common.h} and {@code ggml-quants.c} of the ggml project, for the layouts; arithmetic in float32, one operation
 * at a time, so that results agree with its Python package to the bit.
 */
final class SuperBlocks {
    /** The steps of the IQ4 kinds: {@code kvalues_iq4nl} of {@code ggml-common.h}. */
    private static final int[] UNEVEN = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    private SuperBlocks() {}

    /** 16 bytes of (scale, offset), 64 bytes of 2-bit values, block scale, block offset scale. */
    static void q2(byte[] in, int at, float[] out, int to) {
        float scale = PlainBlocks.half(in, at + 80);
        float offset = PlainBlocks.half(in, at + 82);
        for (int group = 0; group < 16; group++) {
            int both = in[at + group];
            float groupScale = scale * (both & 0xF);
            float groupOffset = offset * (both >> 4 & 0xF);
            for (int i = group * 16; i < group * 16 + 16; i++) {
                out[to + i] = groupScale * twoBits(in, at + 16, i) - groupOffset;
            }
        }
    }

    /** 32 bytes of inverted third bits, 64 bytes of 2-bit values, 12 bytes of 6-bit scales, block scale. */
    static void q3(byte[] in, int at, float[] out, int to) {
        float scale = PlainBlocks.half(in, at + 108);
        for (int group = 0; group < 16; group++) {
            int low = in[at + 96 + group % 8] >> (group / 8 * 4) & 0xF;
            int high = in[at + 104 + group % 4] >> (group / 4 * 2) & 3;
            float groupScale = scale * ((low | high << 4) - 32);
            for (int i = group * 16; i < group * 16 + 16; i++) {
                int missing = ~(in[at + i % 32] >> (i / 32)) & 1;
                out[to + i] = groupScale * (twoBits(in, at + 32, i) - (missing << 2));
            }
        }
    }

    /** Block scale, block offset scale, 12 bytes of 6-bit scales and offsets, 128 bytes of 4-bit values. */
    static void q4(byte[] in, int at, float[] out, int to) {
        for (int group = 0; group < 8; group++) {
            float scale = PlainBlocks.half(in, at) * sixBitScale(in, at + 4, group);
            float offset = PlainBlocks.half(in, at + 2) * sixBitOffset(in, at + 4, group);
            for (int i = 0; i < 32; i++) {
                out[to + group * 32 + i] = scale * fourBits(in, at + 16, group, i) - offset;
            }
        }
    }

    /** As {@link #q4}, with 32 bytes of fifth bits in front of the values. */
    static void q5(byte[] in, int at, float[] out, int to) {
        for (int group = 0; group < 8; group++) {
            float scale = PlainBlocks.half(in, at) * sixBitScale(in, at + 4, group);
            float offset = PlainBlocks.half(in, at + 2) * sixBitOffset(in, at + 4, group);
            for (int i = 0; i < 32; i++) {
                int fifth = in[at + 16 + i] >> group & 1;
                out[to + group * 32 + i] = scale * (fourBits(in, at + 48, group, i) | fifth << 4) - offset;
            }
        }
    }

    /** 128 bytes of low halves, 64 bytes of high bit pairs, 16 signed scales, block scale. */
    static void q6(byte[] in, int at, float[] out, int to) {
        float scale = PlainBlocks.half(in, at + 208);
        for (int group = 0; group < 16; group++) {
            float groupScale = scale * in[at + 192 + group];
            for (int i = group * 16; i < group * 16 + 16; i++) {
                int low = in[at + i / 128 * 64 + i % 64] >> (i / 64 % 2 * 4) & 0xF;
                int high = twoBits(in, at + 128, i);
                out[to + i] = groupScale * ((low | high << 4) - 32);
            }
        }
    }

    /** 32 values: scale, then 16 bytes of table indices, low halves first. */
    static void iq4Small(byte[] in, int at, float[] out, int to) {
        uneven(PlainBlocks.half(in, at), in, at + 2, out, to);
    }

    /** Block scale, 16 high bits pairs of scales, 4 bytes of low halves of scales, 128 bytes of table indices. */
    static void iq4Large(byte[] in, int at, float[] out, int to) {
        float scale = PlainBlocks.half(in, at);
        int highs = PlainBlocks.uint16(in, at + 2);
        for (int group = 0; group < 8; group++) {
            int low = in[at + 4 + group / 2] >> (group % 2 * 4) & 0xF;
            int high = highs >> (group * 2) & 3;
            uneven(scale * ((low | high << 4) - 32), in, at + 8 + group * 16, out, to + group * 32);
        }
    }

    private static void uneven(float scale, byte[] in, int at, float[] out, int to) {
        for (int i = 0; i < 16; i++) {
            out[to + i] = scale * UNEVEN[in[at + i] & 0xF];
            out[to + 16 + i] = scale * UNEVEN[in[at + i] >> 4 & 0xF];
        }
    }

    /** Value {@code i} of 2-bit values: each 32 bytes hold 128 values, the first 32 in their lowest bits. */
    private static int twoBits(byte[] in, int at, int i) {
        return in[at + i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3;
    }

    /** Value {@code i} of a group of 32: each 32 bytes hold two groups, the first in their low halves. */
    private static int fourBits(byte[] in, int at, int group, int i) {
        return in[at + group / 2 * 32 + i] >> (group % 2 * 4) & 0xF;
    }

    private static int sixBitScale(byte[] in, int at, int group) {
        return group < 4 ? in[at + group] & 0x3F : (in[at + 4 + group] & 0xF) | (in[at + group - 4] >> 2 & 0x30);
    }

    private static int sixBitOffset(byte[] in, int at, int group) {
        return group < 4 ? in[at + 4 + group] & 0x3F : (in[at + 4 + group] >> 4 & 0xF) | (in[at + group] >> 2 & 0x30);
    }
}
