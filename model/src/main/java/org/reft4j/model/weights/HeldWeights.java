package org.reft4j.model.weights;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/** Weights in memory, to be written as those in files are. Somebody else owns the tensors. */
public final class HeldWeights implements StoredWeights {
    private final String source;
    private final Map<String, Tensor> tensors;
    private final Set<String> untaken;

    /**
     * @param source where they come from, for messages
     * @param tensors by checkpoint name, in the order to be written
     */
    public HeldWeights(String source, Map<String, Tensor> tensors) {
        this.source = source;
        this.tensors = tensors;
        this.untaken = new LinkedHashSet<>(tensors.keySet());
    }

    private Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new FormatException(source + ": no tensor " + name);
        }
        return tensor;
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public long[] shape(String name) {
        return Tensors.shape(tensor(name));
    }

    @Override
    public String storage(String name) {
        return DType.of(tensor(name)).name();
    }

    @Override
    public long storedBytes(String name) {
        return tensor(name).numel() * DType.of(tensor(name)).bytes();
    }

    @Override
    public Tensor take(String name, DType dtype, long... shape) {
        Tensor tensor = tensor(name);
        if (!Arrays.equals(shape, Tensors.shape(tensor))) {
            throw new FormatException(source + ": tensor " + name + " has shape "
                    + Arrays.toString(Tensors.shape(tensor)) + "; expected " + Arrays.toString(shape));
        }
        untaken.remove(name);
        return Tensors.at(Place.HOST, tensor.detach()).to(dtype.scalarType()).contiguous();
    }

    @Override
    public Set<String> untaken() {
        return untaken;
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public void close() {}
}
