package org.reft4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Datasets;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.train.ConfigException;
import org.reft4j.train.sample.SampleSettings;

/**
 * The questions that a folder of samples answers, in their order.
 *
 * @param dataset that they are from
 */
record SampledData(Dataset dataset, List<Question> questions) {
    /**
     * Opens the data again.
     *
     * @param data as they were given to {@code reft sample}
     * @throws ConfigException if they are others
     */
    static SampledData open(Path folder, SampleSettings settings, String data) {
        Dataset dataset = Datasets.open(data, settings.data().kind());
        Split split = Split.valueOf(settings.data().split().toUpperCase(Locale.ROOT));
        List<Question> all = dataset.questions(split);
        if (!settings.data().areFirstOf(all)) {
            throw new ConfigException(
                    "--data is " + data + ", whose " + settings.data().split()
                            + " questions are not those that the samples of " + folder
                            + " answer; give the data of reft sample ("
                            + settings.data().named() + ")");
        }
        return new SampledData(dataset, all.subList(0, settings.data().questions()));
    }
}
