package org.reft4j.model.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;

/**
 * Writer of safetensors files.
 *
 * <p>Source: the format description of the safetensors project: eight bytes of little-endian header length, a JSON object padded with
 * spaces to a multiple of eight, then the tensors one after the other.
 */
public final class Safetensors {
    private Safetensors() {}

    /**
     * Writes tensors to a file, one at a time: no second copy of all weights is made. The file appears whole or not at all.
     *
     * @param tensors by name, written in the order of the map; on any device
     * @param dtype the type that floating-point tensors are written in; int64 tensors stay int64
     * @param metadata texts for the header, such as {@code format=pt}, which other readers ask for
     * @throws java.io.UncheckedIOException if the file cannot be written; an older file is unchanged then
     */
    public static void write(Path file, Map<String, Tensor> tensors, DType dtype, Map<String, String> metadata) {
        TensorSource source = TensorSource.of(tensors);
        write(file, source, source.names(), dtype, metadata, Progress.NONE);
    }

    /** As {@link #write(Path, Map, DType, Map)}, some tensors of a source; {@code progress} is told of their bytes. */
    static void write(
            Path file,
            TensorSource tensors,
            Collection<String> names,
            DType dtype,
            Map<String, String> metadata,
            Progress progress) {
        byte[] header = header(tensors, names, dtype, metadata);
        long total =
                names.stream().mapToLong(name -> tensors.bytes(name, dtype)).sum();
        Durable.write(file, channel -> {
            ByteBuffer length = ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .flip();
            DurableFiles.writeFully(channel, length);
            DurableFiles.writeFully(channel, ByteBuffer.wrap(header));
            long done = 0;
            for (String name : names) {
                progress.at(done, total);
                try (var _ = NativeScope.open()) {
                    NativeBytes.write(tensors.make(name, tensors.type(name, dtype)), channel);
                }
                done += tensors.bytes(name, dtype);
            }
            progress.at(done, total);
        });
    }

    private static byte[] header(
            TensorSource tensors, Collection<String> names, DType dtype, Map<String, String> metadata) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = json.putObject("__metadata__");
            metadata.forEach(texts::put);
        }
        long offset = 0;
        for (String name : names) {
            ObjectNode entry = json.putObject(name);
            entry.put("dtype", ElementType.of(tensors.type(name, dtype)).name());
            ArrayNode shape = entry.putArray("shape");
            Arrays.stream(tensors.shape(name)).forEach(shape::add);
            long end = offset + tensors.bytes(name, dtype);
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        try {
            String text = Json.PLAIN.writeValueAsString(json);
            int bytes = text.getBytes(StandardCharsets.UTF_8).length;
            return (text + " ".repeat(Math.floorMod(-bytes, 8))).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("tensor names or metadata cannot be written as JSON", e);
        }
    }
}
