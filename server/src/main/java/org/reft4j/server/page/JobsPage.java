package org.reft4j.server.page;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.reft4j.train.run.RunReader.Measured;

/** The list of jobs and runs. */
record JobsPage(List<Row> rows, List<Alert> alerts) {
    /**
     * A job or run.
     *
     * @param reward at both ends; empty where nothing was paid
     * @param best the measurement of the best checkpoint; empty where nothing was measured
     * @param line of its rewards, for a small picture; empty without two points
     */
    record Row(Work work, String steps, String reward, String best, String line) {
        static Row of(Work work) {
            Optional<Snapshot> run = work.snapshot();
            return new Row(
                    work,
                    run.map(each -> each.summary().steps() + (each.steps() > 0 ? " / " + each.steps() : ""))
                            .orElse(""),
                    run.flatMap(each -> each.summary().reward())
                            .map(ends -> Text.number(ends.first()) + " → " + Text.number(ends.last()))
                            .orElse(""),
                    run.flatMap(each -> each.summary()
                                    .best()
                                    .or(() -> each.summary().last()))
                            .map(Row::words)
                            .orElse(""),
                    run.map(each -> Charts.sparkline(each.points(each.rewarded() ? "reward" : "loss")))
                            .orElse(""));
        }

        private static String words(Measured measured) {
            String right = Text.percent(measured.accuracy()) + " (" + Text.number(100 * measured.low()) + " to "
                    + Text.number(100 * measured.high()) + ")";
            // Where right answers alone are paid, the reward says the same again.
            return Double.isNaN(measured.reward()) || measured.reward() == measured.accuracy()
                    ? right
                    : right + ", reward " + Text.number(measured.reward());
        }
    }

    static JobsPage of(List<Work> works) {
        return new JobsPage(works.stream().map(Row::of).toList(), Alert.of(works, Instant.now()));
    }
}
