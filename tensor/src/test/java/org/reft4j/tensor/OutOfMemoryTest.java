package org.reft4j.tensor;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutOfMemoryTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory",
                "[enforce fail at alloc_cpu.cpp:81] data. DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes.",
                "CUDA out of memory. Tried to allocate 2.00 GiB"
            })
    void allocatorsAreUnderstood(String message) {
        assertTrue(OutOfMemory.caused(new RuntimeException(message)));
    }

    @Test
    void otherFailuresAreNot() {
        assertFalse(OutOfMemory.caused(new RuntimeException("size mismatch")));
        assertFalse(OutOfMemory.caused(new RuntimeException()));
    }

    /** Whatever libtorch says today of more memory than any machine has. */
    @Test
    void allocatorOfTheProcessorIsUnderstood() {
        RuntimeException failure = null;
        try (var _ = NativeScope.open()) {
            Tensors.zeros(Place.HOST, DType.F32, 1L << 56);
        } catch (RuntimeException e) {
            failure = e;
        }
        assertTrue(failure != null && OutOfMemory.caused(failure), String.valueOf(failure));
    }
}
