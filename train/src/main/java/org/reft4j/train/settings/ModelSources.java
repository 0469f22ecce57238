package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.RandomWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.train.ConfigException;
import org.reft4j.train.settings.ModelSource.NewModel;

/** Opens the model that a {@link ModelSource} names: a folder, a file, or a new model. */
public final class ModelSources {
    private ModelSources() {}

    /**
     * A model that can be built.
     *
     * @param config its {@code config.json}
     * @param stored its place on disk; empty for a new one
     * @param builder builds the model from the type of its weights and its place, an adapter merged into it; the caller closes it
     * @param tokenizer its tokenizer; the caller closes it
     */
    public record Source(
            ModelConfig config,
            Optional<StoredModel> stored,
            BiFunction<DType, Place, Decoder> builder,
            Tokenizer tokenizer) {
        public Decoder build(DType master, Place place) {
            return builder.apply(master, place);
        }

        public ModelSizes sizes() {
            return ModelFamilies.of(config).sizes(config);
        }

        /** The end-of-text token; refused if the model does not name one. */
        public int endOfText() {
            return tokenizer
                    .endOfText()
                    .orElseThrow(() -> new ConfigException("model " + config.source()
                            + " names no end-of-text token; add \"eos_token_id\" to its config.json"));
        }
    }

    /**
     * Opens a source.
     *
     * @param seed seed for the weights of a new model
     */
    public static Source open(ModelSource source, long seed) {
        if (source.fresh() != null) {
            Tokenizer tokenizer = Tokenizers.small();
            ModelConfig config = config(source.fresh(), tokenizer);
            long weightSeed = new Seeds(seed).key(Seeds.Purpose.WEIGHTS);
            NewModel fresh = source.fresh();
            return new Source(
                    config,
                    Optional.empty(),
                    (master, place) -> ModelFamilies.of(config)
                            .build(config, new RandomWeights(weightSeed, initializerRange(fresh), true), master, place),
                    tokenizer);
        }
        if (source.path() == null) {
            throw new IllegalArgumentException("a model source has a path or is new");
        }
        StoredModel stored = located(source);
        return new Source(stored.config(), Optional.of(stored), stored::buildMerged, stored.tokenizer());
    }

    /** The sizes of the model that a source names. */
    public static ModelSizes sizes(ModelSource source) {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            ModelConfig config = source.fresh() != null
                    ? config(source.fresh(), tokenizer)
                    : located(source).config();
            return ModelFamilies.of(config).sizes(config);
        }
    }

    /** The place on disk of the model that a source names; empty for a new one. */
    static Optional<StoredModel> stored(ModelSource source) {
        return source.fresh() != null ? Optional.empty() : Optional.of(located(source));
    }

    private static StoredModel located(ModelSource source) {
        return StoredModel.open(ModelHub.locate(Objects.requireNonNull(source.path()), HubProgress.NONE));
    }

    /** The place that a model source asks for. */
    public static Place place(ModelSource source, ModelSizes sizes) {
        return place(source.device(), source.compute(), sizes);
    }

    /**
     * The place of a model.
     *
     * @param device {@code cpu}, {@code cuda} with or without a number, or {@code auto} for the first that can be used
     * @param compute {@code f32}, {@code bf16}, or {@code auto} for the faster one there at the model's width
     * @throws ConfigException if the device is not there; it says what is missing
     */
    public static Place place(String device, String compute, ModelSizes sizes) {
        String name = Devices.named(device);
        return Place.on(
                name,
                switch (compute.toLowerCase(Locale.ROOT)) {
                    case "auto" -> Devices.products(name, sizes.width());
                    case "f32" -> DType.F32;
                    case "bf16" -> DType.BF16;
                    default -> throw new ConfigException("", "compute", compute, "auto, f32 or bf16", null);
                });
    }

    private static double initializerRange(NewModel model) {
        return model.initializerRange() > 0 ? model.initializerRange() : 1 / Math.sqrt(model.width());
    }

    private static ModelConfig config(NewModel model, Tokenizer tokenizer) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.putArray("architectures").add("LlamaForCausalLM");
        json.put("model_type", "llama");
        json.put("vocab_size", tokenizer.vocabularySize());
        json.put("hidden_size", model.width());
        json.put("intermediate_size", model.feedForward());
        json.put("num_hidden_layers", model.layers());
        json.put("num_attention_heads", model.heads());
        json.put("num_key_value_heads", model.keyValueHeads());
        json.put("head_dim", model.width() / model.heads());
        json.put("hidden_act", "silu");
        json.put("max_position_embeddings", model.contextLength());
        json.put("rms_norm_eps", 1e-5);
        json.put("rope_theta", 10000.0);
        json.put("tie_word_embeddings", true);
        json.put("initializer_range", initializerRange(model));
        json.put("torch_dtype", "float32");
        tokenizer.endOfText().ifPresent(id -> json.put("eos_token_id", id));
        tokenizer.padding().ifPresent(id -> json.put("pad_token_id", id));
        return new ModelConfig(json, "the new model");
    }
}
