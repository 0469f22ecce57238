package org.reft4j.model.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.model.tokenizer.GgufVocabulary;
import org.reft4j.model.weights.Checks;
import org.reft4j.model.weights.Durable;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.NativeBytes;
import org.reft4j.model.weights.Progress;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Writes a model as one GGUF file of version 3, as llama.cpp reads it. One weight is in memory at a time.
 *
 * <p>Source: the GGUF specification of the ggml project; names and order of values as in {@link GgufArchitecture}.
 */
public final class GgufWriter {
    private static final int ALIGNMENT = 32;
    private static final String ROPE_FACTORS = "rope_freqs.weight";

    private final GgufKeys keys;
    private final StoredWeights weights;
    private final GgufStorage storage;
    private final List<Part> parts = new ArrayList<>();

    private GgufWriter(GgufKeys keys, StoredWeights weights, GgufStorage storage) {
        this.keys = keys;
        this.weights = weights;
        this.storage = storage;
    }

    /**
     * One tensor of the file.
     *
     * @param source the checkpoint's name
     */
    private record Part(String name, String source, List<Long> shape, GgmlType type) {
        long bytes() {
            return shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b)
                    / type.blockValues()
                    * type.blockBytes();
        }

        long[] shapeArray() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    /**
     * Writes a file. It appears whole or not at all.
     *
     * @param weights by their checkpoint names
     * @param vocabulary the tokenizer; without one the file holds a model that takes ids only
     * @param progress told of the bytes of weights written
     * @throws FormatException if files cannot say what the configuration says, or weights are missing or unknown
     * @throws java.io.UncheckedIOException if the file cannot be written; an older file is unchanged then
     */
    public static void write(
            Path file,
            ModelConfig config,
            StoredWeights weights,
            Optional<GgufVocabulary> vocabulary,
            GgufStorage storage,
            Progress progress) {
        GgufWriter writer = new GgufWriter(GgufKeys.of(config), weights, storage);
        writer.plan(config);
        Map<String, GgufValue> pairs = new LinkedHashMap<>(writer.keys.pairs());
        pairs.put("general.name", new GgufValue.Text(name(file, config)));
        pairs.put("general.file_type", new GgufValue.Whole(storage.fileType()));
        pairs.put("general.quantization_version", new GgufValue.Whole(2));
        if (vocabulary.isPresent()) {
            pairs.putAll(GgufTokens.pairs(vocabulary.get().filled(config.integer("vocab_size"))));
        } else {
            pairs.put("tokenizer.ggml.model", new GgufValue.Text("no_vocab"));
        }
        byte[] head = writer.head(pairs);
        long data =
                writer.parts.stream().mapToLong(part -> aligned(part.bytes())).sum();
        Durable.requireSpace(file, head.length + data);
        Durable.write(file, channel -> writer.writeTo(channel, head, data, progress));
    }

    private static String name(Path file, ModelConfig config) {
        String plain = String.valueOf(file.getFileName()).replaceFirst("(?i)\\.gguf$", "");
        String given = config.text("_model_name_or_path", "");
        return given.isEmpty() ? plain : given;
    }

    private void plan(ModelConfig config) {
        boolean tied = config.flag("tie_word_embeddings", keys.architecture() == GgufArchitecture.GEMMA3);
        Set<String> unknown = new TreeSet<>();
        Set<String> missing = new TreeSet<>(keys.architecture().required(keys.layers()));
        keys.ropeFactors()
                .ifPresent(factors ->
                        parts.add(new Part(ROPE_FACTORS, ROPE_FACTORS, List.of((long) factors.length), GgmlType.F32)));
        for (String source : weights.names()) {
            if (source.endsWith("rotary_emb.inv_freq") || (tied && source.equals("lm_head.weight"))) {
                continue;
            }
            Optional<String> name = keys.architecture().tensorName(source);
            if (name.isEmpty()) {
                unknown.add(source);
                continue;
            }
            missing.remove(name.get());
            long[] shape = weights.shape(source);
            List<Long> sizes = java.util.Arrays.stream(shape).boxed().toList();
            parts.add(new Part(name.get(), source, sizes, storage.of(shape)));
        }
        if (!tied && !weights.has("lm_head.weight")) {
            missing.add("output.weight");
        }
        refuse(unknown, "weights that GGUF files of this architecture have no place for");
        refuse(missing, "tensors are missing, by their names in GGUF files");
        String embedding = "model.embed_tokens.weight";
        Checks.check(weights.source(), embedding, weights.shape(embedding), new long[] {
            config.integer("vocab_size"), config.integer("hidden_size")
        });
    }

