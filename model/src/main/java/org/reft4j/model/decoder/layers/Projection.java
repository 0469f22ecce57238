package org.reft4j.model.decoder.layers;

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
import org.reft4j.tensor.PackedWeight;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * One or more linear layers over the same input, computed as one matrix product. The layers keep their own
 * parameters; while no gradient is recorded for them, their joined weight is kept until one of them changes. It costs no memory where
 * the parameters lie one after the other in the compute type, as they do when built here.
 *
 * <p>Each layer can take a {@link LowRank} adapter, which is added to its part of the product.
 */
public final class Projection implements AutoCloseable {
    private final List<Part> parts;
    private final @Nullable LowRank[] adapters;
    private final List<Parameter> weights;
    private final List<Parameter> biases;
    private final Place place;
    private final DType compute;
    private final boolean inputsFirst;
    private long version = -1;
    private @Nullable Tensor joined;
    private long packedVersion = -1;
    private @Nullable PackedWeight packed;

    /**
     * One layer.
     *
     * @param name of the module in the checkpoint, such as {@code model.layers.0.self_attn.q_proj}
     * @param rows its outputs, in the checkpoint's order
     */
    public record Part(String name, int rows) {}

    private Projection(
            List<Part> parts, List<Parameter> weights, List<Parameter> biases, Place place, boolean inputsFirst) {
        this.parts = parts;
        this.adapters = new LowRank[parts.size()];
        this.weights = weights;
        this.biases = biases;
        this.place = place;
        this.compute = place.products();
        this.inputsFirst = inputsFirst;
    }

    /** Reads {@code <name>.weight}, and {@code <name>.bias} where there are biases, of every part. */
    public static Projection load(Weights source, DType master, Place place, int inputs, boolean bias, Part... parts) {
        List<Parameter> weights = adjacent(source, master, place, place.products(), ".weight", inputs, parts);
        try {
            List<Parameter> biases = bias ? adjacent(source, master, place, DType.F32, ".bias", 0, parts) : List.of();
            return new Projection(List.of(parts), weights, biases, place, false);
        } catch (RuntimeException e) {
            weights.forEach(Parameter::close);
            throw e;
        }
    }

    /** Reads one layer with bias whose weight the checkpoint keeps the other way round, as GPT-2's do: [inputs, rows]. */
    public static Projection loadInputsFirst(Weights source, DType master, Place place, int inputs, Part part) {
        try (var _ = NativeScope.open()) {
            Tensor weight = Tensors.at(place, source.take(part.name() + ".weight", master, inputs, part.rows()));
            Tensor bias = Tensors.at(place, source.take(part.name() + ".bias", master, part.rows()));
            return new Projection(
                    List.of(part),
                    List.of(new Parameter(part.name() + ".weight", weight, place.products())),
                    List.of(new Parameter(part.name() + ".bias", bias, DType.F32)),
                    place,
                    true);
        }
    }

    /** A layer over a weight that is in use elsewhere too: the output layer of a model whose embedding is tied to it. */
    public static Projection tied(String name, Parameter weight, List<Parameter> biases, Place place) {
        Part part = new Part(name, Math.toIntExact(weight.value().size(0)));
        return new Projection(List.of(part), List.of(Parameter.tied(name + ".weight", weight)), biases, place, false);
    }

    /** Reads the parts into one buffer, of which the parameters are pieces. */
    private static List<Parameter> adjacent(
            Weights source, DType master, Place place, DType compute, String suffix, int inputs, Part... parts) {
        int rows = 0;
        for (Part part : parts) {
            rows += part.rows();
        }
        try (var _ = NativeScope.open()) {
            Tensor buffer =
                    inputs == 0 ? Tensors.zeros(place, master, rows) : Tensors.zeros(place, master, rows, inputs);
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
            // Parameters outlive this scope, so they are made when every part has been read.
            List<Parameter> parameters = new ArrayList<>();
            for (int i = 0; i < parts.length; i++) {
                parameters.add(new Parameter(parts[i].name() + suffix, pieces[i], compute));
            }
            return List.copyOf(parameters);
        }
    }

    public List<Parameter> weights() {
        return weights;
    }

    public List<Parameter> biases() {
        return biases;
    }

    public List<Part> parts() {
        return parts;
    }

    public int inputs() {
        return Math.toIntExact(weights.getFirst().value().size(inputsFirst ? 0 : 1));
    }

    /** True if the checkpoint keeps its weight as [inputs, outputs]. */
    public boolean inputsFirst() {
        return inputsFirst;
    }

