package org.reft4j.model;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.model.weights.HeldWeights;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/** A model on disk that can be built: a {@link ModelFolder}, or an adapter's folder together with the base model that it names. */
public final class StoredModel {
    private final Path path;
    private final ModelFolder base;
    private final Optional<AdapterFolder> adapter;

    private StoredModel(Path path, ModelFolder base, Optional<AdapterFolder> adapter) {
        this.path = path;
        this.base = base;
        this.adapter = adapter;
    }

    /**
     * The base of an adapter is fetched from the hub if it is named so and not on this machine.
     *
     * @param path a model's folder, a {@code .gguf} file, or an adapter's folder
     * @throws org.reft4j.model.weights.FormatException if a part is missing or of a kind that is not read
     */
    public static StoredModel open(Path path) {
        if (!AdapterFolder.is(path)) {
            return new StoredModel(path, ModelFolder.open(path), Optional.empty());
        }
        AdapterFolder adapter = AdapterFolder.open(path);
        String name = adapter.config().base();
        Path base = adapter.localBase().isEmpty() && ModelHub.isName(name)
                ? ModelHub.locate(name, HubProgress.NONE)
                : adapter.base();
        AdapterConfig config = adapter.config().withBase(base.toString());
        return new StoredModel(path, ModelFolder.open(base), Optional.of(new AdapterFolder(path, config)));
    }

    public Path path() {
        return path;
    }

    /** Configuration of the base model. */
    public ModelConfig config() {
        return base.config();
    }

    /** Folder of the base model. */
    public ModelFolder base() {
        return base;
    }

    public Optional<AdapterFolder> adapter() {
        return adapter;
    }

    /** Tokenizer of the base model; an adapter's folder may hold a copy for other tools, which is not read. The caller closes it. */
    public Tokenizer tokenizer() {
        return base.tokenizer();
    }

    /** Builds the base model alone. The caller closes it. */
    public Decoder buildBase(DType master, Place place) {
        try (StoredWeights weights = base.weights()) {
            ModelFamilies.of(base.config()).sizes(base.config()).requireLike(weights, base.config());
            return ModelFamilies.of(base.config()).build(base.config(), weights, master, place);
        }
    }

    /** Builds the model, with its adapter active where it has one. The caller closes it. */
    public Decoder build(DType master, Place place) {
        Decoder decoder = buildBase(master, place);
        return adapter.isPresent() ? Adapters.load(decoder, adapter.get()) : decoder;
    }

    /** Builds the model with its adapter merged into the weights. The caller closes it. */
    public Decoder buildMerged(DType master, Place place) {
        Decoder decoder = build(master, place);
        try {
            return decoder instanceof AdaptedDecoder adapted ? adapted.merged() : decoder;
        } catch (RuntimeException e) {
            decoder.close();
            throw e;
        }
    }

    /**
     * Hands over the weights as they lie in their files, or with the adapter added in memory.
     *
     * @param held type of the merged weights
     */
    public void use(DType held, Consumer<StoredWeights> user) {
        if (adapter().isEmpty()) {
            try (StoredWeights weights = base().weights()) {
                user.accept(weights);
            }
            return;
        }
        try (Decoder merged = buildMerged(held, Place.host(held))) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            merged.parameters().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
            user.accept(new HeldWeights(path().toString(), tensors));
        }
    }
}
