package org.reft4j.model.decoder.adapters;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.layers.LowRank;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.Projection;
import org.reft4j.tensor.Place;

/** Linear layers and weights of a decoder that an adapter can change, by name, and the active adapter. */
final class AdapterSlots {
    private final Map<String, Slot> layers = new LinkedHashMap<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final String head;
    private final Place place;
    private @Nullable Adapter worn;

    /** A linear layer: a part of a projection. */
    record Slot(Projection projection, int part) {
        int inputs() {
            return projection.inputs();
        }

        int outputs() {
            return projection.parts().get(part).rows();
        }

        Parameter weight() {
            return projection.weights().get(part);
        }
    }

    AdapterSlots(Decoder decoder) {
        List<Projection> projections = decoder.projections();
        decoder.parameters().forEach(parameter -> parameters.put(parameter.name(), parameter));
        for (Projection projection : projections) {
            for (int i = 0; i < projection.parts().size(); i++) {
                layers.put(projection.parts().get(i).name(), new Slot(projection, i));
            }
            projection.weights().forEach(weight -> parameters.putIfAbsent(weight.name(), weight));
        }
        this.place = decoder.place();
        this.head = projections.getLast().parts().getFirst().name();
    }

    /** Linear layers by module name, in the decoder's order, the output layer last. */
    Map<String, Slot> layers() {
        return layers;
    }

    /** Every weight by its checkpoint name; with a tied output layer, that one too. */
    Map<String, Parameter> parameters() {
        return parameters;
    }

    /** Name of the output layer, which {@code all-linear} leaves out. */
    String head() {
        return head;
    }

    /** Place of the decoder, and so of its adapters. */
    Place place() {
        return place;
    }

    /** The layer of an adapter that was made for this decoder. */
    Slot layer(String module) {
        return Objects.requireNonNull(layers.get(module));
    }

    /** The weight that a copy of an adapter replaces. */
    Parameter place(Parameter replacement) {
        return Objects.requireNonNull(parameters.get(replacement.name()));
    }

    /** Makes an adapter the active one, or none. */
    void wear(@Nullable Adapter adapter) {
        if (worn == adapter) {
            return;
        }
        Adapter before = worn;
        if (before != null) {
            before.layers().forEach(layer -> put(layer.module(), null));
            before.replaced().forEach(parameter -> place(parameter).replaceBy(null));
        }
        if (adapter != null) {
            adapter.layers().forEach(layer -> put(layer.module(), layer));
            adapter.replaced().forEach(parameter -> place(parameter).replaceBy(parameter));
        }
        worn = adapter;
    }

    private void put(String module, @Nullable LowRank layer) {
        Slot slot = layer(module);
        slot.projection().adapt(slot.part(), layer);
    }

    /** The modules that hold a weight, from the outermost to its own. */
    static List<String> modules(String parameter) {
        List<String> modules = new ArrayList<>();
        for (int dot = parameter.indexOf('.'); dot >= 0; dot = parameter.indexOf('.', dot + 1)) {
            modules.add(parameter.substring(0, dot));
        }
        return modules;
    }
}
