package org.reft4j.model.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.reft4j.model.weights.JsonFiles;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/** GGUF files against what the Python packages read from them. */
class GgufGoldenTest {
    private static final String MODEL = "models/smollm2-135m-instruct";

    @Test
    void everyStorageTypeAgreesToTheBit() {
        agree(0);
    }

    /** The smallest change that a float32 can have. */
    @Test
    void aWrongBitIsNoticed() {
        assertThrows(AssertionError.class, () -> agree(1));
    }

    /** @param fault what is added to the bits of one number of each tensor */
    private static void agree(int fault) {
        Path folder = SharedFiles.find("golden/gguf");
        try (var _ = NativeScope.open();
                GgufFile file = GgufFile.open(folder.resolve("quants.gguf"));
                SafetensorsFile golden = SafetensorsFile.open(folder.resolve("dequantised.safetensors"))) {
            assertFalse(golden.names().isEmpty());
            for (String name : golden.names()) {
                Tensor expected = golden.read(name);
                Tensor found = file.take(name, DType.F32, golden.shape(name));
                float[] values = Tensors.toFloats(found);
                values[0] = Float.intBitsToFloat(Float.floatToIntBits(values[0]) + fault);
                assertArrayEquals(Tensors.toFloats(expected), values, 0, name);
            }
            System.out.println(golden.names().size() + " storage types agree");
            assertEquals(Set.of(), file.untaken());
        }
    }

    @Test
    void metadataOfEveryKindIsRead() {
        try (GgufFile file = GgufFile.open(SharedFiles.find("golden/gguf").resolve("quants.gguf"))) {
            GgufMetadata metadata = file.metadata();
            assertEquals("naïve", metadata.requireText("test.text"));
            assertEquals(7, metadata.requireInt("test.u32"));
            assertEquals(List.of("a", "b c", ""), metadata.texts("test.words").orElseThrow());
            assertEquals(List.of(1L, -2L, 3L), metadata.wholes("test.ints").orElseThrow());
            assertEquals(true, metadata.flag("test.flag").orElseThrow());
            assertEquals(0.1, metadata.number("test.f64").orElseThrow());
        }
    }

    @Test
    void configurationIsWhatTransformersDerives() {
        Path folder = SharedFiles.find(MODEL);
        ObjectNode expected = JsonFiles.object(folder.resolve("config.json"));
        expected.remove("transformers_version");
        try (GgufFile file = GgufFile.open(folder.resolve("SmolLM2-135M-Instruct.Q4_1.gguf"))) {
            ObjectNode found = file.config().json();
            expected.properties()
                    .forEach(field -> assertEquals(
                            field.getValue().toString(),
                            found.path(field.getKey()).toString(),
                            field.getKey()));
            assertEquals(expected.size(), found.size());
        }
    }

    @Test
    void wholeModelLoadsInSeconds() {
        Path file = SharedFiles.find(MODEL).resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
        long start = System.nanoTime();
        try (GgufFile weights = GgufFile.open(file)) {
            for (String name : weights.names()) {
                try (var _ = NativeScope.open()) {
                    assertTrue(
                            weights.take(name, DType.F32, weights.shape(name)).numel() > 0);
                }
            }
            assertTrue(weights.has("model.layers.29.self_attn.o_proj.weight"));
            assertEquals(272, weights.names().size());
        }
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        System.out.println("SmolLM2 expanded in " + taken.toMillis() + " ms");
        assertTrue(taken.toSeconds() < 10, () -> "took " + taken);
    }
}
