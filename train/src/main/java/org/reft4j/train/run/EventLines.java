package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.statistics.interval.Interval;
import org.reft4j.train.measure.Evaluation;

/**
 * Events as lines of {@code metrics.jsonl} (only what is the same in every repetition of the run) and {@code timings.jsonl} (only what is
 * not).
 */
final class EventLines {
    static final String STARTED = "started";
    static final String STEP = "step";
    static final String EVALUATION = "evaluation";
    static final String WARNING = "warning";
    static final String FINISHED = "finished";

    private EventLines() {}

    /** The reproducible part; empty for events that are not kept there. */
    static Optional<ObjectNode> metrics(RunEvent event) {
        return switch (event) {
            case RunEvent.Started started ->
                Optional.of(line(STARTED, event).put("steps", started.steps()).put("recipe", started.recipe()));
            case RunEvent.Stepped stepped -> {
                ObjectNode line = line(STEP, event);
                // Sorted: the order of an unmodifiable map differs from process to process.
                new TreeMap<>(stepped.metrics()).forEach((name, value) -> number(line, name, value));
                yield Optional.of(line);
            }
            case RunEvent.Evaluated evaluated -> Optional.of(evaluation(evaluated));
            case RunEvent.Warned warned -> Optional.of(line(WARNING, event).put("message", warned.message()));
            case RunEvent.Finished finished ->
                Optional.of(
                        line(FINISHED, event).put("outcome", finished.outcome().word()));
            case RunEvent.RolledOut _, RunEvent.Saved _, RunEvent.Progress _, RunEvent.Noted _ -> Optional.empty();
        };
    }

    /** The part of an event that depends on the clock; empty for events without one. */
    static Optional<ObjectNode> timings(RunEvent event, Instant wall) {
        return switch (event) {
            case RunEvent.Stepped stepped -> {
                ObjectNode line = line(STEP, event).put("wall", wall.toString());
                new TreeMap<>(stepped.timings()).forEach((name, value) -> number(line, name, value));
                yield Optional.of(line);
            }
            case RunEvent.Evaluated evaluated -> {
                Evaluation evaluation = evaluated.evaluation();
                ObjectNode line =
                        line(EVALUATION, event).put("split", evaluated.split()).put("wall", wall.toString());
                number(line, "seconds", evaluation.seconds());
                number(line, "tokens-per-second", evaluation.tokens() / evaluation.seconds());
                evaluation.judged().forEach((name, value) -> number(line, name, value));
                yield Optional.of(line);
            }
            default -> Optional.empty();
        };
    }

    /** The numbers of a line by name, without its step; a figure that was not measured is left out. */
    static Map<String, Double> numbers(JsonNode line) {
        Map<String, Double> numbers = new TreeMap<>();
        line.properties().forEach(field -> {
            double value = number(field.getValue());
            if (!field.getKey().equals("step") && !Double.isNaN(value)) {
                numbers.put(field.getKey(), value);
            }
        });
        return numbers;
    }

    /** Reads what {@link #number(ObjectNode, String, double)} wrote; NaN for everything else. */
    static double number(JsonNode value) {
        if (value.isNumber()) {
            return value.doubleValue();
        }
        return switch (value.asText()) {
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> Double.NaN;
        };
    }

    /** JSON has no word for what is not finite: NaN becomes null, infinities their names. */
    static void number(ObjectNode line, String name, double value) {
        if (Double.isNaN(value)) {
            line.putNull(name);
        } else if (Double.isInfinite(value)) {
            line.put(name, Double.toString(value));
        } else {
            line.put(name, value);
        }
    }

    private static ObjectNode evaluation(RunEvent.Evaluated evaluated) {
        Evaluation evaluation = evaluated.evaluation();
        ObjectNode line = line(EVALUATION, evaluated)
                .put("split", evaluated.split())
                .put("correct", evaluation.correct())
                .put("total", evaluation.total());
        number(line, "accuracy", evaluation.accuracy());
        if (evaluation.total() > 0) {
            Interval interval = evaluation.interval();
            number(line, "low", interval.getLowerBound());
            number(line, "high", interval.getUpperBound());
        }
        number(line, "answered", evaluation.answeredShare());
        number(line, "reward", evaluation.reward());
        new TreeMap<>(evaluation.parts()).forEach((name, mean) -> number(line, "grade/" + name, mean));
        evaluation.losses().forEach((name, value) -> number(line, name, value));
        return line.put("tokens", evaluation.tokens());
    }

    private static ObjectNode line(String name, RunEvent event) {
        return JsonNodeFactory.instance.objectNode().put("event", name).put("step", event.step());
    }
}
