package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.tensor.Tensors;

/** Activation function of a feed-forward part, by the names of Hugging Face transformers ({@code activations.py}). */
public enum Activation {
    SILU,
    GELU,
    GELU_TANH,
    QUICK_GELU,
    RELU;

    /**
     * Activation that the configuration names.
     *
     * @param key the key that the family has for it
     * @param absent the name where there is no such key
     * @throws UnsupportedModelException if the name is unknown
     */
    public static Activation of(ModelConfig config, String key, String absent) {
        String name = config.text(key, absent);
        return switch (name) {
            case "silu", "swish" -> SILU;
            case "gelu", "gelu_python" -> GELU;
            case "gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh", "gelu_python_tanh" -> GELU_TANH;
            case "quick_gelu" -> QUICK_GELU;
            case "relu" -> RELU;
            default ->
                throw new UnsupportedModelException(
                        config.source() + ": unknown " + key + " \"" + name
                                + "\"; known are silu, gelu, gelu_new, gelu_fast, gelu_accurate, gelu_pytorch_tanh, quick_gelu, relu");
        };
    }

    Tensor forward(Tensor x) {
        return switch (this) {
            case SILU -> torch.silu(x);
            case GELU -> torch.gelu(x);
            case GELU_TANH -> torch.gelu(x, "tanh");
            case QUICK_GELU -> x.mul(x.mul(Tensors.scalar(1.702)).sigmoid());
            case RELU -> torch.relu(x);
        };
    }
}
