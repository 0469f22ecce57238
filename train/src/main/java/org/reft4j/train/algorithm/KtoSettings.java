package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.settings.KeyOrder;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.KtoWeights;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.SamplesConfig;
import org.reft4j.train.settings.StoredSamplesConfig;

/**
 * Kahneman-Tversky optimisation (arXiv:2402.01306) on samples that are right or wrong by themselves.
 *
 * @param samples the stored samples to train on
 * @param samplesPerQuestion most samples used of one question, chosen at random; 0 for all
 * @param batch completions per optimiser step
 * @param epochs passes over the completions; may be a fraction
 * @param maxTokens longest prompt and completion together, in tokens; longer ones are left out
 */
@KeyOrder(RunSettings.PASSES)
public record KtoSettings(
        @JsonUnwrapped RunSettings run,
        @JsonUnwrapped PolicySettings policy,
        SamplesConfig samples,
        int samplesPerQuestion,
        KtoWeights kto,
        int batch,
        double epochs,
        int maxTokens)
        implements StoredSamplesConfig {

    /** Default values; the optimiser's are those of the DPO paper, with AdamW. */
    public static final Map<String, Object> DEFAULTS = StoredSamplesConfig.defaults(
            "kto",
            Map.ofEntries(
                    Map.entry("samples-per-question", 0),
                    Map.entry("kto", KtoWeights.KTO),
                    Map.entry("batch", 32),
                    Map.entry("optimizer", OptimizerConfig.SFT.withRate(1e-6))));

    public KtoSettings {
        ConfigException.check(samplesPerQuestion >= 0, "samples-per-question", samplesPerQuestion, "0 (all) or more");
        StoredSamplesConfig.check(run, batch, epochs, maxTokens);
    }

    @Override
    public String unit() {
        return "completions";
    }

    @Override
    public long units(List<ScoredSample> ofQuestion) {
        return StoredSamplesConfig.completions(ofQuestion, samplesPerQuestion);
    }
}
