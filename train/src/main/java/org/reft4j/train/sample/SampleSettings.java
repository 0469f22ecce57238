package org.reft4j.train.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.reft4j.ground.settings.Fields;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;

/**
 * Settings that determine the contents of a folder of samples. All samples of a folder have the same settings.
 *
 * @param model the model that answers
 * @param data the questions
 * @param grader its description, and that of models that judge; {@code "answer"} for the paper's comparison
 * @param samples number of samples per question, besides the greedy completion
 * @param temperature above 0
 * @param topK 0 for all tokens
 * @param topP 1 for all tokens
 * @param maxTotalTokens longest prompt and completion together, in tokens
 * @param batch number of completions generated at once; recorded because batches of different sizes round differently
 * @param seed seed of the sampling
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
    private static final int MOST_SAMPLES = 100_000;

    /** Optional fields of a description of data. */
    private static final String GIVEN = "given";

    private static final String TRAINED = "trained";

    public SampleSettings {
        ConfigException.check(
                samples > 0 && samples <= MOST_SAMPLES,
                "samples",
                samples,
                "a number from 1 to " + MOST_SAMPLES
                        + ": all samples of a question are held in memory until it is stored");
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
     * The model that answers.
     *
     * @param path its place at that time; the same files in another place are the same model
     * @param fingerprint the fingerprint of its files
     * @param compute the type of matrix products
     */
    public record Model(String path, String fingerprint, String compute) {}

    /**
     * The questions that are asked.
     *
     * @param name the name of the dataset
     * @param split such as {@code test}
     * @param cot {@code p} or {@code n}
     * @param questions number of questions
     * @param fingerprint the fingerprint of their texts and answers
     * @param given the data in the words in which they were given; empty if that is not recorded
     * @param trained ids of questions outside the training split that the model was nevertheless trained on
     */
    public record Data(
            String name,
            String split,
            String cot,
            int questions,
            String fingerprint,
            String given,
            List<String> trained) {
        static final String TRAIN = "train";

        public Data {
            trained = List.copyOf(trained);
        }

        public Data(String name, String split, String cot, int questions, String fingerprint) {
            this(name, split, cot, questions, fingerprint, "", List.of());
        }

        /** The kind of the chains of thought. */
        public Cot kind() {
            return cot.equals(Cot.PROGRAM.letter()) ? Cot.PROGRAM : Cot.PROSE;
        }

        /** True for questions of the training split. */
        public boolean forTraining() {
            return split.equals(TRAIN);
        }

        /** True if the sampled questions are the first of these, text for text. */
        public boolean areFirstOf(List<Question> all) {
            return all.size() >= questions
                    && Fingerprint.of(all.subList(0, questions)).equals(fingerprint);
        }

        /** The data in words, for a message that asks to give them again. */
        public String named() {
            return given.isEmpty() ? name + ", with the options that it had then" : given;
        }
    }

    /** The same of another model. */
    public SampleSettings of(Model other) {
        return new SampleSettings(other, data, grader, samples, temperature, topK, topP, maxTotalTokens, batch, seed);
    }

    /** Completions of one question that are stored, the greedy one included. */
    int lines() {
        return samples + 1;
    }

    /** Number of questions sampled together: as many as fill a batch with their samples. */
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
        ObjectNode asked = json.putObject("data")
                .put("name", data.name())
                .put("split", data.split())
                .put("cot", data.cot())
                .put("questions", data.questions())
                .put("fingerprint", data.fingerprint());
        if (!data.given().isEmpty()) {
            asked.put(GIVEN, data.given());
        }
        if (!data.trained().isEmpty()) {
            data.trained().forEach(asked.putArray(TRAINED)::add);
        }
        json.set("grader", grader);
        return json.put("samples", samples)
                .put("temperature", temperature)
                .put("top-k", topK)
                .put("top-p", topP)
                .put("max-total-tokens", maxTotalTokens)
                .put("batch", batch)
                .put("seed", seed);
    }

    /**
     * Reads what {@link #json} wrote.
     *
     * @throws ConfigException if something is missing, or is not what it may be
     */
    static SampleSettings of(JsonNode json) {
        Fields all = new Fields(json, "", SampleSettings::refuse);
        Fields model = all.part("model");
        Fields data = all.part("data");
        ConfigException.check(json.has("grader"), "grader", "missing", "who judged the samples");
        return new SampleSettings(
                new Model(model.text("path"), model.text("fingerprint"), model.text("compute")),
                new Data(
                        data.text("name"),
                        data.choice("split", List.of(Data.TRAIN, "validation", "test"), " or "),
                        data.choice("cot", List.of("p", "n"), " or "),
                        integer(data, "questions"),
                        data.text("fingerprint"),
                        data.text(GIVEN, ""),
                        data.given(TRAINED).valueStream().map(JsonNode::asText).toList()),
                json.path("grader"),
                integer(all, "samples"),
                all.number("temperature"),
                integer(all, "top-k"),
                all.number("top-p"),
                integer(all, "max-total-tokens"),
                integer(all, "batch"),
                all.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE));
    }

    private static int integer(Fields fields, String key) {
        return (int) fields.whole(key, Integer.MIN_VALUE, Integer.MAX_VALUE, "a whole number");
    }

    private static void refuse(String key, JsonNode value, String expected) {
        String shown = value.isMissingNode() ? "missing" : value.isTextual() ? value.textValue() : value.toString();
        throw new ConfigException("", key, shown, expected, null);
    }

    /**
     * Refuses to add to samples that were made with other settings.
     *
     * @param folder the folder of these settings
     * @param wanted the settings that are asked for now
     * @throws ConfigException that names the first difference
     */
    void requireSame(Path folder, SampleSettings wanted) {
        String remedy = "; choose another folder, or delete this one";
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
        flat.remove("data." + GIVEN);
        flat.remove("data." + TRAINED);
        return flat;
    }
}
