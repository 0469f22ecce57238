package org.reft4j.cli;

import java.nio.file.Path;
import org.reft4j.train.job.LoadedModel;
import picocli.CommandLine.Option;

/** Which model a command lets write, how its products are computed, and where. */
final class ModelOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description =
                    "A model folder, a GGUF file, the folder of a run (its best checkpoint is taken), or a model's name on"
                            + " the hub (org/name or org/name@revision).")
    private Path model = Path.of("");

    @Option(names = "--compute", description = "Type of products: auto, f32 or bf16.", defaultValue = "auto")
    private String compute = "auto";

    @Option(
            names = "--device",
            description = "Device: auto (a GPU that can be used, else the processor), cpu, cuda or cuda:N.",
            defaultValue = "auto")
    private String device = "auto";

    /** As it was given. */
    Path path() {
        return model;
    }

    String compute() {
        return compute;
    }

    LoadedModel open(Output output) {
        return open(compute, output);
    }

    /** @param type the type of matrix products, whatever the options say */
    LoadedModel open(String type, Output output) {
        return LoadedModel.open(model, device, type, new FetchDisplay(output));
    }
}
