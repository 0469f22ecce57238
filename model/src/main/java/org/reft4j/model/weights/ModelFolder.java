package org.reft4j.model.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.tensor.DType;

/**
 * A model on disk: a Hugging Face folder (configuration, tokenizer, weights in safetensors or one GGUF file) or a GGUF file alone.
 * Knows where the parts are and holds none of them open: who asks for weights or tokenizer closes them.
 */
public final class ModelFolder {
    private static final String CONFIG = "config.json";
    private static final String SINGLE = "model.safetensors";
    private static final String PARTS = CONFIG + ", tokenizer.json and " + SINGLE;

    private final Path folder;
    private final @Nullable Path gguf;
    private final ModelConfig config;

    private ModelFolder(Path folder, @Nullable Path gguf, ModelConfig config) {
        this.folder = folder;
        this.gguf = gguf;
        this.config = config;
    }

    /**
     * Finds the parts of a model and reads its configuration.
     *
     * @param path a folder or a {@code .gguf} file
     * @throws FormatException if the configuration or the weights are missing, or are of a kind that is not read
     */
    public static ModelFolder open(Path path) {
        if (Files.isRegularFile(path)) {
            if (!isGguf(path)) {
                throw new FormatException(path + ": expected a model's folder or a .gguf file");
            }
            return openGguf(path, path);
        }
        if (!Files.exists(path)) {
            FolderSwap.recover(path);
        }
        if (!Files.isDirectory(path)) {
            throw new FormatException(path + ": no such folder; expected a model's folder or a .gguf file");
        }
        boolean safetensors =
                Files.exists(path.resolve(SINGLE)) || Files.exists(path.resolve(ShardedSafetensors.INDEX));
        Path gguf = safetensors ? null : onlyGguf(path);
        if (Files.exists(path.resolve(CONFIG))) {
            return new ModelFolder(path, gguf, config(path.resolve(CONFIG)));
        }
        if (gguf == null) {
            throw new FormatException(
                    path + ": no " + CONFIG + "; a model's folder holds " + CONFIG + ", tokenizer.json and " + SINGLE);
        }
        return openGguf(path, gguf);
    }

    private static ModelFolder openGguf(Path folder, Path gguf) {
        try (GgufFile file = GgufFile.open(gguf)) {
            return new ModelFolder(folder, gguf, file.config());
        }
    }

    private static ModelConfig config(Path file) {
        ModelConfig config = new ModelConfig(JsonFiles.object(file), file.toString());
        if (config.json().hasNonNull("quantization_config")) {
            String method = config.json()
                    .path("quantization_config")
                    .path("quant_method")
                    .asText("unnamed");
            throw new FormatException(
                    file + ": weights quantised by the method \"" + method
                            + "\" (quantization_config), which is not read. Use the model in float32, float16 or bfloat16, or as GGUF");
        }
        return config;
    }

    /** The one GGUF file of a folder without safetensors. */
    private static Path onlyGguf(Path folder) {
        List<Path> files = list(folder);
        List<Path> ggufs = files.stream().filter(ModelFolder::isGguf).toList();
        if (ggufs.size() == 1) {
            return ggufs.getFirst();
        }
        if (ggufs.size() > 1) {
            String names = ggufs.stream()
                    .map(file -> String.valueOf(file.getFileName()))
                    .collect(Collectors.joining(", "));
            throw new FormatException(
                    folder + ": several GGUF files (" + names + "); name the file itself instead of the folder");
        }
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            if (name.startsWith("pytorch_model") || name.endsWith(".pth") || name.endsWith(".pt")) {
                throw new FormatException(
                        file + ": weights in Python's pickle format, which can run code when read and is refused."
                                + " Convert them to safetensors (transformers: save_pretrained(..., safe_serialization=True))");
            }
        }
        if (!Files.exists(folder.resolve(CONFIG))) {
            throw new FormatException(folder + ": neither " + CONFIG + " nor weights; a model's folder holds " + PARTS
                    + ", or one .gguf file");
        }
        throw new FormatException(folder + ": no weights; expected " + SINGLE + ", " + ShardedSafetensors.INDEX
                + " or a .gguf file. Download one into the folder");
    }

    private static boolean isGguf(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".gguf");
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new FormatException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    /** The configuration; of a GGUF file alone, what its metadata says. */
    public ModelConfig config() {
        return config;
    }

    /** The weights, mapped anew. The caller closes them. */
    public StoredWeights weights() {
        if (gguf != null) {
            return GgufFile.open(gguf);
        }
        Path single = folder.resolve(SINGLE);
        return Files.exists(single)
                ? SafetensorsFile.open(single)
                : ShardedSafetensors.open(folder.resolve(ShardedSafetensors.INDEX));
    }

    /**
     * The tokenizer of {@code tokenizer.json}, or else of the GGUF file. The caller closes it.
     *
     * @throws org.reft4j.model.tokenizer.TokenizerException if there is none or it cannot be used
     */
    public Tokenizer tokenizer() {
        if (gguf == null || Files.exists(folder.resolve("tokenizer.json"))) {
            return HuggingFaceTokenizer.open(folder);
        }
        try (GgufFile file = GgufFile.open(gguf)) {
            return Tokenizers.of(file.vocabulary());
        }
    }

    /** The folder or file that was opened. */
    public Path path() {
        return folder;
    }

    /**
     * Writes a model as a Hugging Face folder that this project and others read. The folder appears whole or not at all: it is written
     * beside its place, forced to the disk and renamed. A folder that is there already is replaced.
     *
     * @param weights by checkpoint name, in the order to be written
     * @param tokenizer whose files are written too
     * @param dtype the type that weights are written in
     * @throws java.io.UncheckedIOException if it cannot be written; an older folder is unchanged then
     */
    public static void save(
            Path folder, ModelConfig config, Map<String, Tensor> weights, Tokenizer tokenizer, DType dtype) {
        FolderSwap.replace(folder, aside -> write(aside, config, weights, tokenizer, dtype));
    }

    /** Writes the same files into a folder that is there, for a caller who puts it in place himself, such as a checkpoint. */
    public static void write(
            Path folder, ModelConfig config, Map<String, Tensor> weights, Tokenizer tokenizer, DType dtype) {
        JsonFiles.write(folder.resolve(CONFIG), savedConfig(config, tokenizer, dtype));
        JsonFiles.write(folder.resolve("generation_config.json"), generationConfig(tokenizer));
        tokenizer.save(folder);
        Safetensors.write(folder.resolve(SINGLE), weights, dtype, Map.of("format", "pt"));
    }

    private static ObjectNode savedConfig(ModelConfig config, Tokenizer tokenizer, DType dtype) {
        var json = config.json().deepCopy();
        // The newer spelling replaces the older one where the file had it, so that the two cannot disagree.
        json.remove("torch_dtype");
        json.put(config.json().has("dtype") ? "dtype" : "torch_dtype", dtype.torchName());
        tokenizer.endOfText().ifPresent(id -> json.put("eos_token_id", id));
        tokenizer.padding().ifPresent(id -> json.put("pad_token_id", id));
        return json;
    }

    private static ObjectNode generationConfig(Tokenizer tokenizer) {
        var json = JsonFiles.object();
        tokenizer.endOfText().ifPresent(id -> json.put("eos_token_id", id));
        tokenizer.padding().ifPresent(id -> json.put("pad_token_id", id));
        return json;
    }
}
