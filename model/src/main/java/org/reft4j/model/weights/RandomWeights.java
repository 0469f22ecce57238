package org.reft4j.model.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.ground.random.Seeds;
import org.reft4j.ground.random.SplitMix;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * The weights of a new model: normally distributed matrices, ones for the scales of norms, zeros for biases. A value depends on the
 * seed, the weight's name and the place in it alone, so neither the order of taking nor the number of cores matters. Holds nothing.
 */
public final class RandomWeights implements Weights {
    /** The usual deviation: {@code initializer_range} of most configurations. */
    public static final double USUAL_DEVIATION = 0.02;

    private static final Pattern NORM = Pattern.compile("(.*[._])?(\\w*norm|ln_\\w+|layernorm\\w*)\\.weight");
    private static final String HEAD = "lm_head.weight";
    private static final int TASK = 1 << 14;

    private final long seed;
    private final double deviation;
    private final boolean tied;
    private final double normStart;

    /**
     * @param deviation of the normal distribution with mean 0
     * @param tied whether the embedding serves as the output matrix too, so that there is no {@code lm_head.weight}
     */
    public RandomWeights(long seed, double deviation, boolean tied) {
        this(seed, deviation, tied, 1);
    }

    private RandomWeights(long seed, double deviation, boolean tied, double normStart) {
        if (!(deviation > 0)) {
            throw new IllegalArgumentException("deviation is " + deviation + "; expected a number above 0");
        }
        this.seed = seed;
        this.deviation = deviation;
        this.tied = tied;
        this.normStart = normStart;
    }

    @Override
    public Weights withNormsFromZero() {
        return new RandomWeights(seed, deviation, tied, 0);
    }

    /** Empty: any name but {@code lm_head.weight} of a tied model can be taken. */
    @Override
    public Set<String> names() {
        return Set.of();
    }

    @Override
    public boolean has(String name) {
        return !(tied && name.equals(HEAD));
    }

    @Override
    public Set<String> untaken() {
        return Set.of();
    }

    @Override
    public Tensor take(String name, DType dtype, long... shape) {
        if (!has(name)) {
            throw new FormatException(source() + ": no tensor " + name + ": the embedding is tied to the output");
        }
        try (var scope = NativeScope.open()) {
            Tensor tensor = Tensors.zeros(Place.HOST, DType.F32, shape);
            if (NORM.matcher(name).matches()) {
                tensor.fill_(Tensors.scalar(normStart));
            } else if (!name.endsWith(".bias")) {
                fill(name, tensor);
            }
            return scope.keep(dtype == DType.F32 ? tensor : tensor.to(dtype.scalarType()));
        }
    }

    @Override
    public String source() {
        return "new weights of seed " + seed;
    }

    @Override
    public void close() {}

    private void fill(String name, Tensor tensor) {
        long values = tensor.numel();
        int tasks = Math.toIntExact(Math.ceilDiv(values, TASK));
        MemorySegment[] parts = new MemorySegment[tasks];
        for (int i = 0; i < tasks; i++) {
            long first = (long) i * TASK;
            parts[i] = NativeBytes.view(tensor, first * Float.BYTES, Math.min(TASK, values - first) * Float.BYTES);
        }
        long stream = SplitMix.mix(seed ^ SplitMix.mix(hash(name)));
        IntStream.range(0, tasks).parallel().forEach(task -> {
            SplittableRandom random = Seeds.stream(SplitMix.mix(stream + task));
            MemorySegment part = parts[task];
            for (long at = 0; at < part.byteSize(); at += Float.BYTES) {
                part.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) random.nextGaussian(0, deviation));
            }
        });
    }

    /** FNV-1a of 64 bits; {@link String#hashCode} would give some pairs of names the same values. */
    private static long hash(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
