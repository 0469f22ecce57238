package org.reft4j.model.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.tokenizer.GgufVocabulary;
import org.reft4j.model.weights.Checks;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.MappedFile;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.NativeBytes;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * A GGUF file, mapped into memory. Weights go by their Hugging Face names, and hold its values, where the architecture is known;
 * quantised ones are expanded when they are taken, on all cores. One thread at a time.
 */
public final class GgufFile implements StoredWeights {
    /** Values that one task expands: enough to outweigh handing it out. */
    private static final int TASK = 1 << 16;

    /** Divisors of the rotary frequencies; part of the configuration rather than a weight. */
    private static final String ROPE_FACTORS = "rope_freqs.weight";

    private final MappedFile file;
    private final GgufHeader header;
    private final Optional<GgufArchitecture> architecture;
    private final Map<String, GgufHeader.Entry> byName;
    private final Set<String> untaken;

    private GgufFile(MappedFile file, GgufHeader header) {
        this.file = file;
        this.header = header;
        this.architecture = header.metadata().text("general.architecture").flatMap(GgufArchitecture::ofFile);
        Map<String, GgufHeader.Entry> names = new LinkedHashMap<>();
        header.tensors().forEach((name, entry) -> {
            if (!name.equals(ROPE_FACTORS)) {
                String known =
                        architecture.map(each -> each.checkpointName(name)).orElse(name);
                if (names.put(known, entry) != null) {
                    throw new FormatException(
                            file.path() + ": two tensors stand for " + known + ". Download or convert the file again");
                }
            }
        });
        this.byName = Collections.unmodifiableMap(names);
        this.untaken = new LinkedHashSet<>(names.keySet());
    }

