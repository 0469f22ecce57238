package org.reft4j.train.algorithm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.Place;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.Batch;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.sample.ScoredSample;

/** Pairs of a right and a wrong completion of one question. */
public final class Pairs {
    private final List<Pair> pairs = new ArrayList<>();
    private int oneSided;
    private int tooLong;
    private int leftOut;

    private Pairs() {}

    /** Both rows have the same prompt. */
    record Pair(Row chosen, Row rejected) {
        /** A row as long as both rows together. */
        private Row line() {
            return new Row(chosen.prompt(), chosen.completion().concat(rejected.completion()));
        }
    }

    /**
     * Chooses pairs: of each question at most {@code perQuestion}, at random and each once. Completions of the same tokens count once.
     *
     * @param groups the samples of each question
     * @throws ConfigException if there is no pair
     */
    static List<Pair> of(List<List<ScoredSample>> groups, DpoRecipe.Settings config, SampleRows rows, Run run) {
        Pairs found = new Pairs();
        Seeds seeds = new Seeds(config.seed());
        for (int q = 0; q < groups.size(); q++) {
            List<Pair> all = found.all(groups.get(q), rows);
            int[] order = seeds.permutation(all.size(), Seeds.Purpose.KEEP, q);
            found.pairs.addAll(SampleRows.atMost(config.pairsPerQuestion(), all, order));
        }
        String left = String.format(
                Locale.ROOT,
                "%d of %d questions make no pair, since their samples are all right or all wrong, and %d since each pair has a"
                        + " sample longer than max-tokens %d; %d samples were left out: not graded, empty, or longer than that",
                found.oneSided,
                groups.size(),
                found.tooLong,
                rows.maxTokens(),
                found.leftOut);
        if (found.pairs.isEmpty()) {
            throw new ConfigException(
                    "samples.path is " + config.samples().path() + ", in which there is no pair to learn from: " + left
                            + (found.tooLong > 0
                                    ? "; raise max-tokens"
                                    : "; sample more of each question, at a higher temperature"));
        }
        if (found.oneSided + found.tooLong + found.leftOut > 0) {
            run.emit(new RunEvent.Warned(0, left));
        }
        return found.pairs;
    }

    /** All pairs of a validation file that fit into a row; the order is the file's. */
    static List<Pair> heldOut(List<List<ScoredSample>> groups, SampleRows rows) {
        Pairs found = new Pairs();
        return groups.stream().flatMap(group -> found.all(group, rows).stream()).toList();
    }

    private List<Pair> all(List<ScoredSample> samples, SampleRows rows) {
        Set<Row> right = rows(samples, true, rows);
        Set<Row> wrong = rows(samples, false, rows);
        List<Pair> all = new ArrayList<>();
        for (Row chosen : right) {
            // Equal tokens that were graded unequally say nothing.
            wrong.stream()
                    .filter(rejected -> !rejected.equals(chosen))
                    .forEach(rejected -> all.add(new Pair(chosen, rejected)));
        }
        List<Pair> fitting = all.stream()
                .filter(pair -> rows.fits(pair.chosen()) && rows.fits(pair.rejected()))
                .toList();
        oneSided += all.isEmpty() ? 1 : 0;
        tooLong += fitting.isEmpty() && !all.isEmpty() ? 1 : 0;
        return fitting;
    }

    /** Those of one side, too long ones included; counts what will not be learned from. */
    private Set<Row> rows(List<ScoredSample> samples, boolean right, SampleRows rows) {
        Set<Row> distinct = new LinkedHashSet<>();
        for (ScoredSample sample : samples) {
            if (sample.graded() && sample.right() != right) {
                continue;
            }
            List<Row> row = sample.graded() ? rows.whole(sample).stream().toList() : List.of();
            leftOut += row.stream().noneMatch(rows::fits) && (sample.graded() || right) ? 1 : 0;
            distinct.addAll(row);
        }
        return distinct;
    }

    /** The chosen rows of some pairs, then the rejected ones. */
    public static List<Row> rows(List<Pair> pairs) {
        return Stream.concat(pairs.stream().map(Pair::chosen), pairs.stream().map(Pair::rejected))
                .toList();
    }

    /** Pairs as a batch: both rows of a pair go through the model together; of a part first the chosen rows, then the rejected ones. */
    static Batch batch(List<Pair> pairs) {
        return new Batch() {
            @Override
            public List<int[]> parts(Place place, int tokens) {
                return Rows.groups(place, pairs.stream().map(Pair::line).toList(), tokens);
            }

            @Override
            public List<Row> rows(int[] items) {
                return Pairs.rows(Arrays.stream(items).mapToObj(pairs::get).toList());
            }
        };
    }

    /**
     * The scores of some pairs, of their chosen rows and then of their rejected ones.
     *
     * @param of indices of the pairs
     * @param all scores of all pairs, in that order too
     */
    static double[] scores(int[] of, int pairs, double[] all) {
        return IntStream.concat(Arrays.stream(of), Arrays.stream(of).map(i -> pairs + i))
                .mapToDouble(i -> all[i])
                .toArray();
    }

    /** The rows' lengths in completion tokens. */
    static int[] lengths(List<Row> rows) {
        return rows.stream().mapToInt(row -> row.completion().size()).toArray();
    }
}
