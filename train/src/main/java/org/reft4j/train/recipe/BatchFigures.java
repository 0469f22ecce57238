package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import org.reft4j.train.run.RunEvent;

/**
 * What is told of a step that was one update on one batch.
 *
 * @param own the recipe's figures by name; {@code tokens} among them also says how fast it was
 * @param rate of learning
 * @param norm of the gradient, before clipping
 * @param epoch how many are over
 * @param seconds that the update took
 */
record BatchFigures(Map<String, Double> own, double rate, double norm, double epoch, double seconds) {
    RunEvent.Stepped at(int step, int steps) {
        Map<String, Double> metrics = new LinkedHashMap<>(own);
        metrics.put("learning-rate", rate);
        metrics.put("gradient-norm", norm);
        metrics.put("epoch", epoch);
        Map<String, Double> timings = new LinkedHashMap<>();
        timings.put("seconds", seconds);
        if (own.containsKey("tokens")) {
            timings.put("train-tokens-per-second", own.get("tokens") / seconds);
        }
        return new RunEvent.Stepped(step, steps, metrics, timings);
    }
}
