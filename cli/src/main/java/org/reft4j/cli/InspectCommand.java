package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.model.decoder.ModelFamilies;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.model.weights.ModelFolder;
import org.reft4j.train.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft inspect}. */
@Command(
        name = "inspect",
        description = "Says what a model is and what it needs: sizes, number types, tokenizer, memory. Loads no weights.",
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
            description = "A model folder, a GGUF file, the folder of a run, or a model's name on the hub.")
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
        Path path = LoadedModel.checkpoint(ModelHub.locate(model.toString(), new FetchDisplay(output)));
        ModelFolder folder = ModelFolder.open(path);
        ModelFacts facts = ModelFacts.of(folder, rowTokens, ModelFacts.memoryHere());
        ObjectNode figures = Output.object();
        figures.put("model", path.toString());
        architecture(facts, folder, figures);
        tokenizer(folder, figures);
        memory(facts, figures);
        output.figures(figures);
        return 0;
    }

    private void architecture(ModelFacts facts, ModelFolder folder, ObjectNode figures) {
        String architecture = folder.config().architecture();
        boolean known = ModelFamilies.ALL.stream()
                .anyMatch(family -> family.architectures().contains(architecture));
        TrainingPlan.Shape shape = facts.shape();
        line("architecture", architecture + (known ? "" : " (not known to this version: it cannot be run)"));
        line("parameters", String.format(Locale.ROOT, "%,d", facts.parameters()));
        StringBuilder types = new StringBuilder();
        ObjectNode bytes = figures.putObject("bytes-by-type");
        for (Map.Entry<String, Long> each : facts.bytesByType().entrySet()) {
            bytes.put(each.getKey(), each.getValue());
            types.append(types.isEmpty() ? "" : ", ").append(each.getKey()).append(' ').append(size(each.getValue()));
        }
        line("weights", types.toString());
        line(
                "sizes",
                shape.layers() + " layers, width " + shape.width() + ", " + shape.heads() + " heads ("
                        + shape.keyValueHeads() + " for keys and values) of width " + shape.headWidth()
                        + ", feed-forward " + shape.feedForward());
        line("vocabulary", Long.toString(shape.vocabulary()) + (shape.tied() ? ", embedding shared with the output" : ""));
        line("context", facts.context() == 0 ? "not named" : facts.context() + " tokens");
        figures.put("architecture", architecture);
        figures.put("known", known);
        figures.put("parameters", facts.parameters());
        figures.put("layers", shape.layers());
        figures.put("width", shape.width());
        figures.put("heads", shape.heads());
        figures.put("key-value-heads", shape.keyValueHeads());
        figures.put("head-width", shape.headWidth());
        figures.put("feed-forward", shape.feedForward());
        figures.put("vocabulary", shape.vocabulary());
        figures.put("tied", shape.tied());
        figures.put("context", facts.context());
    }

    /** A model without a tokenizer, or with one that cannot be used, is worth looking at too. */
    private void tokenizer(ModelFolder folder, ObjectNode figures) {
        try {
            ModelFacts.Tokens tokens = ModelFacts.tokens(folder);
            line("tokenizer", tokens.size() + " tokens");
            figures.put("tokenizer-tokens", tokens.size());
            ObjectNode special = figures.putObject("special-tokens");
            StringBuilder words = new StringBuilder();
            tokens.special().forEach((name, token) -> {
                special.put(name, token);
                words.append(words.isEmpty() ? "" : ", ").append(name).append(' ').append(token);
            });
            line("special tokens", words.isEmpty() ? "none named" : words.toString());
        } catch (TokenizerException e) {
            line("tokenizer", "none that can be used: " + e.getMessage());
            figures.putNull("tokenizer-tokens");
        }
        Optional<String> template = folder.chatTemplate();
        line("chat template", template.map(text -> text.length() + " characters").orElse("none"));
        figures.put("chat-template", template.isPresent());
    }

    private void memory(ModelFacts facts, ObjectNode figures) {
        line("memory here", size(facts.memory()));
        line(
                "to infer",
                size(facts.inferBytes()) + " for the weights (" + facts.compute() + "), "
                        + size(facts.cacheBytes()) + " more for each row of " + rowTokens + " tokens: "
                        + fits(facts.inferRows(), "rows at once"));
        line(
                "to train in full",
                size(facts.trainBytes()) + " for weights, gradients and optimiser, " + size(facts.passBytes())
                        + " more for each row of " + rowTokens + " tokens: " + fits(facts.trainRows(), "rows in a pass"));
        ObjectNode memory = figures.putObject("memory");
        memory.put("here-bytes", facts.memory());
        memory.put("row-tokens", rowTokens);
        memory.put("infer-bytes", facts.inferBytes());
        memory.put("infer-row-bytes", facts.cacheBytes());
        memory.put("infer-rows", facts.inferRows());
        memory.put("train-bytes", facts.trainBytes());
        memory.put("train-row-bytes", facts.passBytes());
        memory.put("train-rows", facts.trainRows());
    }

    private static String fits(long rows, String what) {
        return rows == 0 ? "does not fit here" : "at most " + rows + " " + what;
    }

    private void line(String name, String value) {
        output.say("%-17s %s", name, value);
    }

    private static String size(long bytes) {
        return bytes < 1 << 30
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }
}
