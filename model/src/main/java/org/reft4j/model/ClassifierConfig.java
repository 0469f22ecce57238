package org.reft4j.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.reft4j.model.decoder.ModelFamily;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;

/** Conversion between {@code config.json} of a language model and that of a two-class classifier on the same layers. */
public final class ClassifierConfig {
    private static final String ARCHITECTURES = "architectures";
    private static final String LANGUAGE = "ForCausalLM";
    private static final String CLASSIFIER = "ForSequenceClassification";
    /** Names that do not follow the rule. CodeGen has no classifier in transformers. */
    private static final Map<String, Optional<String>> IRREGULAR = Map.of(
            "GPT2LMHeadModel", Optional.of("GPT2" + CLASSIFIER),
            "Gemma3ForCausalLM", Optional.of("Gemma3Text" + CLASSIFIER),
            "CodeGenForCausalLM", Optional.empty());

    private ClassifierConfig() {}

    /** The classifier's name of each family that has one, by the language model's. */
    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        for (ModelFamily family : ModelFamilies.ALL) {
            for (String language : family.architectures()) {
                IRREGULAR
                        .getOrDefault(language, Optional.of(language.replace(LANGUAGE, CLASSIFIER)))
                        .ifPresent(name -> names.put(language, name));
            }
        }
        return names;
    }

    /** Tells a classifier's configuration, of any family, from a language model's. */
    public static boolean is(ModelConfig config) {
        return config.architecture().endsWith(CLASSIFIER);
    }

    /**
     * The classifier's configuration: its architecture, and names of the classes 0 and 1.
     *
     * @param language of a language model
     * @throws UnsupportedModelException if transformers has no classifier of this family
     */
    static ModelConfig of(ModelConfig language) {
        String name = names().get(language.architecture());
        if (name == null) {
            throw new UnsupportedModelException(language.source() + ": there is no classifier of a "
                    + language.architecture() + "; known are those of "
                    + String.join(", ", names().keySet()));
        }
        ObjectNode json = language.json().deepCopy();
        json.putArray(ARCHITECTURES).add(name);
        json.putObject("id2label").put("0", "wrong").put("1", "correct");
        json.putObject("label2id").put("wrong", 0).put("correct", 1);
        return new ModelConfig(json, language.source(), language.generation());
    }

    /**
     * Configuration of the classifier's layers, as a language model's whose output matrix is the embedding: a classifier has none of its own.
     *
     * @throws FormatException if it is no classifier's
     */
    static ModelConfig languageModel(ModelConfig classifier) {
        String name = classifier.architecture();
        String language = names().entrySet().stream()
                .filter(entry -> entry.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new FormatException(classifier.source() + ": the architecture is " + name
                        + ", and a reward model's is one of " + String.join(", ", names().values())
                        + "; train one with the recipe reward-model"));
        ObjectNode json = classifier.json().deepCopy();
        json.putArray(ARCHITECTURES).add(language);
        json.put("tie_word_embeddings", true);
        return new ModelConfig(json, classifier.source(), classifier.generation());
    }
}
