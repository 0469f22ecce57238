package org.reft4j.model.folder;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.reft4j.model.gguf.GgufStorage;
import org.reft4j.model.gguf.GgufWriter;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.weights.Durable;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.JsonFiles;
import org.reft4j.model.weights.Progress;
import org.reft4j.model.weights.SafetensorsFolder;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.model.weights.TensorSource;
import org.reft4j.tensor.DType;

/** Writes a model in another format or number type, with one weight in memory at a time. */
public final class ModelConversion {
    /** Largest file that transformers writes. */
    public static final long SHARD_BYTES = SafetensorsFolder.SHARD_BYTES;

    /** Files that hold neither configuration nor weights; a copy says what the original said. */
    private static final List<String> COMPANIONS = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "tokenizer.model",
            "chat_template.jinja",
            "LICENSE");

    private ModelConversion() {}

    /**
     * Writes a Hugging Face folder. It appears whole or not at all.
     *
     * @param weights those of the model, or others of the same names and shapes
     * @param dtype of the weights
     * @param shardBytes what one safetensors file may hold
     * @param progress told of the bytes of weights written
     * @throws java.io.UncheckedIOException if it cannot be written; nothing is left of it then
     */
    public static void toFolder(
            ModelFolder model, StoredWeights weights, Path folder, DType dtype, long shardBytes, Progress progress) {
        SafetensorsFolder files = new SafetensorsFolder(TensorSource.of(weights), dtype);
        Durable.requireSpace(folder, files.bytes());
        Durable.replace(folder, aside -> {
            ObjectNode config = model.config().json().deepCopy();
            ModelFolder.nameType(config, dtype);
            JsonFiles.write(aside.resolve(ModelFolder.CONFIG), config);
            if (!model.config().generation().isEmpty()) {
                JsonFiles.write(
                        aside.resolve(ModelFolder.GENERATION), model.config().generation());
            }
            writeCompanions(model, aside);
            files.write(aside, shardBytes, progress);
        });
    }

    /** Writes a file or folder as above, with the model's own weights. */
    public static void toFolder(ModelFolder model, Path folder, DType dtype, long shardBytes, Progress progress) {
        try (StoredWeights weights = model.weights()) {
            toFolder(model, weights, folder, dtype, shardBytes, progress);
        }
    }

    private static void writeCompanions(ModelFolder model, Path folder) throws IOException {
        if (Files.isDirectory(model.path())) {
            for (String name : COMPANIONS) {
                Path file = model.path().resolve(name);
                if (Files.isRegularFile(file) && !Files.exists(folder.resolve(name))) {
                    Files.copy(file, folder.resolve(name));
                }
            }
        }
        if (!Tokenizers.in(folder) && model.isGguf() && model.vocabulary().isPresent()) {
            try (Tokenizer tokenizer = model.tokenizer()) {
                tokenizer.save(folder);
            }
        }
    }

    /**
     * Writes a GGUF file. It appears whole or not at all.
     *
     * @param weights those of the model, or others of the same names and shapes
     * @param progress told of the bytes of weights written
     * @throws FormatException if GGUF files cannot say what the model is
     * @throws org.reft4j.model.tokenizer.TokenizerException if they cannot say what its tokenizer is
     * @throws java.io.UncheckedIOException if it cannot be written; nothing is left of it then
     */
    public static void toGguf(
            ModelFolder model, StoredWeights weights, Path file, GgufStorage storage, Progress progress) {
        GgufWriter.write(file, model.config(), weights, model.vocabulary(), storage, progress);
    }

    /** Writes a file or folder as above, with the model's own weights. */
    public static void toGguf(ModelFolder model, Path file, GgufStorage storage, Progress progress) {
        try (StoredWeights weights = model.weights()) {
            toGguf(model, weights, file, storage, progress);
        }
    }

    /** The type that most bytes of a model are in, or float32 where that is none that folders hold. */
    public static DType mostOf(ModelFolder model) {
        Map<DType, Long> bytes = new EnumMap<>(DType.class);
        try (StoredWeights weights = model.weights()) {
            for (String name : weights.names()) {
                bytes.merge(plain(weights.storage(name)), weights.storedBytes(name), Long::sum);
            }
        }
        return bytes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(DType.F32);
    }

    private static DType plain(String storage) {
        return switch (storage) {
            case "F16" -> DType.F16;
            case "BF16" -> DType.BF16;
            default -> DType.F32;
        };
    }
}
