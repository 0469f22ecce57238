package org.reft4j.model.gguf;

import org.reft4j.tensor.DType;

/** The types that GGUF files are written in. Norms and other weights of one dimension stay float32 in each of them. */
public enum GgufStorage {
    F32(GgmlType.F32, 0),
    F16(GgmlType.F16, 1),
    BF16(GgmlType.BF16, 32),
    /** Eight bits a value and a scale for every 32. */
    Q8_0(GgmlType.Q8_0, 7);

    private final GgmlType type;
    private final int fileType;

    GgufStorage(GgmlType type, int fileType) {
        this.type = type;
        this.fileType = fileType;
    }

    /** The value of {@code general.file_type}. */
    int fileType() {
        return fileType;
    }

    /** Storage type of a tensor: rows that do not divide into whole blocks are kept in half precision. */
    GgmlType of(long... shape) {
        if (shape.length < 2) {
            return GgmlType.F32;
        }
        return shape[shape.length - 1] % type.blockValues() == 0 ? type : GgmlType.F16;
    }

    /** The type to take a weight in that is stored as {@code stored}. */
    static DType source(GgmlType stored) {
        return switch (stored) {
            case F16 -> DType.F16;
            case BF16 -> DType.BF16;
            default -> DType.F32;
        };
    }
}
