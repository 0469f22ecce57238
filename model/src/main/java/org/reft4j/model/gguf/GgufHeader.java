package org.reft4j.model.gguf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.MappedFile;

/**
 * Header of a GGUF file, checked against the file before any of it is used.
 *
 * <p>Source: the GGUF specification of the ggml project, versions 2 and 3 (little-endian).
 *
 * @param tensors by the file's own names, in the order of the file
 */
record GgufHeader(GgufMetadata metadata, Map<String, Entry> tensors) {
    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int MOST_DIMENSIONS = 4;

    /**
     * One tensor.
     *
     * @param shape outermost dimension first, the reverse of the file's order
     * @param begin the first byte, from the start of the file
     */
    record Entry(String name, GgmlType type, List<Long> shape, long begin, long bytes) {
        long[] shapeArray() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }

        /** The length of a row, the dimension that blocks run along. */
        int columns() {
            return Math.toIntExact(shape.getLast());
        }
    }

    static GgufHeader read(MappedFile file) {
        GgufReader in = new GgufReader(file);
        if (in.i32("the magic number") != MAGIC) {
            throw new FormatException(
                    file.path() + ": does not start with \"GGUF\". This is not a GGUF file, or a damaged one");
        }
        long version = in.u32("the version");
        if (version != 2 && version != 3) {
            String what = (version & 0xFFFF) == 0 ? "is big-endian" : "has version " + version;
            throw new FormatException(
                    file.path() + ": " + what + "; expected little-endian GGUF of version 2 or 3. Convert the model"
                            + " again with a current llama.cpp");
        }
        // The smallest tensor entry: empty name, one dimension, type, offset. The smallest pair: empty key, type, one
        // byte.
        long tensorCount = in.count("the number of tensors", 8 + 4 + 8 + 4 + 8);
        long pairCount = in.count("the number of metadata pairs", 8 + 4 + 1);
        Map<String, GgufValue> values = new LinkedHashMap<>();
        for (long i = 0; i < pairCount; i++) {
            String key = in.text("key " + i);
            if (values.put(key, in.value(key)) != null) {
                throw in.damaged("metadata " + key + " occurs twice");
            }
        }
        GgufMetadata metadata = new GgufMetadata(file.path().toString(), values);
        List<Entry> entries = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            entries.add(entry(in));
        }
        return new GgufHeader(metadata, place(file, in, alignment(in, metadata), entries));
    }

    private static long alignment(GgufReader in, GgufMetadata metadata) {
        long alignment = metadata.whole("general.alignment").orElse(32);
        if (alignment < 1 || alignment > 1 << 20 || Long.bitCount(alignment) != 1) {
            throw in.damaged("metadata general.alignment is " + alignment + "; expected a power of two");
        }
        return alignment;
    }

    /** Reads one entry; its place is still relative to the start of the data. */
    private static Entry entry(GgufReader in) {
        String name = in.text("a tensor's name");
        String what = "tensor " + name;
        long dimensions = in.u32(what);
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
            throw in.damaged(what + " has " + dimensions + " dimensions; expected 1 to " + MOST_DIMENSIONS);
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            shape.addFirst(in.u64("the shape of " + what));
        }
        int id = in.i32("the type of " + what);
        GgmlType type = GgmlType.of(id)
                .orElseThrow(() -> in.damaged(what + " has storage type " + Integer.toUnsignedString(id)
                        + ", which is not known here; expected one of " + GgmlType.known()));
        return new Entry(name, type, List.copyOf(shape), in.u64("the place of " + what), bytes(in, what, type, shape));
    }

    private static long bytes(GgufReader in, String what, GgmlType type, List<Long> shape) {
        long columns = shape.getLast();
        if (columns % type.blockValues() != 0 || columns > Integer.MAX_VALUE / 8) {
            throw in.damaged(what + " has rows of " + columns + " values; expected a multiple of " + type.blockValues()
                    + " for " + type);
        }
        try {
            long bytes = type.blockBytes();
            for (long size : shape.subList(0, shape.size() - 1)) {
                bytes = Math.multiplyExact(bytes, size);
            }
            return Math.multiplyExact(bytes, columns / type.blockValues());
        } catch (ArithmeticException e) {
            throw in.damaged(what + " has the impossible shape " + shape, e);
        }
    }

    private static Map<String, Entry> place(MappedFile file, GgufReader in, long alignment, List<Entry> entries) {
        long start = (in.position() + alignment - 1) / alignment * alignment;
        Map<String, Entry> placed = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry.begin() % alignment != 0) {
                throw in.damaged("tensor " + entry.name() + " starts at " + entry.begin() + "; expected a multiple of "
                        + alignment);
            }
            long room = file.size() - start - entry.begin();
            if (room < entry.bytes()) {
                throw in.damaged(
                        "tensor " + entry.name() + " takes " + entry.bytes() + " bytes from byte " + entry.begin()
                                + " of the data on, where " + Math.max(room, 0) + " are left. The file is cut short");
            }
            Entry whole = new Entry(entry.name(), entry.type(), entry.shape(), start + entry.begin(), entry.bytes());
            if (placed.put(entry.name(), whole) != null) {
                throw in.damaged("tensor " + entry.name() + " occurs twice");
            }
        }
        checkOverlap(in, placed);
        return Collections.unmodifiableMap(placed);
    }

    private static void checkOverlap(GgufReader in, Map<String, Entry> placed) {
        List<Entry> byPlace = new ArrayList<>(placed.values());
        byPlace.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::bytes));
        for (int i = 1; i < byPlace.size(); i++) {
            Entry before = byPlace.get(i - 1);
            if (before.begin() + before.bytes() > byPlace.get(i).begin()) {
                throw in.damaged(
                        "tensors " + before.name() + " and " + byPlace.get(i).name() + " overlap");
            }
        }
    }
}