    private void refuse(Set<String> names, String what) {
        if (!names.isEmpty()) {
            throw new FormatException(weights.source() + ": " + names.size() + " " + what + ": "
                    + String.join(", ", names.stream().limit(5).toList()) + (names.size() > 5 ? ", ..." : "")
                    + "; config.json and weights do not belong together");
        }
    }

    private byte[] head(Map<String, GgufValue> pairs) {
        GgufBuffer head = new GgufBuffer();
        head.header(parts.size(), pairs.size());
        pairs.forEach(head::pair);
        long offset = 0;
        for (Part part : parts) {
            head.tensor(part.name(), part.type(), offset, part.shapeArray());
            offset += aligned(part.bytes());
        }
        head.align(ALIGNMENT);
        return head.bytes();
    }

    private void writeTo(FileChannel channel, byte[] head, long data, Progress progress) throws IOException {
        DurableFiles.writeFully(channel, ByteBuffer.wrap(head));
        long done = 0;
        for (Part part : parts) {
            progress.at(done, data);
            try (var _ = NativeScope.open()) {
                write(channel, part);
            }
            DurableFiles.writeFully(
                    channel, ByteBuffer.allocate(Math.toIntExact(aligned(part.bytes()) - part.bytes())));
            done += aligned(part.bytes());
        }
        progress.at(done, data);
    }

    private void write(FileChannel channel, Part part) throws IOException {
        Tensor values = values(part);
        if (part.type() == GgmlType.Q8_0) {
            QuantisedRows.write(values, channel);
        } else {
            NativeBytes.write(values, channel);
        }
    }

    /** The file's values, contiguous. */
    private Tensor values(Part part) {
        if (part.source().equals(ROPE_FACTORS)) {
            return Tensors.floats(Place.HOST, keys.ropeFactors().orElseThrow(), part.shapeArray());
        }
        DType dtype = GgufStorage.source(part.type());
        Tensor values = weights.take(part.source(), dtype, part.shapeArray());
        int heads = interleavedHeads(part.name());
        if (heads > 0) {
            long width = part.shape().getFirst() / heads;
            long columns = part.shape().size() == 1 ? 1 : part.shape().getLast();
            if (width * heads != part.shape().getFirst() || width % 2 != 0) {
                throw new FormatException(weights.source() + ": tensor " + part.source() + " has "
                        + part.shape().getFirst() + " rows, which " + heads
                        + " heads cannot share in pairs; config.json and weights do not belong together");
            }
            return values.view(heads, 2, width / 2, columns).transpose(1, 2).contiguous();
        }
        float shift = keys.architecture().shift(part.name());
        return shift == 0 ? values : values.add(Tensors.scalar(shift));
    }

    private int interleavedHeads(String name) {
        if (!keys.architecture().interleaves()) {
            return 0;
        }
        return name.contains(".attn_q.") ? keys.heads() : name.contains(".attn_k.") ? keys.keyHeads() : 0;
    }

    private static long aligned(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    /** Writes float32 tensors in eight bits a value, on all cores, a piece at a time. */
    private static final class QuantisedRows {
        /** Values that one task stores. */
        private static final int TASK = 1 << 16;
        /** Tasks whose bytes are held at once. */
        private static final int TASKS = 64;

        private QuantisedRows() {}

        /** @param values contiguous, on the CPU, a whole number of blocks */
        static void write(Tensor values, FileChannel channel) throws IOException {
            long count = values.numel();
            for (long first = 0; first < count; first += (long) TASKS * TASK) {
                int piece = (int) Math.min((long) TASKS * TASK, count - first);
                MemorySegment floats = NativeBytes.view(values, first * Float.BYTES, (long) piece * Float.BYTES);
                byte[] stored = new byte[piece / GgmlType.Q8_0.blockValues() * GgmlType.Q8_0.blockBytes()];
                IntStream.range(0, Math.ceilDiv(piece, TASK))
                        .parallel()
                        .forEach(task -> store(floats, task * TASK, Math.min(TASK, piece - task * TASK), stored));
                DurableFiles.writeFully(channel, ByteBuffer.wrap(stored));
            }
        }

        private static void store(MemorySegment floats, int from, int count, byte[] into) {
            float[] block = new float[count];
            MemorySegment.copy(floats, ValueLayout.JAVA_FLOAT_UNALIGNED, (long) from * Float.BYTES, block, 0, count);
            int values = GgmlType.Q8_0.blockValues();
            for (int i = 0; i < count; i += values) {
                PlainBlocks.storeQ8(block, i, into, (from + i) / values * GgmlType.Q8_0.blockBytes());
            }
        }
    }
}
