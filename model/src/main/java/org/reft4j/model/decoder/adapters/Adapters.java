package org.reft4j.model.decoder.adapters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.layers.LowRank;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/** Factory of decoders with adapters: new ones, and those of PEFT's folders. */
public final class Adapters {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final String BASE = ".base_layer.weight";

    private Adapters() {}

    /**
     * Puts a new adapter on a decoder. It changes nothing yet: B is zero, A as PEFT starts it, uniform within ± 1 / sqrt(inputs).
     *
     * @param base owned by the result, also if this fails
     * @param seeds the seed of the adapter of layer {@code i}
     * @throws FormatException if the configuration fits no layer
     */
    public static AdaptedDecoder fresh(Decoder base, AdapterConfig config, LongUnaryOperator seeds) {
        try {
            AdapterSlots slots = new AdapterSlots(base);
            return AdaptedDecoder.of(base, slots, made(slots, base.config(), config, new Start(seeds)));
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /** Initial values of a new adapter, which changes nothing yet. */
    private static final class Start implements Source {
        private final LongUnaryOperator seeds;
        private int drawn;

        private Start(LongUnaryOperator seeds) {
            this.seeds = seeds;
        }

        @Override
        public Tensor a(String module, int rank, int inputs) {
            SplittableRandom random = Seeds.stream(seeds.applyAsLong(drawn++));
            double bound = 1 / Math.sqrt(inputs);
            float[] values = new float[Math.multiplyExact(rank, inputs)];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
            }
            return Tensors.floats(Place.HOST, values, rank, inputs);
        }

        @Override
        public Tensor b(String module, int outputs, int rank) {
            return Tensors.zeros(Place.HOST, DType.F32, outputs, rank);
        }

        @Override
        public Tensor whole(Parameter parameter) {
            Tensor value = parameter.value().detach();
            return DType.of(value) == DType.F32 ? value.clone() : value.to(DType.F32.scalarType());
        }
    }

    /**
     * Puts the adapter of a folder on a decoder.
     *
     * @param base owned by the result, also if this fails
     * @throws FormatException if the adapter belongs to another base; the message names the tensor
     */
    public static AdaptedDecoder load(Decoder base, AdapterFolder folder) {
        try {
            AdapterSlots slots = new AdapterSlots(base);
            return AdaptedDecoder.of(base, slots, read(slots, base.config(), folder));
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /**
     * A second decoder on the base weights of one, with the adapter of a folder: a reference that costs no second copy of the model.
     *
     * @return owns its adapter alone; not to be used once the other is closed
     */
    public static AdaptedDecoder beside(AdaptedDecoder decoder, AdapterFolder folder) {
        return decoder.beside(read(decoder.slots(), decoder.config(), folder));
    }

    /**
     * A decoder on the base weights of one, with a new adapter that changes nothing yet, as {@link #fresh} begins it.
     *
     * @return owns its adapter alone; not to be used once the other is closed
     */
    public static AdaptedDecoder beside(AdaptedDecoder decoder, AdapterConfig config, LongUnaryOperator seeds) {
        return decoder.beside(made(decoder.slots(), decoder.config(), config, new Start(seeds)));
    }

    /** A decoder without an adapter, beside which others may stand. Owns the base. */
    public static AdaptedDecoder bare(Decoder base) {
        return AdaptedDecoder.of(base, new AdapterSlots(base), null);
    }

    private static Adapter read(AdapterSlots slots, ModelConfig model, AdapterFolder folder) {
        try (SafetensorsFile file = folder.weights()) {
            Adapter adapter = made(slots, model, folder.config(), new Source() {
                @Override
                public Tensor a(String module, int rank, int inputs) {
                    return file.take(AdapterFolder.PREFIX + module + A, DType.F32, rank, inputs);
                }

                @Override
                public Tensor b(String module, int outputs, int rank) {
                    return file.take(AdapterFolder.PREFIX + module + B, DType.F32, outputs, rank);
                }

                @Override
                public Tensor whole(Parameter parameter) {
                    return file.take(
                            AdapterFolder.PREFIX + parameter.name(), DType.F32, Tensors.shape(parameter.value()));
                }
            });
            try {
                refuseRest(file, slots, model);
                return adapter;
            } catch (RuntimeException e) {
                adapter.close();
                throw e;
            }
        }
    }

    /** The active adapter of a decoder; empty where it has none. */
    public static Optional<Adapter> active(Decoder decoder) {
        return decoder instanceof AdaptedDecoder adapted ? adapted.adapter() : Optional.empty();
    }

    /** Writes an adapter into a folder that is there, as PEFT does. */
    public static void write(Path folder, Adapter adapter) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        adapter.parameters().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        AdapterFolder.write(folder, adapter.config(), tensors);
    }

    /** Source of an adapter's values, at any place; tensors belong to the innermost scope. */
    private interface Source {
        Tensor a(String module, int rank, int inputs);

        Tensor b(String module, int outputs, int rank);

        Tensor whole(Parameter parameter);
    }

    private static Adapter made(AdapterSlots slots, ModelConfig model, AdapterConfig config, Source source) {
        List<Parameter> opened = new ArrayList<>();
        try (var _ = NativeScope.open()) {
            List<LowRank> layers = new ArrayList<>();
            slots.layers().forEach((module, slot) -> {
                if (config.targets(module, module.equals(slots.head()))) {
                    layers.add(lowRank(module, slot, slots.place(), config, source, opened));
                }
            });
            if (layers.isEmpty()) {
                throw new FormatException(config.source() + ": no layer of " + model.source() + " is meant by "
                        + config.targetsText() + "; its layers are such as "
                        + String.join(
                                ", ", slots.layers().keySet().stream().limit(7).toList())
                        + ". Does the adapter belong to this base model?");
            }
            List<Parameter> replaced = new ArrayList<>();
            for (Parameter parameter : slots.parameters().values()) {
                if (AdapterSlots.modules(parameter.name()).stream().anyMatch(config::saves)) {
                    Tensor whole = Tensors.at(slots.place(), source.whole(parameter));
                    Parameter copy = new Parameter(parameter.name(), whole, parameter.computeType());
                    replaced.add(opened(copy, opened));
                }
            }
            return new Adapter(config, layers, replaced);
        } catch (RuntimeException e) {
            opened.forEach(Parameter::close);
            throw e;
        }
    }

    private static LowRank lowRank(
            String module,
            AdapterSlots.Slot slot,
            Place place,
            AdapterConfig config,
            Source source,
            List<Parameter> opened) {
        int rank = config.rank(module);
        Tensor a = Tensors.at(place, source.a(module, rank, slot.inputs()));
        Tensor b = Tensors.at(place, source.b(module, slot.outputs(), rank));
        return new LowRank(
                module,
                opened(new Parameter(module + A, a, DType.F32), opened),
                opened(new Parameter(module + B, b, DType.F32), opened),
                config.scale(module));
    }

    private static Parameter opened(Parameter parameter, List<Parameter> opened) {
        opened.add(parameter);
        return parameter;
    }

    /** Refuses tensors that the adapter has no place for. PEFT also repeats the base's weight beside an adapter of the output layer. */
    private static void refuseRest(SafetensorsFile file, AdapterSlots slots, ModelConfig model) {
        Map<String, Parameter> weights = slots.parameters();
        for (String name : file.untaken()) {
            String plain = name.startsWith(AdapterFolder.PREFIX) ? name.substring(AdapterFolder.PREFIX.length()) : name;
            Parameter repeated = plain.endsWith(BASE)
                    ? weights.get(plain.substring(0, plain.length() - BASE.length()) + ".weight")
                    : null;
            if (repeated == null) {
                String why = plain.contains("lora_embedding_")
                        ? "adapters of an embedding are not computed here"
                        : "there is no place for it in " + model.source()
                                + ", or \"target_modules\" does not mean it. Does the adapter belong to this base model?";
                throw new FormatException(file.source() + ": tensor " + name + ": " + why);
            }
            try (var _ = NativeScope.open()) {
                Tensor base = Tensors.at(Place.HOST, repeated.value().detach());
                Tensor found = file.read(name);
                if (!java.util.Arrays.equals(Tensors.shape(found), Tensors.shape(base))
                        || !found.to(base.scalar_type()).equal(base)) {
                    throw new FormatException(
                            file.source() + ": tensor " + name + " is not the weight of "
                                    + model.source()
                                    + ": the adapter was trained on a base that was changed. Merge it there, and use the merged model");
                }
            }
        }
    }
}
