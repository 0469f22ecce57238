package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.reft4j.model.StoredModel;
import org.reft4j.model.gguf.GgufStorage;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.weights.Progress;
import org.reft4j.tensor.DType;
import org.reft4j.train.ConfigException;
import org.reft4j.train.job.Conversion;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft convert}. */
@Command(
        name = "convert",
        description =
                "Writes a model in another format or number type: a Hugging Face folder, or a GGUF file for llama.cpp.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft convert runs/my-run my-run.gguf --dtype q8_0",
            "  reft convert model.Q4_K_M.gguf model-folder --dtype bf16",
            "  reft convert HuggingFaceTB/SmolLM2-135M smollm2-f16 --dtype f16",
            "  reft convert runs/my-lora-run merged --merge"
        })
final class ConvertCommand implements Callable<Integer> {
    private static final long GIGABYTE = 1_000_000_000L;

    @Parameters(
            index = "0",
            paramLabel = "IN",
            description =
                    "A model folder, a GGUF file, the folder of a run or of an adapter, or a model's name on the hub.")
    private Path in = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "A folder or a .gguf file that does not exist yet.")
    private Path out = Path.of("");

    @Option(
            names = "--to",
            paramLabel = "FORMAT",
            description = "hf (a folder with safetensors) or gguf. Default: gguf if OUT ends with .gguf, else hf.")
    private Optional<String> to = Optional.empty();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description =
                    "Type of the weights: f32, f16 or bf16, and for GGUF also q8_0. Default: that of IN, or f32 where"
                            + " IN is quantised.")
    private Optional<String> dtype = Optional.empty();

    @Option(names = "--merge", description = "IN is an adapter: add it to its base model, and write that.")
    private boolean merge;

    @Option(
            names = "--shard-size",
            paramLabel = "GB",
            description = "The largest safetensors file, in GB.",
            defaultValue = "5")
    private int shardSize = 5;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        ConfigException.check(shardSize > 0, "--shard-size", shardSize, "a positive number");
        boolean named = out.toString().toLowerCase(Locale.ROOT).endsWith(".gguf");
        String format = to.map(given -> given.toLowerCase(Locale.ROOT)).orElse(named ? "gguf" : "hf");
        ConfigException.check(format.equals("hf") || format.equals("gguf"), "--to", to.orElse(""), "hf or gguf");
        ConfigException.check(
                format.equals("gguf") == named,
                "OUT",
                out,
                format.equals("gguf") ? "a name that ends with .gguf" : "the name of a folder, without .gguf");
        ConfigException.check(!Files.exists(out), "OUT", out, "a name that does not exist yet: nothing is overwritten");
        Optional<GgufStorage> storage =
                format.equals("gguf") ? dtype.map(name -> type(name, List.of(GgufStorage.values()))) : Optional.empty();
        Optional<DType> type = format.equals("hf")
                ? dtype.map(name -> type(name, List.of(DType.F32, DType.F16, DType.BF16)))
                : Optional.empty();
        Path path = RunReader.model(ModelHub.locate(in.toString(), new FetchDisplay(output)));
        StoredModel stored = StoredModel.open(path);
        requireMerge(stored);
        long started = System.nanoTime();
        Conversion conversion = new Conversion(path, stored, new Tenths(output));
        if (format.equals("gguf")) {
            conversion.toGguf(out, storage);
        } else {
            conversion.toFolder(out, type, shardSize * GIGABYTE);
        }
        ObjectNode figures = Results.object();
        figures.put("from", path.toString());
        figures.put("to", out.toString());
        figures.put("format", format);
        figures.set("seconds", Results.number((System.nanoTime() - started) / 1e9));
        output.say("%s", out);
        output.figures(figures);
        return 0;
    }

    private void requireMerge(StoredModel stored) {
        ConfigException.check(
                merge || stored.adapter().isEmpty(),
                "IN",
                in,
                "a whole model: this is an adapter for " + stored.base().path()
                        + ", which stays as it is for tools that read PEFT's folders. With --merge it is added to that model");
        ConfigException.check(
                !merge || stored.adapter().isPresent(), "--merge", in, "an adapter: this is a whole model already");
    }

    private static <E extends Enum<E>> E type(String name, List<E> known) {
        return known.stream()
                .filter(each -> each.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new ConfigException("--dtype is " + name + "; expected "
                        + known.stream()
                                .map(each -> each.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))));
    }

    /** A remark for every tenth of the weights. */
    private static final class Tenths implements Progress {
        private static final long WORTH_A_LINE = 100 << 20;

        private final Output output;
        private long last;

        Tenths(Output output) {
            this.output = output;
        }

        @Override
        public void at(long done, long total) {
            long tenth = total == 0 ? 0 : done * 10 / total;
            if (tenth > last && total > WORTH_A_LINE) {
                last = tenth;
                output.remark("%d %% of %d MiB written", tenth * 10, total >> 20);
            }
        }
    }
}
