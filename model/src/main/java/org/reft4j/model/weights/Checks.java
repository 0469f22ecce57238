package org.reft4j.model.weights;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/** The checks that every source of weights makes, with one wording. */
public final class Checks {
    private Checks() {}

    /** Fails if the tensor in the file has another shape than the model needs. */
    public static void check(String source, String name, long[] found, long[] expected) {
        if (!Arrays.equals(found, expected)) {
            throw new FormatException(source + ": tensor " + name + ": the model needs shape "
                    + Arrays.toString(expected) + " but the file holds " + Arrays.toString(found)
                    + ". Do config.json and weights belong together?");
        }
    }

    /** The failure of a source that has no such tensor. */
    public static FormatException missing(String source, String name, Set<String> names) {
        String some = names.stream().limit(3).collect(Collectors.joining(", "));
        return new FormatException(source + ": no tensor " + name + " among its " + names.size() + " (" + some
                + ", ...). Do config.json and weights belong together?");
    }

    /**
     * Fails if a tensor holds what is no number.
     *
     * @param tensor of a floating-point type
     */
    public static Tensor finite(String source, String name, Tensor tensor) {
        try (var _ = NativeScope.open()) {
            // One sum tells nearly always; only where it overflows are the numbers looked at one by one.
            boolean sound = Double.isFinite(Tensors.toDouble(tensor.sum().to(DType.F32.scalarType())))
                    || Tensors.toDouble(tensor.isfinite().all().to(DType.F32.scalarType())) == 1;
            if (!sound) {
                throw new FormatException(source + ": tensor " + name
                        + " holds values that are no numbers (NaN or infinite). The model is damaged, or its training diverged:"
                        + " download it again, or take an earlier checkpoint");
            }
        }
        return tensor;
    }
}
