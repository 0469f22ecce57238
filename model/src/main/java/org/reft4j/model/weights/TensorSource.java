package org.reft4j.model.weights;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.DType;

/** Tensors to be written, made one at a time, so that no second copy of all weights is in memory. */
public interface TensorSource {
    /** Tensors in the order to be written. */
    Collection<String> names();

    long[] shape(String name);

    /** The type that a tensor is written in where {@code dtype} is asked for: int64 ones stay what they are. */
    DType type(String name, DType dtype);

    /** A tensor in this type, contiguous on the CPU, in the innermost scope. */
    Tensor make(String name, DType type);

    /** Bytes that a tensor takes in a file. */
    default long bytes(String name, DType dtype) {
        long count = 1;
        for (long size : shape(name)) {
            count *= size;
        }
        return count * type(name, dtype).bytes();
    }

    /** Tensors in memory, on any device, that somebody else owns. */
    static TensorSource of(Map<String, Tensor> tensors) {
        return of(new HeldWeights("tensors in memory", tensors));
    }

    /** Weights as they lie somewhere. */
    static TensorSource of(StoredWeights weights) {
        return new Stored(weights);
    }

    /** Weights that are read when they are written. */
    record Stored(StoredWeights weights) implements TensorSource {
        @Override
        public Set<String> names() {
            return weights.names();
        }

        @Override
        public long[] shape(String name) {
            return weights.shape(name);
        }

        @Override
        public DType type(String name, DType dtype) {
            return weights.storage(name).equals("I64") ? DType.I64 : dtype;
        }

        @Override
        public Tensor make(String name, DType type) {
            return weights.take(name, type, weights.shape(name));
        }
    }
}
