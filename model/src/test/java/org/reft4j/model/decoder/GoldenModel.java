package org.reft4j.model.decoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.decoder.families.Llama;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.Rope;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.ShardedSafetensors;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/** A tiny model with what the Python reference computes for it; {@code -Dreft4j.golden} names another folder of such cases. */
public record GoldenModel(Path folder) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The folder of golden values; skips the test where there is none. */
    static Path root() {
        return SharedFiles.find("golden");
    }

    /** The models of known families; says how many there are, and which are of unknown ones. */
    static List<GoldenModel> known() {
        List<GoldenModel> known = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        try (var folders = Files.list(root().resolve("models"))) {
            for (Path folder : folders.sorted().toList()) {
                GoldenModel model = new GoldenModel(folder);
                try {
                    ModelFamilies.of(model.config());
                    known.add(model);
                } catch (UnsupportedModelException _) {
                    unknown.add(folder.getFileName() + " (" + model.config().architecture() + ")");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.out.println("golden models: " + known.size() + " of known families "
                + known.stream().map(GoldenModel::name).toList() + ", not known yet: " + unknown);
        return known;
    }

    String name() {
        return folder.getFileName().toString();
    }

    ModelConfig config() {
        return new ModelConfig(
                (ObjectNode) json("config.json"), folder.resolve("config.json").toString());
    }

    JsonNode json(String file) {
        try {
            return JSON.readTree(folder.resolve(file).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Tokens tokens(String key) {
        List<Integer> ids = new ArrayList<>();
        json("golden.json").path(key).forEach(id -> ids.add(id.asInt()));
        return Tokens.of(ids.stream().mapToInt(i -> i).toArray());
    }

    SafetensorsFile values() {
        return SafetensorsFile.open(folder.resolve("golden.safetensors"));
    }

    /** The model in float32. */
    Decoder load() {
        return load(_ -> {});
    }

    /** The model with a configuration that was tampered with. */
    Decoder load(Consumer<ObjectNode> change) {
        return load(change, DType.F32);
    }

    Decoder load(Consumer<ObjectNode> change, DType compute) {
        ModelConfig config = config();
        change.accept(config.json());
        try (Weights weights = weights()) {
            if (roundsFrequencies() && ModelFamilies.of(config) instanceof Llama llama) {
                return llama.build(config, weights, DType.F32, Place.host(compute), roundedRope(config));
            }
            return ModelFamilies.of(config).build(config, weights, DType.F32, Place.host(compute));
        }
    }

    /**
     * True if the reference cast the whole module to bfloat16 and back, the rotary frequencies with it. Loading such a checkpoint does
     * not do that, neither there nor here: it is a property of how the values were made, and worth 1.3e-4 in the logits.
     */
    private boolean roundsFrequencies() {
        return json("golden.json").path("weights_dtype").asText().equals("torch.bfloat16");
    }

    private static Rope roundedRope(ModelConfig config) {
        int headWidth =
                config.integer("head_dim", config.integer("hidden_size") / config.integer("num_attention_heads"));
        int contextLength = config.integer("max_position_embeddings");
        try (Rope exact = Rope.of(Place.HOST, config, headWidth, contextLength);
                var _ = NativeScope.open()) {
            float[] frequencies = exact.frequencies();
            Tensor rounded =
                    Tensors.floats(Place.HOST, frequencies, frequencies.length).to(DType.BF16.scalarType());
            return new Rope(Place.HOST, Tensors.toFloats(rounded), 1, contextLength);
        }
    }

    Weights weights() {
        Path index = folder.resolve(ShardedSafetensors.INDEX);
        return Files.exists(index)
                ? ShardedSafetensors.open(index)
                : SafetensorsFile.open(folder.resolve("model.safetensors"));
    }

    /** The largest difference between rows of [rows, V] for which {@code counts} is 1; a NaN is infinitely far. */
    public static double distance(float[] expected, float[] found, long... counts) {
        int width = expected.length / counts.length;
        double largest = expected.length == found.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(expected.length, found.length); i++) {
            if (counts[i / width] == 1) {
                double difference = Math.abs(expected[i] - found[i]);
                largest = Math.max(largest, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
            }
        }
        return largest;
    }

    /** A configuration that the same weights fit, and that means another function: for each family, what is easily got wrong. */
    static void tamper(ObjectNode config) {
        switch (config.path("architectures").path(0).asText()) {
            case "OPTForCausalLM" ->
                config.put(
                        "activation_function",
                        config.path("activation_function").asText("relu").equals("relu") ? "gelu" : "relu");
            case "GPT2LMHeadModel" -> config.put("scale_attn_weights", false);
            case "CodeGenForCausalLM" ->
                config.put("rotary_dim", config.path("rotary_dim").asInt() / 2);
            default -> changeTheta(config);
        }
    }

    /** The same theta in every spelling. */
    static void changeTheta(ObjectNode config) {
        config.put("rope_theta", 77_777.0);
        if (config.get("rope_parameters") instanceof ObjectNode parameters) {
            parameters.put("rope_theta", 77_777.0);
            for (JsonNode ofType : parameters) {
                if (ofType instanceof ObjectNode settings) {
                    settings.put("rope_theta", 77_777.0);
                }
            }
        }
    }

    static Tensor gradient(Parameter parameter) {
        return parameter.value().grad();
    }
}
