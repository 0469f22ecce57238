package org.reft4j.model.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/**
 * Writing safetensors files.
 *
 * <p>Source: the format description of the safetensors project: eight bytes of little-endian header length, a JSON object padded with
 * spaces to a multiple of eight, then the tensors one behind the other.
 */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();

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
        byte[] header = header(tensors, dtype, metadata);
        Durable.write(file, channel -> {
            ByteBuffer length = ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .flip();
            writeFully(channel, length);
            writeFully(channel, ByteBuffer.wrap(header));
            for (Tensor tensor : tensors.values()) {
                try (var _ = NativeScope.open()) {
                    Tensor host = tensor.detach()
                            .cpu()
                            .to(stored(tensor, dtype).scalarType())
                            .contiguous();
                    NativeBytes.write(host, channel);
                }
            }
        });
    }

    private static DType stored(Tensor tensor, DType dtype) {
        return DType.of(tensor) == DType.I64 ? DType.I64 : dtype;
    }

    private static byte[] header(Map<String, Tensor> tensors, DType dtype, Map<String, String> metadata) {
        ObjectNode json = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = json.putObject("__metadata__");
            metadata.forEach(texts::put);
        }
        long offset = 0;
        for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
            DType type = stored(named.getValue(), dtype);
            ObjectNode entry = json.putObject(named.getKey());
            entry.put("dtype", ElementType.of(type).name());
            ArrayNode shape = entry.putArray("shape");
            Arrays.stream(Tensors.shape(named.getValue())).forEach(shape::add);
            long end = offset + named.getValue().numel() * type.bytes();
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        try {
            String text = JSON.writeValueAsString(json);
            int bytes = text.getBytes(StandardCharsets.UTF_8).length;
            return (text + " ".repeat(Math.floorMod(-bytes, 8))).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("tensor names or metadata cannot be written as JSON", e);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
