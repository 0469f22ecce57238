package org.reft4j.train.sample;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.dataset.SplitRule;
import org.reft4j.task.source.DataSpec;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.ConfigException;

/**
 * The questions that a folder of samples answers, in their order.
 *
 * @param dataset that they are from
 */
public record SampledData(Dataset dataset, List<Question> questions) {
    /**
     * Opens the data again, those that the samples name unless others are given.
     *
     * @param data as they were given to {@code reft sample}; empty: as the samples say
     * @throws ConfigException if they are others
     */
    public static SampledData open(Path folder, SampleSettings settings, Optional<String> data) {
        SampleSettings.Data asked = settings.data();
        String named = data.orElse(asked.given());
        if (named.isEmpty()) {
            throw new ConfigException("data is missing: the samples of " + folder
                    + " do not say of which data they are; give the data of reft sample (" + asked.named() + ")");
        }
        DataSpec spec = DataSpec.of(named);
        // Options that were not given are taken from the samples' settings and their model's run.
        Optional<DataConfig> before = asked.given().isEmpty()
                ? Optional.empty()
                : Optional.of(DataSpec.of(asked.given()).config(asked.kind()));
        DataConfig config = before.filter(spec::names).map(spec::config).orElseGet(() -> spec.config(asked.kind()));
        Split split = Split.valueOf(asked.split().toUpperCase(Locale.ROOT));
        // Samples of earlier versions were made from the questions that these versions held out.
        for (SplitRule rule : SplitRule.values()) {
            Dataset dataset = Datasets.open(config, rule);
            List<Question> all = dataset.questions(split);
            if (asked.areFirstOf(all)) {
                return new SampledData(dataset, all.subList(0, asked.questions()));
            }
        }
        throw new ConfigException(
                "data is " + named + ", whose " + asked.split() + " questions are not those that the samples of "
                        + folder + " answer; give the data of reft sample (" + asked.named() + ")");
    }
}
