package org.reft4j.train.settings;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.train.sample.ScoredSample;

/** The configuration of a recipe that trains on stored samples only. */
public interface StoredSamplesConfig extends RecipeConfig {
    /** Settings that these recipes share. */
    StoredSettings stored();

    /** Name of the training items in plural, such as {@code pairs}. */
    String unit();

    /** The largest number of training items from one question's samples; fewer if rows are left out. */
    long units(List<ScoredSample> ofQuestion);

    default SamplesConfig samples() {
        return stored().samples();
    }

    default int batch() {
        return stored().batch();
    }

    default double epochs() {
        return stored().epochs();
    }

    default int maxTokens() {
        return stored().maxTokens();
    }

    @Override
    default String samplesPath() {
        return samples().path();
    }

    @Override
    default @Nullable SamplesConfig ownSamples() {
        return samples().mismatch() == SamplesConfig.Mismatch.REFUSE ? samples() : null;
    }

    /** Memory is planned for pairs. */
    @Override
    default UpdateSize update() {
        return new UpdateSize(batch(), 2L * batch(), maxTokens());
    }

    /** The largest number of completions that a question's samples give, each an item. */
    static long completions(List<ScoredSample> ofQuestion, int most) {
        long graded = ofQuestion.stream().filter(ScoredSample::graded).count();
        return most == 0 ? graded : Math.min(most, graded);
    }

    /** Default values: those that these recipes share, overridden by the recipe's own. */
    static Map<String, Object> defaults(String name, Map<String, Object> own) {
        Map<String, Object> defaults = new HashMap<>(Map.ofEntries(
                Map.entry("samples", Map.of("mismatch", "refuse")),
                Map.entry("epochs", 1.0),
                Map.entry("max-tokens", 1024),
                Map.entry("evaluate", EvaluateConfig.DEFAULT)));
        defaults.putAll(own);
        return RecipeConfig.defaults(name, defaults);
    }
}
