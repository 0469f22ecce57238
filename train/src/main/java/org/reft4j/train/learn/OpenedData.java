package org.reft4j.train.learn;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.SplitRule;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunData;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.RecipeConfig;

/**
 * The data of a run, with the record of them that it stores.
 *
 * @param record the record as stored in the run's folder and with each of its models
 */
record OpenedData(Dataset data, RunData record) {
    /**
     * Opens the data, those of a run that goes on as it began with them, and records the splits in the run's folder.
     *
     * @throws org.reft4j.train.ConfigException if the run began with other questions
     */
    static OpenedData open(RecipeConfig config, Run run) {
        Optional<RunData> before = RunData.recorded(run.folder());
        // A run that is on its way without a record was begun by a version that held out by the text.
        SplitRule rule =
                before.map(RunData::rule).orElse(run.latest().isPresent() ? SplitRule.BY_TEXT : SplitRule.BY_SKELETON);
        Dataset data = Datasets.open(config.data(), rule);
        Set<String> earlier = before.map(RunData::earlier).orElseGet(() -> earlier(config));
        RunData now = RunData.of(config.data(), rule, config.evaluate().maxTotalTokens(), data, earlier);
        before.ifPresent(there -> there.requireSame(run.folder(), now));
        run.opened(now);
        if (run.latest().isEmpty()) {
            warn(data, earlier, run);
        }
        return new OpenedData(data, now);
    }

    /** Ids of the questions that the starting models were trained on, as far as that is recorded. */
    private static Set<String> earlier(RecipeConfig config) {
        Set<String> prints = new HashSet<>();
        for (ModelSource source : config.sources().values()) {
            String path = source.path();
            if (path != null && Files.exists(Path.of(path))) {
                RunData.of(Path.of(path)).map(RunData::trained).ifPresent(prints::addAll);
            }
        }
        return prints;
    }

    private static void warn(Dataset data, Set<String> earlier, Run run) {
        long known = data.validation().stream()
                .filter(question -> earlier.contains(question.print()))
                .count();
        if (known > 0) {
            run.emit(new RunEvent.Warned(
                    0,
                    known + " of " + data.validation().size()
                            + " validation questions are among those that the model was"
                            + " trained on with which the run begins: validation will look better than it is; give both"
                            + " runs the same data settings, or train that model again"));
        }
    }
}
