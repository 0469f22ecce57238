package org.reft4j.model.decoder.adapters;

import java.util.ArrayList;
import java.util.List;
import org.reft4j.model.decoder.layers.LowRank;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.weights.AdapterConfig;

/**
 * LoRA adapter: trained low-rank differences of linear layers of a frozen model, and whole copies of other weights
 * ({@code modules_to_save}). Owns its parameters. Belongs to the decoder that {@link AdaptedDecoder} puts it on.
 */
public final class Adapter implements AutoCloseable {
    private final AdapterConfig config;
    private final List<LowRank> layers;
    private final List<Parameter> replaced;

    Adapter(AdapterConfig config, List<LowRank> layers, List<Parameter> replaced) {
        this.config = config;
        this.layers = List.copyOf(layers);
        this.replaced = List.copyOf(replaced);
    }

    /** Configuration that the adapter was made with. */
    public AdapterConfig config() {
        return config;
    }

    List<LowRank> layers() {
        return layers;
    }

    /** Copies of whole weights, under the names of the weights that they replace. */
    List<Parameter> replaced() {
        return replaced;
    }

    /** Trained weights in a fixed order: A and B of each layer, then whole weights. Named as in a PEFT file, without its prefix. */
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        for (LowRank layer : layers) {
            parameters.add(layer.a());
            parameters.add(layer.b());
        }
        parameters.addAll(replaced);
        return List.copyOf(parameters);
    }

    @Override
    public void close() {
        parameters().forEach(Parameter::close);
    }
}
