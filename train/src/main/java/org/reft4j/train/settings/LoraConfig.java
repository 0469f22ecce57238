package org.reft4j.train.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.model.weights.FormatException;
import org.reft4j.train.ConfigException;

/**
 * Low-rank adapters (LoRA, arXiv:2106.09685), trained instead of the model's weights, which stay frozen.
 *
 * @param rank rank of the adapters
 * @param alpha scale of the adapters: their output is multiplied by {@code alpha / rank}
 * @param rslora scales by {@code alpha / sqrt(rank)} instead (rsLoRA, arXiv:2312.03732)
 * @param targets linear layers that get an adapter: {@code all-linear} (all but the output layer); names or ends of names, separated by
 *     commas; or a regular expression that matches whole names
 * @param modulesToSave modules that are trained in full, separated by commas, such as {@code embed_tokens, lm_head}
 */
public record LoraConfig(
        @JsonProperty(defaultValue = "16") int rank,
        @JsonProperty(defaultValue = "32") double alpha,
        @JsonProperty(defaultValue = "false") boolean rslora,
        @JsonProperty(defaultValue = "all-linear") String targets,
        @Nullable String modulesToSave) {

    public static final LoraConfig DEFAULT = new LoraConfig(16, 32, false, "all-linear", null);

    public LoraConfig {
        ConfigException.check(rank > 0, "lora.rank", rank, "a positive number");
        ConfigException.check(alpha > 0, "lora.alpha", alpha, "a number above 0");
        ConfigException.check(!targets.isBlank(), "lora.targets", targets, "all-linear, names or an expression");
    }

    /** The {@code adapter_config.json} of a new adapter for the model in folder {@code base}. */
    public AdapterConfig adapter(String base) {
        return AdapterConfig.fresh(
                base, rank, alpha, rslora, targets, modulesToSave == null ? "" : modulesToSave, "lora");
    }

    /** Refuses an existing adapter that has other settings: training continues with an adapter as it is. */
    public void requireSame(AdapterConfig found) {
        AdapterConfig asked = adapter(found.base());
        String difference = asked.difference(found);
        ConfigException.check(
                difference.isEmpty(),
                "lora",
                difference,
                "the settings of the adapter that model.path names (" + found.source()
                        + "), which training goes on with. To begin a new one, merge the old one into its base first");
        if (found.dropout() != 0) {
            throw new FormatException(found.source() + ": \"lora_dropout\" is " + found.dropout()
                    + "; expected 0 to go on training: dropout is not done here. Set it to 0 in a copy of the adapter");
        }
    }
}
