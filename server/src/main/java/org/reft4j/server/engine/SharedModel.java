package org.reft4j.server.engine;

import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.Packing;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.generate.OpenBatch;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.settings.ModelSources;

/** The frozen weights of a base model in memory; adapters stand beside its {@link #decoder}. For the engine's thread alone. */
final class SharedModel implements AutoCloseable {
    private final ModelTexts texts;
    private final AdaptedDecoder decoder;
    private final EngineSettings settings;
    private final long bytes;
    private @Nullable Packing packing;

    private SharedModel(ModelTexts texts, AdaptedDecoder decoder, EngineSettings settings, long bytes) {
        this.texts = texts;
        this.decoder = decoder;
        this.settings = settings;
        this.bytes = bytes;
    }

    static SharedModel load(ModelTexts texts, EngineSettings settings) {
        ModelSizes sizes = texts.sizes();
        Calibration.chooseBlas();
        Torch.start();
        Place place = place(texts, settings);
        Torch.fit(sizes.width(), place);
        AdaptedDecoder decoder = Adapters.bare(texts.base().buildBase(place.products(), place));
        return new SharedModel(texts, decoder, settings, bytes(sizes, place));
    }

    /** Bytes that a base will take. */
    static long bytes(ModelTexts texts, EngineSettings settings) {
        return bytes(texts.sizes(), place(texts, settings));
    }

    private static long bytes(ModelSizes sizes, Place place) {
        long weights = sizes.parameters() * place.products().bytes();
        return weights + (place.isHost() ? Packing.planned(sizes.width(), weights, place.memoryBytes()) : 0);
    }

    private static Place place(ModelTexts texts, EngineSettings settings) {
        return ModelSources.place("auto", settings.compute(), texts.sizes());
    }

    Place place() {
        return decoder.place();
    }

    ModelTexts texts() {
        return texts;
    }

    AdaptedDecoder decoder() {
        return decoder;
    }

    long bytes() {
        return bytes;
    }

    /** An empty batch of the base or an adapter on it. */
    OpenBatch batch(AdaptedDecoder of) {
        long cell = texts.sizes().cacheBytes(1, 1, place().attention());
        return OpenBatch.of(
                of, texts.tokenizer(), texts.ends(), settings.rows(), Math.max(1, settings.cacheBytes() / cell));
    }

    /** Lays the weights out for sampling. */
    @SuppressWarnings("MustBeClosedChecker") // held until training takes over, or the base is closed
    void pack() {
        if (packing == null) {
            packing = Packing.of(decoder, settings.rows());
        }
    }

    /** Takes the weights as training does. */
    void unpack() {
        if (packing != null) {
            packing.close();
            packing = null;
        }
    }

    @Override
    public void close() {
        unpack();
        decoder.close();
    }
}
