package org.reft4j.model.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.JsonFiles;
import org.reft4j.model.weights.Llama3Rope;

/** Rotary settings for {@code config.json}, from the metadata of a GGUF file. */
final class GgufRope {
    /** Settings of Llama 3.1 and later; a GGUF file keeps the factors that follow from them, not the numbers. */
    private static final double LLAMA3_LOW = 1;

    private static final double LLAMA3_HIGH = 4;
    private static final int LLAMA3_CONTEXT = 8192;

    private final GgufMetadata metadata;
    private final String prefix;
    private final int headWidth;

    GgufRope(GgufMetadata metadata, String architecture, int headWidth) {
        this.metadata = metadata;
        this.prefix = architecture + ".rope.";
        this.headWidth = headWidth;
    }

    /** @param factors what each frequency is divided by ({@code rope_freqs.weight}), where the file has them */
    ObjectNode parameters(Optional<float[]> factors) {
        double theta = metadata.number(prefix + "freq_base").orElse(10000.0);
        ObjectNode rope = JsonFiles.object();
        rope.put("rope_theta", theta);
        String type = metadata.text(prefix + "scaling.type").orElse("none");
        if (factors.isPresent()) {
            llama3(rope, theta, factors.get());
        } else if (type.equals("none")) {
            rope.put("rope_type", "default");
        } else if (type.equals("linear") || type.equals("yarn")) {
            rope.put("rope_type", type);
            rope.put("factor", metadata.number(prefix + "scaling.factor").orElse(1.0));
            metadata.whole(prefix + "scaling.original_context_length")
                    .ifPresent(length -> rope.put("original_max_position_embeddings", length));
            metadata.number(prefix + "scaling.yarn_beta_fast").ifPresent(beta -> rope.put("beta_fast", beta));
            metadata.number(prefix + "scaling.yarn_beta_slow").ifPresent(beta -> rope.put("beta_slow", beta));
        } else {
            throw new FormatException(metadata.source() + ": metadata " + prefix + "scaling.type is \"" + type
                    + "\"; expected none, linear or yarn. Put the model's own config.json beside the file");
        }
        return rope;
    }

    /** Names the scaling of Llama 3.1 if the stored factors are exactly what it gives, and refuses them if not. */
    private void llama3(ObjectNode rope, double theta, float[] factors) {
        double factor = 1;
        for (float each : factors) {
            factor = Math.max(factor, each);
        }
        long context =
                metadata.whole(prefix + "scaling.original_context_length").orElse(LLAMA3_CONTEXT);
        Llama3Rope rule = new Llama3Rope(factor, LLAMA3_LOW, LLAMA3_HIGH, context);
        for (int i = 0; i < factors.length; i++) {
            double expected = rule.divisor(wavelength(theta, headWidth, i));
            if (factors.length * 2 != headWidth || Math.abs(factors[i] - expected) > 1e-4 * expected) {
                throw new FormatException(
                        metadata.source() + ": tensor rope_freqs.weight is not what the scaling of Llama 3.1 gives"
                                + " (entry " + i + " is " + factors[i] + ", expected " + expected
                                + "). Put the model's own config.json beside the file");
            }
        }
        rope.put("rope_type", "llama3");
        rope.put("factor", factor);
        rope.put("low_freq_factor", LLAMA3_LOW);
        rope.put("high_freq_factor", LLAMA3_HIGH);
        rope.put("original_max_position_embeddings", context);
    }

    /** The length of the wave of a pair of dimensions, in tokens. */
    static double wavelength(double theta, int headWidth, int pair) {
        return 2 * Math.PI * Math.pow(theta, 2.0 * pair / headWidth);
    }
}
