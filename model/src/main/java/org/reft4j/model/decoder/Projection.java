package org.reft4j.model.decoder;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/**
 * One or more linear layers over the same input, computed as one product whose outputs stand side by side. The layers keep their own
 * parameters; while no gradient is recorded, their joined weight is kept until one of them changes. It costs no memory where the
 * parameters lie one behind the other in the compute type, as they do when built here.
 */
final class Projection implements AutoCloseable {
    private final List<Parameter> weights;
    private final List<Parameter> biases;
    private final DType compute;
    private final boolean inputsFirst;
    private long version = -1;
    private @Nullable Tensor joined;

    /** The sizes of one layer: {@code rows} outputs. */
    record Part(String name, int rows) {}

    private Projection(List<Parameter> weights, List<Parameter> biases, DType compute, boolean inputsFirst) {
        this.weights = weights;
        this.biases = biases;
        this.compute = compute;
        this.inputsFirst = inputsFirst;
    }

    /** Reads {@code <name>.weight}, and {@code <name>.bias} where there are biases, of every part. */
    static Projection load(Weights source, DType master, DType compute, int inputs, boolean bias, Part... parts) {
        List<Parameter> weights = adjacent(source, master, compute, ".weight", inputs, parts);
        try {
            List<Parameter> biases = bias ? adjacent(source, master, DType.F32, ".bias", 0, parts) : List.of();
            return new Projection(weights, biases, compute, false);
        } catch (RuntimeException e) {
            weights.forEach(Parameter::close);
            throw e;
        }
    }

    /** Reads one layer with bias whose weight the checkpoint keeps the other way round, as GPT-2's do: [inputs, rows]. */
    static Projection loadInputsFirst(Weights source, DType master, DType compute, int inputs, Part part) {
        try (var _ = NativeScope.open()) {
            Tensor weight = source.take(part.name() + ".weight", master, inputs, part.rows());
            Tensor bias = source.take(part.name() + ".bias", master, part.rows());
            return new Projection(
                    List.of(new Parameter(part.name() + ".weight", weight, compute)),
                    List.of(new Parameter(part.name() + ".bias", bias, DType.F32)),
                    compute,
                    true);
        }
    }

    /** Reads the parts into one buffer, of which the parameters are pieces. */
    private static List<Parameter> adjacent(
            Weights source, DType master, DType compute, String suffix, int inputs, Part... parts) {
        int rows = 0;
        for (Part part : parts) {
            rows += part.rows();
        }
        try (var _ = NativeScope.open()) {
            Tensor buffer = inputs == 0 ? Tensors.zeros(master, rows) : Tensors.zeros(master, rows, inputs);
            Tensor[] pieces = new Tensor[parts.length];
            int row = 0;
            for (int i = 0; i < parts.length; i++) {
                String name = parts[i].name() + suffix;
                int count = parts[i].rows();
                try (var reading = NativeScope.open()) {
                    pieces[i] = reading.keep(buffer.narrow(0, row, count).detach());
                    pieces[i].copy_(
                            inputs == 0 ? source.take(name, master, count) : source.take(name, master, count, inputs));
                }
                row += count;
            }
            // Only now, when every part has been read, does anything outlive this scope.
            List<Parameter> parameters = new ArrayList<>();
            for (int i = 0; i < parts.length; i++) {
                parameters.add(new Parameter(parts[i].name() + suffix, pieces[i], compute));
            }
            return List.copyOf(parameters);
        }
    }

    List<Parameter> weights() {
        return weights;
    }

    List<Parameter> biases() {
        return biases;
    }

    /**
     * The product with the input.
     *
     * @param input float32 or already of the compute type, [N, inputs]
     * @return float32 [N, sum of outputs]
     */
    Tensor apply(Tensor input) {
        if (compute == DType.F32) {
            return biases.isEmpty()
                    ? torch.linear(input, weight())
                    : torch.linear(input, weight(), Tensors.optional(bias()));
        }
        Tensor product = torch.linear(input.to(compute.scalarType()), weight()).to(DType.F32.scalarType());
        return biases.isEmpty() ? product : product.add(bias());
    }

    private Tensor weight() {
        if (weights.size() == 1) {
            Tensor only = weights.getFirst().compute();
            return inputsFirst ? only.t() : only;
        }
        if (GradMode.is_enabled()) {
            return join(weights);
        }
        long now = 0;
        for (Parameter weight : weights) {
            now += weight.version();
        }
        Tensor kept = joined;
        if (kept == null || now != version) {
            close();
            try (var _ = NativeScope.open()) {
                kept = NativeScope.own(joinOnce());
            }
            joined = kept;
            version = now;
        }
        return kept;
    }

    private Tensor bias() {
        return biases.size() == 1 ? biases.getFirst().compute() : join(biases);
    }

    private static Tensor join(List<Parameter> parameters) {
        Tensor[] parts = new Tensor[parameters.size()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = parameters.get(i).compute();
        }
        return torch.cat(new TensorVector(parts), 0);
    }

    /** A view where the masters lie one behind the other in the compute type, else a copy in it. */
    private Tensor joinOnce() {
        Tensor first = weights.getFirst().value();
        if (DType.of(first) == compute && liesInOnePiece()) {
            long inputs = first.size(1);
            long rows = 0;
            for (Parameter weight : weights) {
                rows += weight.value().size(0);
            }
            long[] strides = {inputs, 1};
            return first.detach()
                    .as_strided(new long[] {rows, inputs}, strides, new LongOptional(first.storage_offset()));
        }
        Tensor[] parts = new Tensor[weights.size()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = weights.get(i).value().detach().to(compute.scalarType());
        }
        return torch.cat(new TensorVector(parts), 0);
    }

    private boolean liesInOnePiece() {
        Tensor before = weights.getFirst().value();
        for (Parameter weight : weights.subList(1, weights.size())) {
            Tensor next = weight.value();
            if (!next.is_alias_of(before)
                    || !next.is_contiguous()
                    || next.storage_offset() != before.storage_offset() + before.numel()) {
                return false;
            }
            before = next;
        }
        return true;
    }

    /** Drops the joined weight; the parameters belong to the decoder. */
    @Override
    public void close() {
        Tensor kept = joined;
        if (kept != null) {
            kept.close();
            joined = null;
        }
    }
}
