package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;

/**
 * One named weight of a model. The master value is float32 (training) or whatever a frozen model keeps; {@link #compute()} is what a
 * product uses, in the compute type, cached between updates when no gradient is recorded.
 */
public final class Parameter implements AutoCloseable {
    private final String name;
    private final DType compute;
    private final @Nullable Parameter tiedTo;
    private Tensor value;
    private @Nullable Parameter replacement;
    private @Nullable Tensor cached;
    private long version;

    /**
     * @param name as in the Hugging Face checkpoint
     * @param value owned by this parameter from here on
     * @param compute the type that products with it are computed in
     */
    public Parameter(String name, Tensor value, DType compute) {
        this.name = name;
        this.value = NativeScope.own(value);
        this.compute = compute;
        this.tiedTo = null;
    }

    private Parameter(String name, Parameter tiedTo) {
        this.name = name;
        this.value = tiedTo.value;
        this.compute = tiedTo.compute;
        this.tiedTo = tiedTo;
    }

    /**
     * Another name for the same weight, as an output layer has that is tied to the embedding. Only an adapter's replacement is its own;
     * it owns nothing and need not be closed.
     */
    static Parameter tied(String name, Parameter other) {
        return new Parameter(name, other);
    }

    public String name() {
        return name;
    }

    /** The master value; shape as in the checkpoint. Owned by this parameter. */
    public Tensor value() {
        return tiedTo == null ? value : tiedTo.value();
    }

    /** The type that products with it are computed in. */
    public DType computeType() {
        return compute;
    }

    /** The value that takes part in the model: that of an adapter's replacement where there is one. */
    Tensor current() {
        return replacement == null ? value() : replacement.value();
    }

    /** Puts an adapter's weight in this one's place, or takes it away again. */
    public void replaceBy(@Nullable Parameter other) {
        replacement = other;
        version++;
    }

    boolean replaced() {
        return replacement != null;
    }

    /** The value in the compute type: part of the graph while gradients are recorded, else a copy that is kept until {@link #changed}. */
    public Tensor compute() {
        return replacement == null ? own() : replacement.compute();
    }

    /** Value without a replacement: a replacement holds for one weight, not for those tied to it. */
    private Tensor own() {
        if (tiedTo != null) {
            return tiedTo.own();
        }
        if (DType.of(value) == compute) {
            return value;
        }
        if (GradMode.is_enabled() && value.requires_grad()) {
            return value.to(compute.scalarType());
        }
        Tensor copy = cached;
        if (copy == null) {
            copy = NativeScope.own(value.detach().to(compute.scalarType()));
            cached = copy;
        }
        return copy;
    }

    /** Puts another tensor of the same shape in place of the value, as an optimiser does that keeps all weights in one buffer. */
    public void rebind(Tensor other) {
        Tensor old = value;
        value = NativeScope.own(other);
        old.close();
        changed();
    }

    /** Counts the changes; whoever derives something from the value compares it. */
    long version() {
        return tiedTo == null ? version : version + tiedTo.version();
    }

    /** Says that the value was written to: drops the cached copy. */
    public void changed() {
        version++;
        Tensor copy = cached;
        if (copy != null) {
            copy.close();
            cached = null;
        }
    }

    @Override
    public void close() {
        changed();
        value.close();
    }
}
