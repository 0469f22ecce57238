package org.reft4j.model.decoder.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.TinyLlama;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** Frequencies against values worked out by hand from the papers' formulas. */
class RopeTest {
    @BeforeEach
    void start() {
        Torch.start();
    }

    private static Rope rope(int headWidth, int contextLength, Consumer<ObjectNode> change) {
        return Rope.of(
                Place.HOST,
                TinyLlama.config(json -> {
                    json.put("max_position_embeddings", contextLength);
                    change.accept(json);
                }),
                headWidth,
                contextLength);
    }

    @Test
    void plainFrequenciesFallByPowersOfTheta() {
        try (Rope rope = rope(8, 64, json -> json.put("rope_theta", 10_000.0))) {
            assertArrayEquals(new float[] {1, 0.1f, 0.01f, 0.001f}, rope.frequencies(), 1e-7f);
        }
    }

    @Test
    void linearStretchesAll() {
        try (Rope rope = rope(
                4,
                64,
                json -> json.putObject("rope_scaling").put("type", "linear").put("factor", 4))) {
            assertArrayEquals(new float[] {0.25f, 0.0025f}, rope.frequencies(), 1e-8f);
        }
    }

    /**
     * Trained on 32 positions, stretched by 4, theta 10000, width 16: pair i turns once in 2 pi 10^(i/2) positions. beta 32 gives
     * dimension 16 ln(32 / 64 pi) / 2 ln 10000 &lt; 0, so the ramp begins at 0; beta 1 gives 1.41, so it ends at 2.
     */
    @Test
    void yarnKeepsFastPairsAndStretchesSlowOnes() {
        try (Rope rope = rope(16, 128, RopeTest::yarn);
                var _ = NativeScope.open()) {
            double second = Math.pow(10, -0.5);
            float[] expected = new float[8];
            for (int i = 0; i < 8; i++) {
                expected[i] = (float) (Math.pow(10, -i / 2.0) / 4);
            }
            expected[0] = 1;
            expected[1] = (float) (0.5 * second / 4 + 0.5 * second);
            assertArrayEquals(expected, rope.frequencies(), 1e-7f);
            // 0.1 ln 4 + 1 at position 0, where the cosine is 1.
            assertEquals(1.1386294, Tensors.toFloats(rope.first(1).cosines())[0], 1e-6);
        }
    }

    @Test
    void yarnTakesAGivenMagnitude() {
        try (Rope rope = rope(16, 128, json -> {
                    yarn(json);
                    ((ObjectNode) json.get("rope_scaling")).put("attention_factor", 0.5);
                });
                var _ = NativeScope.open()) {
            assertEquals(0.5, Tensors.toFloats(rope.first(1).cosines())[0], 1e-6);
        }
    }

    private static void yarn(ObjectNode json) {
        json.putObject("rope_scaling")
                .put("rope_type", "yarn")
                .put("factor", 4)
                .put("original_max_position_embeddings", 32);
    }

    @Test
    void tablesGrowToTheLimitAndNoFurther() {
        try (Rope rope = rope(4, 3000, _ -> {});
                var _ = NativeScope.open()) {
            float far = Tensors.toFloats(rope.range(2999, 1).cosines())[0];
            assertEquals(Math.cos(2999), far, 1e-4);
            assertEquals(1, Tensors.toFloats(rope.first(1).cosines())[0]);
            assertThrows(IllegalArgumentException.class, () -> rope.range(2999, 2));
        }
    }

    @Test
    void turningInPlaceIsTheSame() {
        try (Rope rope = rope(4, 64, _ -> {});
                var _ = NativeScope.open()) {
            var heads = Tensors.floats(Place.HOST, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 1, 4);
            float[] turned = Tensors.toFloats(Rope.rotate(heads, rope.first(2)));
            // Position 1, pair (0, 2) by one radian.
            assertEquals(5 * Math.cos(1) - 7 * Math.sin(1), turned[4], 1e-5);
            assertEquals(7 * Math.cos(1) + 5 * Math.sin(1), turned[6], 1e-5);
            Rope.rotateInPlace(heads, rope.first(2));
            assertArrayEquals(turned, Tensors.toFloats(heads), 1e-6f);
        }
    }
}
