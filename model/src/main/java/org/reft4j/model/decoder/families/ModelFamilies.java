package org.reft4j.model.decoder.families;

import java.util.List;
import java.util.stream.Collectors;
import org.reft4j.model.decoder.ModelFamily;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;

/** Table of the model families. To add one, write its file and add its line here. */
public final class ModelFamilies {
    /** All families, in the order in which messages name them. */
    public static final List<ModelFamily> ALL = List.of(
            new Llama(), new Mistral(), new Qwen2(), new Qwen3(), new Gemma3(), new Opt(), new Gpt2(), new CodeGen());
    /** Keys of {@code config.json} that, unless null, ask for what no family here does. */
    private static final List<String> NOT_DONE =
            List.of("attn_logit_softcapping", "final_logit_softcapping", "logit_softcapping");

    private ModelFamilies() {}

    /**
     * The family that builds the configuration's architecture.
     *
     * @throws UnsupportedModelException if there is none, and the message names the known ones; or if the configuration asks for
     *     what no family does
     */
    public static ModelFamily of(ModelConfig config) {
        refuseUndone(config);
        String architecture = config.architecture();
        for (ModelFamily family : ALL) {
            if (family.architectures().contains(architecture)) {
                return family;
            }
        }
        String known =
                ALL.stream().flatMap(family -> family.architectures().stream()).collect(Collectors.joining(", "));
        throw new UnsupportedModelException(
                config.source() + ": unknown architecture \"" + architecture + "\"; known are " + known);
    }

    private static void refuseUndone(ModelConfig config) {
        if (config.json().hasNonNull("quantization_config")) {
            String method = config.json()
                    .path("quantization_config")
                    .path("quant_method")
                    .asText("unnamed");
            throw new UnsupportedModelException(config.source() + ": weights quantised by the method \"" + method
                    + "\" (quantization_config); known are float32, float16, bfloat16, and GGUF files");
        }
        for (String key : NOT_DONE) {
            if (config.json().hasNonNull(key)) {
                throw new UnsupportedModelException(config.source() + ": " + key + " is "
                        + config.json().get(key) + "; known is null (scores are not capped)");
            }
        }
    }
}
