package org.reft4j.tensor;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Conversions between arrays and tensors, and short names for frequent operations. Every tensor made here belongs to the
 * innermost {@link NativeScope}.
 */
public final class Tensors {
    private Tensors() {}

    /** A float32 tensor of the given shape, filled row by row from {@code values}. */
    public static Tensor floats(float[] values, long... shape) {
        Tensor tensor = torch.empty(shape, options(DType.F32), new MemoryFormatOptional());
        if (values.length != tensor.numel()) {
            throw new IllegalArgumentException(
                    values.length + " values do not fill " + java.util.Arrays.toString(shape));
        }
        if (values.length > 0) {
            new FloatPointer(tensor.data_ptr_float()).put(values, 0, values.length);
        }
        return tensor;
    }

    /** An int64 tensor of the given shape, filled row by row from {@code values}. */
    public static Tensor longs(long[] values, long... shape) {
        Tensor tensor = torch.empty(shape, options(DType.I64), new MemoryFormatOptional());
        if (values.length != tensor.numel()) {
            throw new IllegalArgumentException(
                    values.length + " values do not fill " + java.util.Arrays.toString(shape));
        }
        if (values.length > 0) {
            new LongPointer(tensor.data_ptr_long()).put(values, 0, values.length);
        }
        return tensor;
    }

    /** The elements of a tensor of any float type on any device, row by row. */
    public static float[] toFloats(Tensor tensor) {
        try (var _ = NativeScope.open()) {
            Tensor host = tensor.detach().to(DType.F32.scalarType()).cpu().contiguous();
            float[] values = new float[Math.toIntExact(host.numel())];
            if (values.length > 0) {
                new FloatPointer(host.data_ptr_float()).get(values, 0, values.length);
            }
            return values;
        }
    }

    /** The elements of an integer tensor on any device, row by row. */
    public static long[] toLongs(Tensor tensor) {
        try (var _ = NativeScope.open()) {
            Tensor host = tensor.detach().to(DType.I64.scalarType()).cpu().contiguous();
            long[] values = new long[Math.toIntExact(host.numel())];
            if (values.length > 0) {
                new LongPointer(host.data_ptr_long()).get(values, 0, values.length);
            }
            return values;
        }
    }

    /** The one element of a tensor. */
    public static double toDouble(Tensor tensor) {
        try (var _ = NativeScope.open()) {
            return tensor.detach().to(torch.ScalarType.Double).item_double();
        }
    }

    /** The shape as plain numbers. */
    public static long[] shape(Tensor tensor) {
        long[] shape = new long[Math.toIntExact(tensor.dim())];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensor.size(i);
        }
        return shape;
    }

    public static TensorOptions options(DType dtype) {
        return new TensorOptions(dtype.scalarType());
    }

    public static Tensor zeros(DType dtype, long... shape) {
        return torch.zeros(shape, options(dtype));
    }

    public static Scalar scalar(double value) {
        return new Scalar(value);
    }

    public static TensorOptional optional(Tensor tensor) {
        return new TensorOptional(tensor);
    }

    /** Joins tensors along a dimension. */
    public static Tensor cat(long dimension, Tensor... parts) {
        return torch.cat(new TensorVector(parts), dimension);
    }
}