    /** Puts an adapter on one of the parts, or takes it off. */
    public void adapt(int part, @Nullable LowRank adapter) {
        adapters[part] = adapter;
    }

    /**
     * Forward pass.
     *
     * @param input float32 or already of the compute type, [N, inputs]
     * @return float32 [N, sum of outputs]
     */
    public Tensor forward(Tensor input) {
        List<LowRank> worn = worn();
        return worn.isEmpty() ? product(input) : adapted(product(input), input, worn);
    }

    private List<LowRank> worn() {
        List<LowRank> worn = List.of();
        for (LowRank adapter : adapters) {
            if (adapter != null) {
                worn = worn.isEmpty() ? new ArrayList<>() : worn;
                worn.add(adapter);
            }
        }
        return worn;
    }

    /**
     * Adds the adapters' part, in float32 whatever the products are computed in, by two products for all of them. In place, which is
     * safe with gradients: the backward pass of a linear layer does not read its outputs.
     */
    private Tensor adapted(Tensor product, Tensor input, List<LowRank> worn) {
        Tensor[] downs = worn.stream().map(adapter -> adapter.a().compute()).toArray(Tensor[]::new);
        Tensor down = downs.length == 1 ? downs[0] : Tensors.cat(0, downs); // [sum of ranks, inputs]
        Tensor inner = torch.linear(input.to(DType.F32.scalarType()), down); // [N, sum of ranks]
        return product.addmm_(inner, up(down.size(0)).t());
    }

    /** Every adapter's {@code scale B} in the rows of its layer and the columns of its ranks, zero elsewhere: [sum of outputs, ranks]. */
    private Tensor up(long ranks) {
        Tensor[] rows = new Tensor[adapters.length];
        long before = 0;
        for (int i = 0; i < adapters.length; i++) {
            LowRank adapter = adapters[i];
            int outputs = parts.get(i).rows();
            if (adapter == null) {
                rows[i] = Tensors.zeros(place, DType.F32, outputs, ranks);
                continue;
            }
            Tensor scaled = adapter.b().compute().mul(Tensors.scalar(adapter.scale()));
            long after = ranks - before - adapter.rank();
            rows[i] = before == 0 && after == 0
                    ? scaled
                    : Tensors.cat(
                            1,
                            Tensors.zeros(place, DType.F32, outputs, before),
                            scaled,
                            Tensors.zeros(place, DType.F32, outputs, after));
            before += adapter.rank();
        }
        return rows.length == 1 ? rows[0] : Tensors.cat(0, rows);
    }

    /** Lays the weight out for products of few rows that need no gradient, until it changes or {@link #unpack}. */
    public void pack(int rows) {
        unpack();
        try (var _ = NativeScope.open()) {
            packed = PackedWeight.of(weight(), rows);
            packedVersion = current();
        }
    }

    public void unpack() {
        PackedWeight old = packed;
        if (old != null) {
            old.close();
            packed = null;
        }
    }

    /** Bytes of the weights in the compute type. */
    public long bytes() {
        return weights.stream().mapToLong(weight -> weight.value().numel()).sum() * compute.bytes();
    }

    private Tensor product(Tensor input) {
        PackedWeight ready = packed;
        if (ready != null && packedVersion == current() && !GradMode.is_enabled()) {
            Tensor product = ready.multiply(input.to(compute.scalarType())).to(DType.F32.scalarType());
            return biases.isEmpty() ? product : product.add_(bias());
        }
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
        if (weights.stream().anyMatch(Parameter::replaced) || (GradMode.is_enabled() && trained())) {
            return join(weights);
        }
        long now = current();
        Tensor kept = joined;
        if (kept == null || now != version) {
            drop();
            try (var _ = NativeScope.open()) {
                kept = NativeScope.own(joinOnce());
            }
            joined = kept;
            version = now;
        }
        return kept;
    }

    /** Counts the changes of all weights. */
    private long current() {
        long now = 0;
        for (Parameter weight : weights) {
            now += weight.version();
        }
        return now;
    }

    /** Frozen weights need no graph: under an adapter their joined copy serves training too. */
    private boolean trained() {
        return weights.stream().anyMatch(weight -> weight.value().requires_grad());
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

    /** A view where the master weights lie one after the other in the compute type, else a copy in it. */
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

    /** Drops what was made of the weights; the parameters belong to the decoder. */
    @Override
    public void close() {
        unpack();
        drop();
    }

    private void drop() {
        Tensor kept = joined;
        if (kept != null) {
            kept.close();
            joined = null;
        }
    }
}
