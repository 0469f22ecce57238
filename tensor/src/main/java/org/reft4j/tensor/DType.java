package org.reft4j.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The number formats that weights and activations come in. */
public enum DType {
    F32(ScalarType.Float, 4, "float32"),
    BF16(ScalarType.BFloat16, 2, "bfloat16"),
    F16(ScalarType.Half, 2, "float16"),
    I64(ScalarType.Long, 8, "int64");

    private final ScalarType scalarType;
    private final int bytes;
    private final String torchName;

    DType(ScalarType scalarType, int bytes, String torchName) {
        this.scalarType = scalarType;
        this.bytes = bytes;
        this.torchName = torchName;
    }

    public ScalarType scalarType() {
        return scalarType;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Name in {@code config.json}, under {@code torch_dtype}. */
    public String torchName() {
        return torchName;
    }

    /** The type of a tensor; fails for types that this project never makes. */
    public static DType of(Tensor tensor) {
        ScalarType type = tensor.scalar_type().intern();
        for (DType dtype : values()) {
            if (dtype.scalarType == type) {
                return dtype;
            }
        }
        throw new IllegalArgumentException("unexpected tensor type " + type);
    }
}
