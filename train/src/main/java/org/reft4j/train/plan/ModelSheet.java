package org.reft4j.train.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.tensor.Cpu;
import org.reft4j.train.run.Sheet;
import org.reft4j.train.settings.LoraConfig;

/** The facts about a model on disk: sizes, number types, tokenizer, and the memory that it needs on this machine. */
public final class ModelSheet {
    private final Sheet sheet = new Sheet();
    private final int rowTokens;

    private ModelSheet(int rowTokens) {
        this.rowTokens = rowTokens;
    }

    /**
     * Looks at a model; loads no weights.
     *
     * @param path a model folder, a GGUF file or an adapter
     * @param rowTokens length of the rows that the largest batch is worked out for
     */
    public static Sheet of(Path path, int rowTokens) {
        StoredModel stored = StoredModel.open(path);
        ModelFolder folder = stored.base();
        ModelFacts facts = ModelFacts.of(folder, rowTokens, Cpu.memoryBytes());
        ModelSheet made = new ModelSheet(rowTokens);
        ObjectNode figures = made.sheet.figures();
        figures.put("model", path.toString());
        stored.adapter().ifPresent(adapter -> made.adapter(adapter, folder, figures));
        made.architecture(facts, folder, figures);
        made.tokenizer(folder, figures);
        made.memory(facts, figures);
        return made.sheet;
    }

    private void adapter(AdapterFolder adapter, ModelFolder base, ObjectNode figures) {
        line("adapter for", base.path().toString());
        line("adapter", adapter.config().summary());
        ObjectNode about = figures.putObject("adapter");
        about.put("base", base.path().toString());
        about.put("rank", adapter.config().rank());
        about.put("alpha", adapter.config().alpha());
    }

    private void architecture(ModelFacts facts, ModelFolder folder, ObjectNode figures) {
        String architecture = folder.config().architecture();
        ModelSizes sizes = facts.sizes();
        line("architecture", architecture);
        line("parameters", String.format(Locale.ROOT, "%,d", facts.parameters()));
        StringBuilder types = new StringBuilder();
        ObjectNode bytes = figures.putObject("bytes-by-type");
        for (Map.Entry<String, Long> each : facts.bytesByType().entrySet()) {
            bytes.put(each.getKey(), each.getValue());
            types.append(types.isEmpty() ? "" : ", ")
                    .append(each.getKey())
                    .append(' ')
                    .append(size(each.getValue()));
        }
        line("weights", types.toString());
        line(
                "sizes",
                sizes.layers() + " layers, width " + sizes.width() + ", " + sizes.heads() + " heads ("
                        + sizes.keyValueHeads() + " for keys and values) of width " + sizes.headWidth()
                        + ", feed-forward " + sizes.feedForward());
        line(
                "vocabulary",
                Long.toString(sizes.vocabulary()) + (sizes.tied() ? ", embedding shared with the output" : ""));
        line("context", facts.context() == 0 ? "not named" : facts.context() + " tokens");
        figures.put("architecture", architecture);
        figures.put("parameters", facts.parameters());
        figures.put("layers", sizes.layers());
        figures.put("width", sizes.width());
        figures.put("heads", sizes.heads());
        figures.put("key-value-heads", sizes.keyValueHeads());
        figures.put("head-width", sizes.headWidth());
        figures.put("feed-forward", sizes.feedForward());
        figures.put("vocabulary", sizes.vocabulary());
        figures.put("tied", sizes.tied());
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
                words.append(words.isEmpty() ? "" : ", ")
                        .append(name)
                        .append(' ')
                        .append(token);
            });
            line("special tokens", words.isEmpty() ? "none named" : words.toString());
        } catch (TokenizerException e) {
            line("tokenizer", "none that can be used: " + e.getMessage());
            figures.putNull("tokenizer-tokens");
        }
        Optional<String> template = folder.chatTemplate();
        line(
                "chat template",
                template.map(text -> text.length() + " characters").orElse("none"));
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
                        + " more for each row of " + rowTokens + " tokens: "
                        + fits(facts.trainRows(), "rows in a pass"));
        line(
                "to train by LoRA",
                size(facts.adapterBytes()) + " for weights (" + facts.compute() + ") and adapters (rank "
                        + LoraConfig.DEFAULT.rank() + " on all linear layers), " + size(facts.adapterPassBytes())
                        + " more for each row: " + fits(facts.adapterRows(), "rows in a pass"));
        ObjectNode memory = figures.putObject("memory");
        memory.put("here-bytes", facts.memory());
        memory.put("row-tokens", rowTokens);
        memory.put("infer-bytes", facts.inferBytes());
        memory.put("infer-row-bytes", facts.cacheBytes());
        memory.put("infer-rows", facts.inferRows());
        memory.put("train-bytes", facts.trainBytes());
        memory.put("train-row-bytes", facts.passBytes());
        memory.put("train-rows", facts.trainRows());
        memory.put("lora-parameters", facts.adapterParameters());
        memory.put("lora-bytes", facts.adapterBytes());
        memory.put("lora-row-bytes", facts.adapterPassBytes());
        memory.put("lora-rows", facts.adapterRows());
    }

    private static String fits(long rows, String what) {
        return rows == 0 ? "does not fit here" : "at most " + rows + " " + what;
    }

    private void line(String name, String value) {
        sheet.say("%-17s %s", name, value);
    }

    private static String size(long bytes) {
        return bytes < 1 << 30
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }
}
