package org.reft4j.server.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.reft4j.ground.files.Json;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.families.ModelFamilies;

/**
 * Facts about a job's files and its model that its settings depend on.
 *
 * @param rows of the training file
 * @param longestRow characters of its longest row, answers included
 * @param longestPrompt characters of the longest row in messages to be answered, of both files
 * @param model the folder or name of the model that training begins from
 * @param contextLength positions of the model
 * @param adapter settings of the adapter that training goes on with, by dotted key; empty if the model is a whole one
 */
record JobFacts(
        int rows,
        int longestRow,
        int longestPrompt,
        Path training,
        Optional<Path> validation,
        Path model,
        int contextLength,
        Optional<Map<String, String>> adapter) {

    /** Reads the files line by line, and the model's description. */
    static JobFacts of(Path training, Optional<Path> validation, Path model) throws IOException {
        int[] counted = read(training);
        int prompt = counted[2];
        if (validation.isPresent()) {
            prompt = Math.max(prompt, read(validation.get())[2]);
        }
        StoredModel stored = StoredModel.open(model);
        int context = ModelFamilies.of(stored.config()).sizes(stored.config()).contextLength();
        return new JobFacts(
                counted[0],
                counted[1],
                prompt,
                training,
                validation,
                model,
                context,
                stored.adapter().isPresent() ? Optional.of(adapter(model)) : Optional.empty());
    }

    /** The settings that an adapter was made with: training goes on with it as it is. */
    private static Map<String, String> adapter(Path folder) throws IOException {
        JsonNode config =
                Json.PLAIN.readTree(folder.resolve("adapter_config.json").toFile());
        Map<String, String> settings = new TreeMap<>();
        settings.put("lora.rank", config.path("r").asText());
        settings.put("lora.alpha", config.path("lora_alpha").asText());
        settings.put("lora.rslora", Boolean.toString(config.path("use_rslora").asBoolean()));
        settings.put("lora.targets", names(config.path("target_modules")));
        if (config.hasNonNull("modules_to_save")) {
            settings.put("lora.modules-to-save", names(config.path("modules_to_save")));
        }
        return settings;
    }

    private static String names(JsonNode node) {
        return node.isArray()
                ? StreamSupport.stream(node.spliterator(), false)
                        .map(JsonNode::asText)
                        .collect(Collectors.joining(", "))
                : node.asText();
    }

    /** Rows, characters of the longest row, characters of the longest prompt. */
    private static int[] read(Path file) throws IOException {
        int[] counted = new int[3];
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank()) {
                    continue;
                }
                JsonNode row = row(line);
                counted[0]++;
                counted[1] = Math.max(counted[1], text(row).length());
                JsonNode asked = row.has("input") ? row.path("input") : row;
                counted[2] = Math.max(
                        counted[2],
                        text(asked.path("messages")).length()
                                + text(asked.path("tools")).length());
            }
        }
        return counted;
    }

    private static String text(JsonNode node) {
        return node.isMissingNode() ? "" : node.toString();
    }

    private static JsonNode row(String line) {
        try {
            return Json.PLAIN.readTree(line);
        } catch (JsonProcessingException _) {
            // Checked before; what is unreadable is refused there.
            return Json.PLAIN.missingNode();
        }
    }
}
