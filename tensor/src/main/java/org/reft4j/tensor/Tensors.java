package org.reft4j.tensor;

import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The factory of tensors and the reader of their elements, and short names for frequent operations. Every tensor made here belongs to the
 * innermost {@link NativeScope} and lies at the place that is asked for: values are laid out in the processor's memory and copied once.
 */
public final class Tensors {
    private Tensors() {}

    /** A float32 tensor of the given shape, filled row by row from {@code values}. */
    public static Tensor floats(Place place, float[] values, long... shape) {
        Tensor tensor = empty(Place.HOST, DType.F32, shape);
        requireFilled(tensor, values.length, shape);
        if (values.length > 0) {
            new FloatPointer(tensor.data_ptr_float()).put(values, 0, values.length);
        }
        return at(place, tensor);
    }

    /** An int64 tensor of the given shape, filled row by row from {@code values}. */
    public static Tensor longs(Place place, long[] values, long... shape) {
        Tensor tensor = empty(Place.HOST, DType.I64, shape);
        requireFilled(tensor, values.length, shape);
        if (values.length > 0) {
            new LongPointer(tensor.data_ptr_long()).put(values, 0, values.length);
        }
        return at(place, tensor);
    }

    /** Writer of one row of a tensor of truth values: 0 is false, 1 is true. */
    public interface Flags {
        void fill(int row, byte[] flags);
    }

    /** A tensor of truth values, [rows, columns]. */
    public static Tensor flags(Place place, int rows, int columns, Flags writer) {
        Tensor tensor = empty(Place.HOST, ScalarType.Bool, rows, columns);
        BytePointer bytes = new BytePointer(tensor.data_ptr());
        byte[] flags = new byte[columns];
        for (int i = 0; i < rows; i++) {
            writer.fill(i, flags);
            bytes.position((long) i * columns).put(flags, 0, flags.length);
        }
        return at(place, tensor);
    }

    private static void requireFilled(Tensor tensor, int values, long... shape) {
        if (values != tensor.numel()) {
            throw new IllegalArgumentException(values + " values do not fill " + Arrays.toString(shape));
        }
    }

    /** A tensor whose elements are not set. */
    public static Tensor empty(Place place, DType dtype, long... shape) {
        return empty(place, dtype.scalarType(), shape);
    }

    /** The same of any type. */
    public static Tensor empty(Place place, ScalarType type, long... shape) {
        return torch.empty(shape, options(place, type), new MemoryFormatOptional());
    }

    public static Tensor zeros(Place place, DType dtype, long... shape) {
        return torch.zeros(shape, options(place, dtype.scalarType()));
    }

    /** A tensor whose elements are all the same. */
    public static Tensor full(Place place, DType dtype, double value, long... shape) {
        return torch.full(shape, new Scalar(value), options(place, dtype.scalarType()));
    }

    /** The whole numbers from 0 on, in float32. */
    public static Tensor range(Place place, int length) {
        return torch.arange(new Scalar(length), options(place, ScalarType.Float));
    }

    private static TensorOptions options(Place place, ScalarType type) {
        TensorOptions options = new TensorOptions(type);
        return place.isHost() ? options : options.device(new DeviceOptional(new Device(place.device())));
    }

    /** The tensor itself if it lies at the place, else a copy there. */
    public static Tensor at(Place place, Tensor tensor) {
        if (place.isHost()) {
            return tensor.is_cpu() ? tensor : tensor.cpu();
        }
        return tensor.to(new Device(place.device()), tensor.scalar_type());
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
