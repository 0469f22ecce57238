package org.reft4j.experiment;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.run.RunReader.Point;

/**
 * Cost of a run up to a step.
 *
 * @param steps done
 * @param samples number of completions sampled in training
 * @param tokens number of tokens of those completions
 * @param seconds time of training without evaluations, added up over all interruptions
 */
public record RunCost(double steps, double samples, double tokens, double seconds) {
    /** The cost of the whole run so far. */
    public static RunCost of(RunReader run) {
        return at(run).values().stream().reduce((_, last) -> last).orElse(new RunCost(0, 0, 0, 0));
    }

    /** The cost up to every recorded step, by step, from 0. */
    public static TreeMap<Integer, RunCost> at(RunReader run) {
        Map<Integer, Integer> counts = run.rolloutCounts();
        TreeMap<Integer, Double> lengths = byStep(run.metrics().getOrDefault("length-mean", List.of()));
        TreeMap<Integer, Double> seconds = byStep(run.timings().getOrDefault("seconds", List.of()));
        TreeMap<Integer, RunCost> costs = new TreeMap<>();
        RunCost sum = new RunCost(0, 0, 0, 0);
        costs.put(0, sum);
        // Some steps only sample, others only update.
        TreeSet<Integer> steps = new TreeSet<>(seconds.keySet());
        steps.addAll(lengths.keySet());
        for (int step : steps) {
            int samples = counts.getOrDefault(step, 0);
            double length = lengths.getOrDefault(step, 0.0);
            sum = new RunCost(
                    step,
                    sum.samples + samples,
                    sum.tokens + Math.rint(samples * length),
                    sum.seconds + seconds.getOrDefault(step, 0.0));
            costs.put(step, sum);
        }
        return costs;
    }

    private static TreeMap<Integer, Double> byStep(List<Point> points) {
        TreeMap<Integer, Double> values = new TreeMap<>();
        points.forEach(point -> values.put(point.step(), point.value()));
        return values;
    }

    public RunCost plus(RunCost other) {
        return new RunCost(
                steps + other.steps, samples + other.samples, tokens + other.tokens, seconds + other.seconds);
    }

    /** The mean of several. */
    public static RunCost mean(List<RunCost> costs) {
        RunCost sum = costs.stream().reduce(new RunCost(0, 0, 0, 0), RunCost::plus);
        double n = Math.max(1, costs.size());
        return new RunCost(sum.steps / n, sum.samples / n, sum.tokens / n, sum.seconds / n);
    }
}
