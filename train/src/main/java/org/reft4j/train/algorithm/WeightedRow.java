package org.reft4j.train.algorithm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.StoredSamplesConfig;

/**
 * A training row for one completion, with its reward and weight.
 *
 * @param question index of its question
 * @param right true if it counts as right
 * @param weight its weight in the loss
 */
public record WeightedRow(int question, Row row, double reward, boolean right, double weight) {
    /**
     * Chooses the completions to train on.
     *
     * @param groups the samples of each question
     * @param perQuestion most completions of one question, chosen at random; 0 for all
     * @param weights computes the weights of one question's graded samples from their rewards
     * @throws ConfigException if there is none
     */
    static List<WeightedRow> of(
            List<List<ScoredSample>> groups,
            StoredSamplesConfig config,
            int perQuestion,
            UnaryOperator<double[]> weights,
            SampleRows rows,
            Run run) {
        Seeds seeds = new Seeds(config.seed());
        List<WeightedRow> chosen = new ArrayList<>();
        int leftOut = 0;
        for (int q = 0; q < groups.size(); q++) {
            List<ScoredSample> graded =
                    groups.get(q).stream().filter(ScoredSample::graded).toList();
            double[] found = weights.apply(
                    graded.stream().mapToDouble(ScoredSample::reward).toArray());
            List<WeightedRow> all = new ArrayList<>();
            for (int i = 0; i < found.length; i++) {
                ScoredSample sample = graded.get(i);
                Optional<Row> row = rows.row(sample);
                if (row.isPresent()) {
                    all.add(new WeightedRow(q, row.get(), sample.reward(), sample.right(), found[i]));
                }
            }
            leftOut += groups.get(q).size() - all.size();
            int[] order = seeds.permutation(all.size(), Seeds.Purpose.KEEP, q);
            chosen.addAll(SampleRows.atMost(perQuestion == 0 ? all.size() : perQuestion, all, order));
        }
        String left = String.format(
                Locale.ROOT,
                "%d samples were left out: not graded, empty, or longer than max-tokens %d",
                leftOut,
                rows.maxTokens());
        if (chosen.isEmpty()) {
            throw new ConfigException("samples.path is " + config.samples().path()
                    + ", in which there is no sample to learn from: " + left + "; sample again, or raise max-tokens");
        }
        if (leftOut > 0) {
            run.emit(new RunEvent.Warned(0, left));
        }
        return chosen;
    }

    /** The figures of a batch, by the names that docs/algorithms/preference.md explains. */
    static Map<String, Double> figures(List<WeightedRow> some) {
        double weights = some.stream().mapToDouble(WeightedRow::weight).sum();
        double squares =
                some.stream().mapToDouble(each -> each.weight() * each.weight()).sum();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(
                "reward",
                some.stream().mapToDouble(WeightedRow::reward).average().orElseThrow());
        figures.put("weight-mean", weights / some.size());
        figures.put(
                "weight-max",
                some.stream().mapToDouble(WeightedRow::weight).max().orElseThrow());
        figures.put("effective-samples", weights * weights / squares);
        figures.put("tokens", (double)
                some.stream().mapToLong(each -> each.row().length()).sum());
        return figures;
    }
}
