package org.reft4j.model.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reft4j.tensor.DType;

/**
 * Writes the weights of a Hugging Face folder: one file, or, above a size, several with an index that says which holds what. Names and
 * cuts as in transformers: a file takes tensors until the next would make it too large.
 */
public final class SafetensorsFolder {
    /** Largest file that transformers writes. */
    public static final long SHARD_BYTES = 5_000_000_000L;

    public static final String SINGLE = "model.safetensors";

    private final TensorSource tensors;
    private final DType dtype;

    public SafetensorsFolder(TensorSource tensors, DType dtype) {
        this.tensors = tensors;
        this.dtype = dtype;
    }

    /** Bytes of all tensors. */
    public long bytes() {
        return tensors.names().stream()
                .mapToLong(name -> tensors.bytes(name, dtype))
                .sum();
    }

    /** @param shardBytes what one file may hold; a larger tensor gets a file of its own */
    public void write(Path folder, long shardBytes, Progress progress) {
        List<List<String>> shards = shards(shardBytes);
        long total = bytes();
        if (shards.size() == 1) {
            write(folder.resolve(SINGLE), shards.getFirst(), 0, total, progress);
            return;
        }
        ObjectNode index = JsonFiles.object();
        index.putObject("metadata").put("total_size", total);
        ObjectNode places = index.putObject("weight_map");
        long done = 0;
        for (int i = 0; i < shards.size(); i++) {
            String file = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            done = write(folder.resolve(file), shards.get(i), done, total, progress);
            shards.get(i).forEach(name -> places.put(name, file));
        }
        JsonFiles.write(folder.resolve(ShardedSafetensors.INDEX), index);
    }

    private List<List<String>> shards(long shardBytes) {
        List<List<String>> shards = new ArrayList<>(List.of(new ArrayList<>()));
        long size = 0;
        for (String name : tensors.names()) {
            long bytes = tensors.bytes(name, dtype);
            if (size > 0 && size + bytes > shardBytes) {
                shards.add(new ArrayList<>());
                size = 0;
            }
            shards.getLast().add(name);
            size += bytes;
        }
        return shards;
    }

    private long write(Path file, List<String> names, long before, long total, Progress progress) {
        Safetensors.write(
                file, tensors, names, dtype, Map.of("format", "pt"), (done, _) -> progress.at(before + done, total));
        return before
                + names.stream().mapToLong(name -> tensors.bytes(name, dtype)).sum();
    }
}
