package org.reft4j.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.train.ConfigException;
import org.reft4j.train.plan.ModelSheet;
import org.reft4j.train.run.RunReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft inspect}. */
@Command(
        name = "inspect",
        description =
                "Says what a model is and what it needs: sizes, number types, tokenizer, memory. Loads no weights.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Memory is an estimate of what tensors take, with float32 keys and values; the JVM's heap comes on top.",
            "",
            "Examples:",
            "  reft inspect models/smollm2",
            "  reft inspect model.Q4_K_M.gguf --row-tokens 2048",
            "  reft inspect HuggingFaceTB/SmolLM2-135M-Instruct --json"
        })
final class InspectCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "MODEL",
            description =
                    "A model folder, a GGUF file, the folder of a run or of an adapter, or a model's name on the hub.")
    private Path model = Path.of("");

    @Option(
            names = "--row-tokens",
            paramLabel = "N",
            description = "Length of the rows that the largest batch is worked out for.",
            defaultValue = "512")
    private int rowTokens = 512;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        ConfigException.check(rowTokens > 0, "--row-tokens", rowTokens, "a positive number");
        Path path = RunReader.model(ModelHub.locate(model.toString(), new FetchDisplay(output)));
        output.show(ModelSheet.of(path, rowTokens));
        return 0;
    }
}
