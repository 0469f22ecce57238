package org.reft4j.server.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.reft4j.server.http.ApiError;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.RolloutBin;
import org.reft4j.train.run.RolloutQuery;

/**
 * A list of rollouts.
 *
 * @param parts names of the parts of their rewards
 * @param total number of rollouts that the filter finds
 * @param any true if the run has rollouts
 * @param fault the reason why the filter cannot be used; empty for none
 */
record RolloutsPage(
        Work work,
        RolloutFilter filter,
        List<Row> rows,
        List<String> parts,
        List<Bar> bars,
        int total,
        boolean any,
        String fault) {
    private static final int EXCERPT = 110;
    static final List<String> GRADES = List.of("correct", "wrong", "no-answer", "scored", "failed");
    static final List<String> STOPS = List.of("end-of-text", "length", "stop-string", "prompt-too-long");

    /** A rollout with the texts of its row. */
    record Row(KeptRollout rollout, String address, String question, String completion) {
        static Row of(String work, KeptRollout rollout) {
            return new Row(
                    rollout,
                    RolloutPage.address(work, rollout),
                    Text.excerpt(rollout.question(), EXCERPT),
                    Text.excerpt(rollout.completion(), EXCERPT));
        }
    }

    /**
     * A bar of the histogram.
     *
     * @param x left end in percent of the width
     * @param y top, of 60
     * @param link the query of its rollouts
     */
    record Bar(double x, double width, double y, double height, String label, String link) {}

    static RolloutsPage of(Work work, Snapshot run, RolloutFilter filter, Totals totals) {
        List<String> parts = List.copyOf(new TreeSet<>(Charts.parts(List.of(new Charts.Named("", run)))));
        boolean any = run.rewarded() || !run.sameRewards().isEmpty();
        try {
            RolloutQuery query = filter.query();
            List<KeptRollout> found = run.run()
                    .rollouts(query.after(filter.page() * RolloutFilter.ROWS).first(RolloutFilter.ROWS));
            Totals.Found all = totals.of(run, query);
            return new RolloutsPage(
                    work,
                    filter,
                    found.stream().map(rollout -> Row.of(work.id(), rollout)).toList(),
                    parts,
                    bars(all.bars(), filter),
                    all.count(),
                    any || !found.isEmpty(),
                    "");
        } catch (ApiError e) {
            // Beside what was typed, which can be mended then.
            String fault = String.valueOf(e.getMessage());
            return new RolloutsPage(work, filter.firstPage(), List.of(), parts, List.of(), 0, true, fault);
        }
    }

    private static List<Bar> bars(List<RolloutBin> bins, RolloutFilter filter) {
        int most = bins.stream().mapToInt(RolloutBin::count).max().orElse(1);
        List<Bar> bars = new ArrayList<>();
        // Where all were paid the same there is one bar, which is as wide as one of many.
        double width = 100.0 / Math.max(Totals.BARS, bins.size());
        for (RolloutBin bin : bins) {
            // A bar of one rollout beside one of thousands is seen too.
            double height = bin.count() == 0 ? 0 : Math.max(2, 56.0 * bin.count() / most);
            bars.add(new Bar(
                    bars.size() * width,
                    width * 0.9,
                    60 - height,
                    height,
                    Text.plural(bin.count(), "rollout", "rollouts") + " with a reward from " + Text.number(bin.low())
                            + " to " + Text.number(bin.high()),
                    filter.with(Map.of("min", Double.toString(bin.low()), "max", Double.toString(bin.high())))));
        }
        return bars;
    }

    /** The words of the rows that are shown, such as {@code 51 to 100 of 2,400}. */
    String range() {
        int first = filter.page() * RolloutFilter.ROWS;
        return rows.isEmpty()
                ? "none"
                : Text.count(first + 1) + " to " + Text.count(first + rows.size()) + " of " + Text.count(total);
    }

    boolean hasNext() {
        return (filter.page() + 1) * RolloutFilter.ROWS < total;
    }

    /** The query of another page. */
    String page(int number) {
        return filter.with("page", Integer.toString(number));
    }

    String lowest() {
        return bars.isEmpty() ? "" : bars.getFirst().label();
    }
}