    /**
     * Maps a file and checks its header.
     *
     * @throws FormatException if the file is missing, cut short, of an unknown version or storage type, or one part of several
     */
    public static GgufFile open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            GgufHeader header = GgufHeader.read(file);
            if (header.metadata().whole("split.count").orElse(1) > 1) {
                throw new FormatException(path + ": one part of a model split over several files; join them with"
                        + " llama-gguf-split --merge");
            }
            return new GgufFile(file, header);
        } catch (FormatException e) {
            file.close();
            throw e;
        }
    }

    /** The key-value part of the file. */
    public GgufMetadata metadata() {
        return header.metadata();
    }

    /**
     * The model's configuration, as its {@code config.json} would say it.
     *
     * @throws FormatException if the architecture is not known here or a needed key is missing
     */
    public ModelConfig config() {
        if (architecture.isEmpty()) {
            throw new FormatException(source() + ": architecture \""
                    + metadata().text("general.architecture").orElse("")
                    + "\"; read from GGUF are " + GgufArchitecture.knownFiles()
                    + ". Use the model's safetensors files");
        }
        return description(architecture.get()).config(ropeFactors());
    }

    /**
     * Tokenizer that the file describes.
     *
     * @throws FormatException if it describes none
     */
    public GgufVocabulary vocabulary() {
        return GgufTokens.read(metadata());
    }

    /** True if the file describes a tokenizer. */
    public boolean hasVocabulary() {
        return metadata().keys().contains("tokenizer.ggml.tokens");
    }

    @Override
    public Set<String> names() {
        return byName.keySet();
    }

    @Override
    public Set<String> untaken() {
        return Collections.unmodifiableSet(untaken);
    }

    @Override
    public long[] shape(String name) {
        return entry(name).shapeArray();
    }

    @Override
    public String storage(String name) {
        return entry(name).type().name();
    }

    @Override
    public long storedBytes(String name) {
        return entry(name).bytes();
    }

    @Override
    public Tensor take(String name, DType dtype, long... shape) {
        GgufHeader.Entry entry = entry(name);
        Checks.check(source(), name, entry.shapeArray(), shape);
        untaken.remove(name);
        if (dtype == DType.F32) {
            return Checks.finite(source(), name, expand(entry));
        }
        try (var scope = NativeScope.open()) {
            return scope.keep(Checks.finite(source(), name, expand(entry)).to(dtype.scalarType()));
        }
    }

    @Override
    public String source() {
        return file.path().toString();
    }

    @Override
    public void close() {
        file.close();
    }

    private GgufHeader.Entry entry(String name) {
        GgufHeader.Entry entry = byName.get(name);
        if (entry == null) {
            throw Checks.missing(source(), name, names());
        }
        return entry;
    }

    private GgufConfig description(GgufArchitecture known) {
        return new GgufConfig(known, metadata(), header.tensors().keySet());
    }

    private Optional<float[]> ropeFactors() {
        GgufHeader.Entry entry = header.tensors().get(ROPE_FACTORS);
        if (entry == null) {
            return Optional.empty();
        }
        try (var _ = NativeScope.open()) {
            return Optional.of(Tensors.toFloats(stored(entry)));
        }
    }

    /** The checkpoint's values as float32. */
    private Tensor expand(GgufHeader.Entry entry) {
        float shift = architecture.map(known -> known.shift(entry.name())).orElse(0f);
        return shift == 0 ? stored(entry) : stored(entry).sub_(Tensors.scalar(shift));
    }

    /** The file's values as float32, rows in the checkpoint's order. */
    private Tensor stored(GgufHeader.Entry entry) {
        int heads = architecture
                .map(known -> description(known).interleavedHeads(entry.name()))
                .orElse(0);
        // The rows of a bias that belongs to interleaved rows are its single values.
        int columns = heads > 0 && entry.shape().size() == 1 ? 1 : entry.columns();
        Tensor tensor = Tensors.empty(Place.HOST, DType.F32, entry.shapeArray());
        if (tensor.numel() == 0) {
            return tensor;
        }
        int rows = Math.toIntExact(tensor.numel() / columns);
        IntUnaryOperator source = heads > 0 ? deinterleave(entry, rows, heads) : IntUnaryOperator.identity();
        int rowsPerTask = Math.max(1, TASK / columns);
        int tasks = Math.ceilDiv(rows, rowsPerTask);
        // Made on this thread: native pointers belong to the scope of the thread that makes them.
        MemorySegment[] parts = new MemorySegment[tasks];
        for (int i = 0; i < tasks; i++) {
            long first = (long) i * rowsPerTask;
            long last = Math.min(rows, first + rowsPerTask);
            parts[i] = NativeBytes.view(tensor, first * columns * Float.BYTES, (last - first) * columns * Float.BYTES);
        }
        IntStream.range(0, tasks)
                .parallel()
                .forEach(task -> expandRows(entry, columns, source, task * rowsPerTask, parts[task]));
        return tensor;
    }

    private void expandRows(
            GgufHeader.Entry entry, int columns, IntUnaryOperator source, int firstRow, MemorySegment into) {
        int blocks = columns / entry.type().blockValues();
        byte[] stored = new byte[blocks * entry.type().blockBytes()];
        float[] values = new float[columns];
        int rows = Math.toIntExact(into.byteSize() / Float.BYTES / columns);
        for (int row = 0; row < rows; row++) {
            long from = entry.begin() + (long) source.applyAsInt(firstRow + row) * stored.length;
            MemorySegment.copy(file.bytes(), ValueLayout.JAVA_BYTE, from, stored, 0, stored.length);
            entry.type().decode(stored, values, blocks);
            MemorySegment.copy(
                    values, 0, into, ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * columns * Float.BYTES, columns);
        }
    }

    /** Index in the file of a row of the checkpoint: row (half, pair) of a head is row (pair, half) there. */
    private IntUnaryOperator deinterleave(GgufHeader.Entry entry, int rows, int heads) {
        if (rows % (2 * heads) != 0) {
            throw new FormatException(source() + ": tensor " + entry.name() + " has " + rows + " rows, which " + heads
                    + " heads cannot share in pairs. Convert the model to GGUF again");
        }
        int width = rows / heads;
        return row -> row / width * width + row % (width / 2) * 2 + row % width / (width / 2);
    }
}
