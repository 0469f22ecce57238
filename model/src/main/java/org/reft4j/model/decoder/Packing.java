package org.reft4j.model.decoder;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.List;
import org.reft4j.model.decoder.layers.Projection;
import org.reft4j.tensor.Cpu;
import org.reft4j.tensor.PackedWeight;

/**
 * Copy of a decoder's weights, laid out for products of few rows ({@link PackedWeight}), held while sampling. Results differ from those
 * of the plain weights by rounding only. Not to be held while weights change: a changed weight is used as it is.
 */
public final class Packing implements AutoCloseable {
    /** Largest copy, as a divisor of the machine's memory. */
    private static final long SHARE = 8;
    /** Smallest width for which packing pays. */
    private static final int NARROW = 256;
    /** Fewest rows for which packing pays: with fewer, most completions are too short to win back its time. */
    private static final int FEW_ROWS = 4;

    private final List<Projection> packed;

    private Packing(List<Projection> packed) {
        this.packed = packed;
    }

    /**
     * Packs the weights where that is possible and pays, on the processor; else holds nothing.
     *
     * @param rows decoded at once
     */
    @MustBeClosed
    public static Packing of(Decoder decoder, int rows) {
        long bytes = decoder.projections().stream().mapToLong(Projection::bytes).sum();
        if (!decoder.place().isHost() || rows < FEW_ROWS || planned(decoder.width(), bytes, Cpu.memoryBytes()) == 0) {
            return new Packing(List.of());
        }
        Packing packing = new Packing(decoder.projections());
        packing.packed.forEach(projection -> projection.pack(rows));
        return packing;
    }

    /**
     * Bytes that the copy takes; 0 where none is made.
     *
     * @param width of the model
     * @param bytes of its weights in the type of products
     */
    public static long planned(long width, long bytes, long memory) {
        return width >= NARROW && bytes <= memory / SHARE && PackedWeight.available() ? bytes : 0;
    }

    @Override
    public void close() {
        packed.forEach(Projection::unpack);
    }
}
