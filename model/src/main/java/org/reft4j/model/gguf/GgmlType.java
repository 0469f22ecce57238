package org.reft4j.model.gguf;

import com.google.errorprone.annotations.Immutable;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The ways in which a GGUF file stores numbers: a row is a sequence of blocks, each of the same number of values and bytes.
 *
 * <p>Source: block layouts as documented by the ggml project.
 */
enum GgmlType {
    F32(0, 1, 4, PlainBlocks::f32),
    F16(1, 1, 2, PlainBlocks::f16),
    BF16(30, 1, 2, PlainBlocks::bf16),
    Q4_0(2, 32, 18, PlainBlocks::q4Symmetric),
    Q4_1(3, 32, 20, PlainBlocks::q4Offset),
    Q5_0(6, 32, 22, PlainBlocks::q5Symmetric),
    Q5_1(7, 32, 24, PlainBlocks::q5Offset),
    Q8_0(8, 32, 34, PlainBlocks::q8),
    Q2_K(10, 256, 84, SuperBlocks::q2),
    Q3_K(11, 256, 110, SuperBlocks::q3),
    Q4_K(12, 256, 144, SuperBlocks::q4),
    Q5_K(13, 256, 176, SuperBlocks::q5),
    Q6_K(14, 256, 210, SuperBlocks::q6),
    IQ4_NL(20, 32, 18, SuperBlocks::iq4Small),
    IQ4_XS(23, 256, 136, SuperBlocks::iq4Large);

    private final int id;
    private final int values;
    private final int bytes;
    private final Block block;

    GgmlType(int id, int values, int bytes, Block block) {
        this.id = id;
        this.values = values;
        this.bytes = bytes;
        this.block = block;
    }

    /** Expands one block. */
    @Immutable
    interface Block {
        /**
         * @param in holds the block from {@code at} on
         * @param out receives its values from {@code to} on
         */
        void decode(byte[] in, int at, float[] out, int to);
    }

    /** The number that stands for the type in files. */
    int id() {
        return id;
    }

    /** Values in one block; a row is a whole number of blocks. */
    int blockValues() {
        return values;
    }

    /** Bytes of one block. */
    int blockBytes() {
        return bytes;
    }

    /** Expands {@code blocks} blocks. */
    void decode(byte[] in, float[] out, int blocks) {
        for (int i = 0; i < blocks; i++) {
            block.decode(in, i * bytes, out, i * values);
        }
    }

    static Optional<GgmlType> of(int id) {
        return Arrays.stream(values()).filter(type -> type.id == id).findFirst();
    }

    /** All names, for messages. */
    static String known() {
        return Arrays.stream(values()).map(GgmlType::name).collect(Collectors.joining(", "));
    }
}
