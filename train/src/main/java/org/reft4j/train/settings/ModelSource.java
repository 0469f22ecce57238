package org.reft4j.train.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.reft4j.train.ConfigException;

/**
 * The model: an existing one, or a new one with random weights.
 *
 * @param path a Hugging Face folder, a GGUF file, a run's folder (meaning its best checkpoint), one checkpoint of a run, or a model's name
 *     on the hub; {@code null} with {@code fresh}
 * @param fresh a model to make (key {@code new}); {@code null} with {@code path}
 * @param compute number type of matrix products: {@code f32}, {@code bf16}, or {@code auto} for the faster one there
 * @param device the device that it is trained on: {@code cpu}, {@code cuda}, {@code cuda:1} and so on for one of several, or {@code auto}
 *     for the first of NVIDIA's if there is one that can be used, else the processor
 */
public record ModelSource(
        @Nullable String path,

        @JsonProperty("new") @Nullable NewModel fresh,

        String compute,

        String device) {
    public ModelSource {
        ConfigException.check(
                (path == null) != (fresh == null), "model", path == null ? "{}" : "path and new", "either path or new");
        ConfigException.check(
                compute.equals("auto") || compute.equals("f32") || compute.equals("bf16"),
                "model.compute",
                compute,
                "auto, f32 or bf16");
        ConfigException.check(Devices.isName(device), "model.device", device, Devices.NAMES);
    }

    /**
     * A Llama-shaped model with random weights and the small tokenizer that ships with the program.
     *
     * @param layers number of layers
     * @param width size of the hidden states
     * @param heads number of attention heads; must divide the width
     * @param keyValueHeads number of key and value heads; must divide the number of attention heads
     * @param feedForward width of the feed-forward layers
     * @param contextLength longest row in tokens
     * @param initializerRange standard deviation of the random weights; 0 for {@code 1 / sqrt(width)}
     */
    public record NewModel(
            int layers,
            int width,
            int heads,
            int keyValueHeads,
            int feedForward,
            int contextLength,
            @JsonProperty(defaultValue = "0") double initializerRange) {
        public NewModel {
            ConfigException.check(layers > 0, "model.new.layers", layers, "a positive number");
            ConfigException.check(heads > 0, "model.new.heads", heads, "a positive number");
            ConfigException.check(
                    width > 0 && width % heads == 0 && width / heads % 2 == 0,
                    "model.new.width",
                    width,
                    "an even multiple of heads (" + heads + ")");
            ConfigException.check(
                    keyValueHeads > 0 && heads % keyValueHeads == 0,
                    "model.new.key-value-heads",
                    keyValueHeads,
                    "a divisor of heads (" + heads + ")");
            ConfigException.check(feedForward > 0, "model.new.feed-forward", feedForward, "a positive number");
            ConfigException.check(
                    initializerRange >= 0 && initializerRange < 1,
                    "model.new.initializer-range",
                    initializerRange,
                    "a number in [0, 1)");
            ConfigException.check(contextLength >= 16, "model.new.context-length", contextLength, "at least 16");
        }
    }
}
