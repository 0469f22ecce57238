package org.reft4j.train.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.tensor.Cuda;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.train.ConfigException;

class DevicesTest {
    private static final ModelSizes SIZES = new ModelSizes(64, 32, 2, 2, 1, 16, 64, true, 256, true);

    @Test
    void withoutADeviceEverythingIsOnTheProcessor() {
        assumeFalse(Cuda.usable(), "there is a device");
        assertEquals(Place.HOST, ModelSources.place("auto", "f32", SIZES));
        assertEquals(Place.host(DType.BF16), ModelSources.place("cpu", "bf16", SIZES));
        assertEquals(Place.HOST, ModelSources.place("cpu", "auto", SIZES), "narrow");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuda", "cuda:0", "cuda:7"})
    void aDeviceThatIsNotThereIsRefusedByWhatIsMissing(String device) {
        assumeFalse(Cuda.usable(), "there is a device");
        String message = assertThrows(ConfigException.class, () -> ModelSources.place(device, "f32", SIZES))
                .getMessage();
        assertEquals(
                "device " + device + " cannot be used: " + Cuda.missing()
                        + ". Name cpu or auto (model.device, --device) to go on without",
                message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cuda:", "cuda:x", "mps", "CUDA", ""})
    void otherNamesAreRefused(String device) {
        ConfigException thrown =
                assertThrows(ConfigException.class, () -> new ModelSource("somewhere", null, "f32", device));
        assertTrue(thrown.toString().contains("model.device"), thrown.toString());
        assertTrue(thrown.toString().contains("auto, cpu, cuda or cuda:N"), thrown.toString());
    }
}
