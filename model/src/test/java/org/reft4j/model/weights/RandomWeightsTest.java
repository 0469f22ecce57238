package org.reft4j.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

class RandomWeightsTest {
    private static final String MATRIX = "model.layers.0.mlp.up_proj.weight";

    @Test
    void matricesAreNormalWithTheGivenDeviation() {
        float[] values = take(new RandomWeights(1, 0.02, true), MATRIX, 300, 200);
        double mean = 0;
        double square = 0;
        for (float value : values) {
            mean += value / values.length;
            square += (double) value * value / values.length;
        }
        // Six standard errors of 60,000 draws.
        assertEquals(0, mean, 6 * 0.02 / Math.sqrt(values.length));
        assertEquals(0.02, Math.sqrt(square), 6 * 0.02 / Math.sqrt(2.0 * values.length));
        assertFalse(Arrays.equals(values, 0, 16384, values, 16384, 32768), "each part has its own values");
    }

    @Test
    void valuesDependOnSeedAndNameAlone() {
        RandomWeights weights = new RandomWeights(1, 0.02, true);
        float[] values = take(weights, MATRIX, 300, 200);
        float[] other = take(weights, "Aa.weight", 300, 200);
        assertArrayEquals(values, take(weights, MATRIX, 300, 200));
        assertArrayEquals(values, take(new RandomWeights(1, 0.02, false), MATRIX, 300, 200));
        assertFalse(Arrays.equals(values, other));
        // "Aa" and "BB" share a hash code.
        assertFalse(Arrays.equals(other, take(weights, "BB.weight", 300, 200)));
        assertFalse(Arrays.equals(values, take(new RandomWeights(2, 0.02, true), MATRIX, 300, 200)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.norm.weight",
                "model.layers.3.input_layernorm.weight",
                "model.layers.3.post_attention_layernorm.weight",
                "model.layers.3.self_attn.q_norm.weight",
                "transformer.h.0.ln_1.weight",
                "transformer.ln_f.weight",
                "decoder.final_layer_norm.weight",
            })
    void normsStartAtOne(String name) {
        assertArrayEquals(new float[] {1, 1, 1}, take(new RandomWeights(1, 0.02, true), name, 3));
        String bias = name.replace(".weight", ".bias");
        assertArrayEquals(new float[] {0, 0, 0}, take(new RandomWeights(1, 0.02, true), bias, 3));
    }

    @Test
    void tiedModelsHaveNoHead() {
        RandomWeights tied = new RandomWeights(1, 0.02, true);
        assertFalse(tied.has("lm_head.weight"));
        assertTrue(tied.has("anything.else"));
        assertTrue(new RandomWeights(1, 0.02, false).has("lm_head.weight"));
        FormatException failure = assertThrows(FormatException.class, () -> take(tied, "lm_head.weight", 2, 2));
        SafetensorsFileTest.says(failure, "new weights of seed 1", "lm_head.weight", "tied");
        assertThrows(IllegalArgumentException.class, () -> new RandomWeights(1, Double.NaN, true));
    }

    private static float[] take(Weights weights, String name, long... shape) {
        try (var _ = NativeScope.open()) {
            return Tensors.toFloats(weights.take(name, DType.F32, shape));
        }
    }
}
