package org.reft4j.model.folder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.JsonFiles;
import org.reft4j.model.weights.Safetensors;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.tensor.DType;

/**
 * A LoRA adapter on disk as PEFT writes it: {@code adapter_config.json} beside {@code adapter_model.safetensors}, perhaps with a
 * tokenizer. The model that it belongs to is elsewhere.
 *
 * @param folder where the two files are
 * @param config what the adapter is
 */
public record AdapterFolder(Path folder, AdapterConfig config) {
    /** PEFT wraps the model twice, and its names say so. */
    public static final String PREFIX = "base_model.model.";

    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    /** True if a path is an adapter's folder. */
    public static boolean is(Path path) {
        return Files.isRegularFile(path.resolve(CONFIG));
    }

    /** @throws FormatException if it cannot be read or is of a kind that is not computed here */
    public static AdapterFolder open(Path folder) {
        Path file = folder.resolve(CONFIG);
        return new AdapterFolder(folder, AdapterConfig.of(JsonFiles.object(file), file.toString()));
    }

    /** The adapter's weights, mapped anew. The caller closes them. */
    public SafetensorsFile weights() {
        Path file = folder.resolve(WEIGHTS);
        if (!Files.exists(file) && Files.exists(folder.resolve("adapter_model.bin"))) {
            throw new FormatException(folder.resolve("adapter_model.bin")
                    + ": weights in Python's pickle format, which can run code when read and is refused."
                    + " Save the adapter as safetensors (PEFT: save_pretrained(..., safe_serialization=True))");
        }
        return SafetensorsFile.open(file);
    }

    /**
     * The folder or file of the base model: as the configuration names it, from here, from the adapter's folder, or from the current one.
     *
     * @throws FormatException if there is none
     */
    public Path base() {
        String name = config.base();
        return localBase()
                .orElseThrow(() -> new FormatException(config.source() + ": the base model \"" + name
                        + "\" is not here (looked for " + beside(name) + " and " + here(name)
                        + "). Put it there, or write its folder to \"base_model_name_or_path\""));
    }

    /** The base model, if it is on this machine under the path that the adapter names. */
    public Optional<Path> localBase() {
        String name = config.base();
        if (name.isEmpty()) {
            throw new FormatException(config.source()
                    + ": \"base_model_name_or_path\" is missing; write the folder of the base model there");
        }
        return Stream.of(beside(name), here(name)).filter(Files::exists).findFirst();
    }

    private Path beside(String name) {
        return folder.toAbsolutePath().resolve(name).normalize();
    }

    private static Path here(String name) {
        return Path.of(name).toAbsolutePath().normalize();
    }

    /**
     * Writes the two files into a folder that is there.
     *
     * @param weights by the names that parameters of an adapter have, without PEFT's prefix
     */
    public static void write(Path folder, AdapterConfig config, Map<String, Tensor> weights) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> named.put(PREFIX + name, tensor));
        JsonFiles.write(folder.resolve(CONFIG), config.json());
        Safetensors.write(folder.resolve(WEIGHTS), named, DType.F32, Map.of("format", "pt"));
    }
}
