package org.reft4j.server.engine;

import org.reft4j.tensor.Cpu;

/**
 * Size of an engine.
 *
 * @param memoryBytes of models, at most
 * @param cacheBytes of a model's key/value cache, at most
 * @param rows that a model decodes at once, at most
 * @param compute type of matrix products: {@code auto}, {@code f32} or {@code bf16}
 */
public record EngineSettings(long memoryBytes, long cacheBytes, int rows, String compute) {
    private static final int ROWS = 64;

    /** Half of this machine's memory for models. */
    public static EngineSettings here() {
        long memory = Cpu.memoryBytes();
        return new EngineSettings(memory / 2, memory / 16, ROWS, "auto");
    }
}
