package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.ground.files.Json;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.weights.Safetensors;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.train.run.Run;

/**
 * The part of a checkpoint that only the trainer needs, in its folder {@code trainer}: the optimiser's moments, parameters that are no
 * part of the model, and what a recipe has to remember in {@code state.json}.
 */
public final class TrainerState {
    private static final String FOLDER = "trainer";
    private static final String FIRST_MOMENT = "adam.first";
    private static final String SECOND_MOMENT = "adam.second";
    private static final String HEAD_WEIGHT = "v_head.weight";
    private static final String HEAD_BIAS = "v_head.bias";
    private static final String UPDATES = "updates";
    private static final String HEAD_UPDATES = "head-updates";

    private TrainerState() {}

    /** To be filled by the recipe, and given to {@link #write}. */
    public static ObjectNode empty() {
        return Json.PLAIN.createObjectNode();
    }

    /** Reads the {@code state} that {@link #write} stored. */
    static JsonNode read(Run.Checkpoint checkpoint) {
        Path file = checkpoint.folder().resolve(FOLDER).resolve("state.json");
        try {
            return Json.PLAIN.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** To be closed. */
    static SafetensorsFile tensors(Run.Checkpoint checkpoint) {
        return SafetensorsFile.open(checkpoint.folder().resolve(FOLDER).resolve("state.safetensors"));
    }

    /** Weight and bias of the value head of a checkpoint, if it has one; of the innermost scope. */
    static Optional<List<Tensor>> valueHead(Run.Checkpoint checkpoint, int width) {
        if (!Files.exists(checkpoint.folder().resolve(FOLDER))) {
            return Optional.empty();
        }
        try (SafetensorsFile state = tensors(checkpoint)) {
            return state.names().contains(HEAD_WEIGHT)
                    ? Optional.of(
                            List.of(state.take(HEAD_WEIGHT, DType.F32, 1, width), state.take(HEAD_BIAS, DType.F32, 1)))
                    : Optional.empty();
        }
    }

    /** Puts the optimiser's state of a checkpoint back. */
    static void restore(AdamW optimizer, Run.Checkpoint checkpoint) {
        try (var _ = NativeScope.open();
                SafetensorsFile state = tensors(checkpoint)) {
            long size = optimizer.moments().getFirst().numel();
            JsonNode json = read(checkpoint);
            int updates = json.path(UPDATES).asInt();
            optimizer.restore(
                    state.take(FIRST_MOMENT, DType.F32, size),
                    state.take(SECOND_MOMENT, DType.F32, size),
                    new AdamW.Updates(updates, json.path(HEAD_UPDATES).asInt(updates)));
        }
    }

    /**
     * @param folder the checkpoint's
     * @param own parameters that are no part of the model
     */
    static void write(Path folder, List<Parameter> own, AdamW optimizer, ObjectNode state) {
        state.put(UPDATES, optimizer.updates().backbone());
        state.put(HEAD_UPDATES, optimizer.updates().head());
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        own.forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        tensors.put(FIRST_MOMENT, optimizer.moments().get(0));
        tensors.put(SECOND_MOMENT, optimizer.moments().get(1));
        Path trainer = folder.resolve(FOLDER);
        try {
            Files.createDirectories(trainer);
            Safetensors.write(trainer.resolve("state.safetensors"), tensors, DType.F32, Map.of());
            Json.PLAIN.writeValue(trainer.resolve("state.json").toFile(), state);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + trainer, e);
        }
    }
}
