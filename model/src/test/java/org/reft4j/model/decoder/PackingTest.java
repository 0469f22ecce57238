package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.PackedWeight;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

class PackingTest {
    private static final float CLOSE = 2e-4f;

    @BeforeEach
    void available() {
        Torch.start();
        assumeTrue(PackedWeight.available(), "skipped: packed weights are for x86-64 with oneDNN");
    }

    private static Decoder wide(DType compute) {
        return TinyLlama.create(json -> json.put("hidden_size", 256).put("attention_bias", true), compute);
    }

    private static float[] logits(Decoder decoder) {
        try (var _ = NativeScope.open();
                KvCache cache = decoder.cache(2, 8)) {
            long[] ids = {3, 4, 5, 6, 7, 8};
            Tensor hidden = decoder.hidden(Tensors.longs(Place.HOST, ids, 2, 3), cache);
            return Tensors.toFloats(decoder.logits(hidden).view(-1));
        }
    }

    @Test
    void differsByRoundingAlone() {
        try (Decoder decoder = wide(DType.F32)) {
            float[] plain = logits(decoder);
            try (var _ = Packing.of(decoder, 32)) {
                float[] packed = logits(decoder);
                assertArrayEquals(plain, packed, CLOSE);
                assertFalse(Arrays.equals(plain, packed), "the packed weights took part");
            }
            assertArrayEquals(plain, logits(decoder), 0);
        }
        try (Decoder decoder = wide(DType.BF16)) {
            float[] plain = logits(decoder);
            try (var _ = Packing.of(decoder, 32)) {
                assertArrayEquals(plain, logits(decoder), 0.2f);
            }
        }
    }

    @Test
    void aWeightThatChangedIsMultipliedAsItIs() {
        try (Decoder decoder = wide(DType.F32)) {
            float[] after;
            try (var _ = Packing.of(decoder, 32)) {
                for (Parameter parameter : decoder.parameters()) {
                    try (var _ = NativeScope.open()) {
                        parameter.value().detach().mul_(Tensors.scalar(1.5));
                    }
                    parameter.changed();
                }
                after = logits(decoder);
            }
            assertArrayEquals(logits(decoder), after, 0);
            try (var _ = Packing.of(decoder, 1)) {
                assertArrayEquals(logits(decoder), after, 0, "a batch of one is not worth packing for");
            }
        }
    }

    @Test
    void itsMemoryIsPlanned() {
        assertEquals(800, Packing.planned(256, 800, 6400));
        assertEquals(0, Packing.planned(256, 801, 6400), "more than an eighth of the machine's memory");
        assertEquals(0, Packing.planned(255, 800, 6400), "a narrow model");
    }
}
