package org.reft4j.train.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.train.ConfigException;

/**
 * What decides the contents of a folder of samples. A folder holds samples of one such object.
 *
 * @param model who answers
 * @param data what is asked
 * @param grader its description, and that of models that judge; {@code "answer"} for the paper's comparison
 * @param samples of each question, beside the greedy completion
 * @param temperature above 0
 * @param topK 0 for all tokens
 * @param topP 1 for all tokens
 * @param maxTotalTokens prompt and completion together
 * @param batch completions decoded at once; a sum may differ in its last digit between batches of different sizes
 * @param seed of the sampling
 */
public record SampleSettings(
        Model model,
        Data data,
        JsonNode grader,
        int samples,
        double temperature,
        int topK,
        double topP,
        int maxTotalTokens,
        int batch,
        long seed) {

    public SampleSettings {
        ConfigException.check(samples > 0, "samples", samples, "a positive number");
        ConfigException.check(
                temperature > 0 && Double.isFinite(temperature),
                "temperature",
                temperature,
                "a number above 0; the greedy completion is always there");
        ConfigException.check(topK >= 0, "top-k", topK, "0 (off) or more");
        ConfigException.check(topP > 0 && topP <= 1, "top-p", topP, "a number in (0, 1]");
        ConfigException.check(maxTotalTokens > 1, "max-total-tokens", maxTotalTokens, "more than 1");
        ConfigException.check(batch > 0, "batch", batch, "a positive number");
    }

    /**
     * Who answers.
     *
     * @param path where it lay; another place of the same files is the same model
     * @param fingerprint of its files
     * @param compute the type of products
     */
    public record Model(String path, String fingerprint, String compute) {}

    /**
     * What is asked.
     *
     * @param name of the dataset
     * @param split as {@code test}
     * @param cot {@code p} or {@code n}
     * @param questions how many
     * @param fingerprint of their texts and answers
     */
    public record Data(String name, String split, String cot, int questions, String fingerprint) {}

    /** Completions of one question that are stored, the greedy one included. */
    int lines() {
        return samples + 1;
    }

    /** Questions asked together: as many as fill a batch with their samples. */
    int together() {
        return Math.max(1, batch / samples);
    }

    SamplingConfig sampling() {
        return SamplingConfig.sampling(temperature, topK, topP, maxTotalTokens);
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("model")
                .put("path", model.path())
                .put("fingerprint", model.fingerprint())
                .put("compute", model.compute());
        json.putObject("data")
                .put("name", data.name())
                .put("split", data.split())
                .put("cot", data.cot())
                .put("questions", data.questions())
                .put("fingerprint", data.fingerprint());
        json.set("grader", grader);
        return json.put("samples", samples)
                .put("temperature", temperature)
                .put("top-k", topK)
                .put("top-p", topP)
                .put("max-total-tokens", maxTotalTokens)
                .put("batch", batch)
                .put("seed", seed);
    }

    /** Reads what {@link #json} wrote. */
    static SampleSettings of(JsonNode json) {
        JsonNode model = json.path("model");
        JsonNode data = json.path("data");
        return new SampleSettings(
                new Model(
                        model.path("path").asText(),
                        model.path("fingerprint").asText(),
                        model.path("compute").asText()),
                new Data(
                        data.path("name").asText(),
                        data.path("split").asText(),
                        data.path("cot").asText(),
                        data.path("questions").asInt(),
                        data.path("fingerprint").asText()),
                json.path("grader"),
                json.path("samples").asInt(),
                json.path("temperature").asDouble(),
                json.path("top-k").asInt(),
                json.path("top-p").asDouble(),
                json.path("max-total-tokens").asInt(),
                json.path("batch").asInt(),
                json.path("seed").asLong());
    }

    /**
     * Refuses to add to samples that were made otherwise.
     *
     * @param folder where these settings stand
     * @param wanted what is asked for now
     * @throws ConfigException that names the first difference
     */
    void requireSame(Path folder, SampleSettings wanted) {
        String remedy = "; choose another --out, or delete the folder";
        if (!model.fingerprint().equals(wanted.model().fingerprint())) {
            throw new ConfigException(folder + " holds samples of another model: they were made by " + model.path()
                    + " (" + model.fingerprint() + "), and " + wanted.model().path() + " is "
                    + wanted.model().fingerprint() + remedy);
        }
        ObjectNode here = flat(json());
        ObjectNode asked = flat(wanted.json());
        for (var entry : here.properties()) {
            JsonNode value = asked.path(entry.getKey());
            // As text, since a number that was read may be of another class than the same number given.
            if (!entry.getValue().toString().equals(value.toString())) {
                throw new ConfigException(folder + " holds samples made with other settings: " + entry.getKey() + " is "
                        + entry.getValue() + " there and " + value + " now; ask for the same"
                        + remedy.replaceFirst(";", ","));
            }
        }
    }

    /** Without what may differ, and with what is nested spelled {@code data.split}. */
    private static ObjectNode flat(ObjectNode json) {
        ObjectNode flat = JsonNodeFactory.instance.objectNode();
        for (var entry : json.properties()) {
            if (entry.getKey().equals("grader") || !entry.getValue().isObject()) {
                flat.set(entry.getKey(), entry.getValue());
            } else {
                entry.getValue()
                        .properties()
                        .forEach(field -> flat.set(entry.getKey() + "." + field.getKey(), field.getValue()));
            }
        }
        flat.remove("model.path");
        return flat;
    }
}
