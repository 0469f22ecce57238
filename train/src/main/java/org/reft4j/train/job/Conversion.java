package org.reft4j.train.job;

import java.nio.file.Path;
import java.util.Optional;
import org.reft4j.model.StoredModel;
import org.reft4j.model.folder.ModelConversion;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.gguf.GgufStorage;
import org.reft4j.model.weights.Progress;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Torch;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.run.RunData;

/**
 * A stored model written in another format, an adapter merged into its base. Takes along what stands beside a trained model: the prompt form
 * and the data of its training.
 *
 * @param path the place of its files
 */
public record Conversion(Path path, StoredModel stored, Progress progress) {
    /**
     * Writes a file for llama.cpp.
     *
     * @param storage the type of the weights; empty for that of most of them
     */
    public void toGguf(Path out, Optional<GgufStorage> storage) {
        ModelFolder model = stored.base();
        GgufStorage chosen = storage.orElseGet(
                () -> GgufStorage.valueOf(ModelConversion.mostOf(model).name()));
        // Blocks of 8 bits are made from float32, so that a merged weight is rounded once.
        DType held = chosen == GgufStorage.Q8_0 ? DType.F32 : DType.valueOf(chosen.name());
        write(out, () -> stored.use(held, weights -> ModelConversion.toGguf(model, weights, out, chosen, progress)));
    }

    /**
     * Writes a folder in the layout of Hugging Face.
     *
     * @param type the type of the weights; empty for that of most of them
     * @param shardBytes the largest safetensors file
     */
    public void toFolder(Path out, Optional<DType> type, long shardBytes) {
        ModelFolder model = stored.base();
        DType chosen = type.orElseGet(() -> ModelConversion.mostOf(model));
        write(
                out,
                () -> stored.use(
                        chosen,
                        weights -> ModelConversion.toFolder(model, weights, out, chosen, shardBytes, progress)));
    }

    private void write(Path out, Runnable conversion) {
        // Read first, so that a damaged file is refused before anything is written.
        Optional<PromptForm> form = PromptForm.trained(path);
        Torch.start();
        conversion.run();
        form.ifPresent(trained -> trained.save(out));
        RunData.of(path).ifPresent(data -> data.save(out));
    }
}
