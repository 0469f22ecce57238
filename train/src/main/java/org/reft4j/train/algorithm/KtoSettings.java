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
import org.reft4j.train.settings.StoredSamplesConfig;
import org.reft4j.train.settings.StoredSettings;

/**
 * Kahneman-Tversky optimisation (arXiv:2402.01306) on samples that are right or wrong by themselves.
 *
 * @param samplesPerQuestion most samples used of one question, chosen at random; 0 for all
 */
@KeyOrder(RunSettings.PASSES)
public record KtoSettings(
        @JsonUnwrapped RunSettings run,
        @JsonUnwrapped PolicySettings policy,
        @JsonUnwrapped StoredSettings stored,
        int samplesPerQuestion,
        KtoWeights kto)
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
        run.requireWriter();
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
