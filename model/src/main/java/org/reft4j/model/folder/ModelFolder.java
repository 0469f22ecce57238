package org.reft4j.model.folder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.chat.ChatTemplate;
import org.reft4j.model.gguf.GgufFile;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.GgufVocabulary;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.weights.Durable;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.JsonFiles;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Progress;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.SafetensorsFolder;
import org.reft4j.model.weights.ShardedSafetensors;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.model.weights.TensorSource;
import org.reft4j.tensor.DType;

/**
 * A model on disk: a Hugging Face folder (configuration, tokenizer, weights in safetensors or one GGUF file) or a GGUF file alone.
 * Knows where the parts are and holds none of them open: who asks for weights or tokenizer closes them.
 */
public final class ModelFolder {
    static final String CONFIG = "config.json";
    static final String GENERATION = "generation_config.json";
    private static final String END = "eos_token_id";
    private static final String SINGLE = SafetensorsFolder.SINGLE;
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
            Durable.recover(path);
        }
        if (!Files.isDirectory(path)) {
            throw new FormatException(path + ": no such file or folder; expected a model's folder, a .gguf"
                    + " file, or a name on the Hugging Face hub such as org/name");
        }
        boolean safetensors =
                Files.exists(path.resolve(SINGLE)) || Files.exists(path.resolve(ShardedSafetensors.INDEX));
        if (!safetensors) {
            ShardedSafetensors.refuseWithoutIndex(path, list(path));
        }
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
        Path generation = file.resolveSibling(GENERATION);
        ModelConfig config = new ModelConfig(
                JsonFiles.object(file),
                file.toString(),
                Files.isRegularFile(generation) ? JsonFiles.object(generation) : JsonFiles.object());
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
     * @throws org.reft4j.model.tokenizer.TokenizerException if there is none or it cannot be used, or if it has ids that the model
     *     has no rows for
     */
    public Tokenizer tokenizer() {
        int rows = config.integer("vocab_size", Integer.MAX_VALUE);
        if (rows < 1) {
            throw new FormatException(config.source() + ": \"vocab_size\" is " + rows + "; expected 1 or more");
        }
        if (gguf == null || Tokenizers.in(folder)) {
            return HuggingFaceTokenizer.of(folder, rows);
        }
        try (GgufFile file = GgufFile.open(gguf)) {
            return Tokenizers.of(file.vocabulary(), rows);
        }
    }

    /** The tokenizer in the words of a GGUF file; empty if the model has none. */
    public Optional<GgufVocabulary> vocabulary() {
        if (Tokenizers.in(folder)) {
            return Optional.of(Tokenizers.vocabulary(folder));
        }
        if (gguf == null) {
            return Optional.empty();
        }
        try (GgufFile file = GgufFile.open(gguf)) {
            return file.hasVocabulary() ? Optional.of(file.vocabulary()) : Optional.empty();
        }
    }

    /** The model's chat template in Jinja: of a file of its own, of {@code tokenizer_config.json}, or of the GGUF file. */
    public Optional<String> chatTemplate() {
        Optional<String> beside = Tokenizers.chatTemplate(folder);
        if (beside.isPresent() || gguf == null) {
            return beside;
        }
        try (GgufFile file = GgufFile.open(gguf)) {
            return file.metadata().text("tokenizer.chat_template");
        }
    }

    /** True if the weights are those of a GGUF file. */
    public boolean isGguf() {
        return gguf != null;
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
        Durable.replace(folder, aside -> write(aside, config, weights, tokenizer, dtype));
    }

    /** Writes the same files into a folder that is there, for a caller who puts it in place himself, such as a checkpoint. */
    public static void write(
            Path folder, ModelConfig config, Map<String, Tensor> weights, Tokenizer tokenizer, DType dtype) {
        JsonFiles.write(folder.resolve(CONFIG), savedConfig(config, tokenizer, dtype));
        JsonFiles.write(folder.resolve(GENERATION), generationConfig(config, tokenizer));
        tokenizer.save(folder);
        new SafetensorsFolder(TensorSource.of(weights), dtype)
                .write(folder, SafetensorsFolder.SHARD_BYTES, Progress.NONE);
    }

    private static ObjectNode savedConfig(ModelConfig config, Tokenizer tokenizer, DType dtype) {
        ObjectNode json = config.json().deepCopy();
        nameType(json, dtype);
        nameTokens(json, tokenizer);
        return json;
    }

    private static ObjectNode generationConfig(ModelConfig config, Tokenizer tokenizer) {
        ObjectNode json = config.generation().deepCopy();
        nameTokens(json, tokenizer);
        return json;
    }

    /** Says what type the weights are in. The newer spelling stays alone where the file had it, so that the two cannot disagree. */
    static void nameType(ObjectNode json, DType dtype) {
        boolean newer = json.has("dtype");
        json.remove("torch_dtype");
        json.put(newer ? "dtype" : "torch_dtype", dtype.torchName());
    }

    /** Says which tokens are in force. */
    private static void nameTokens(ObjectNode json, Tokenizer tokenizer) {
        EndTokens all = ChatTemplate.ends(tokenizer);
        Set<Integer> ends = new LinkedHashSet<>();
        for (JsonNode each : json.path(END).isArray() ? json.path(END) : List.of(json.path(END))) {
            if (all.hold(each.asInt(-1))) {
                ends.add(each.asInt());
            }
        }
        all.known().ifPresent(ends::add);
        ends.addAll(all.all());
        if (ends.size() > 1) {
            ends.forEach(json.putArray(END)::add);
        } else {
            ends.forEach(id -> json.put(END, id));
        }
        tokenizer.padding().ifPresent(id -> json.put("pad_token_id", id));
    }
}
