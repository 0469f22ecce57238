package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.train.run.Report.Labelled;
import org.reft4j.train.run.RunReader.Measured;
import org.reft4j.train.run.RunReader.Point;

/** Contents of a {@link Report}'s page: the figures of every run, and a selection of the model's texts. */
final class ReportContents {
    /** Points of one curve, over all runs: more cannot be told apart on a screen. */
    private static final int POINTS = 1200;

    /** Sections that describe something in a language of their own: read as they are written, not key by key. */
    private static final List<String> DESCRIPTIONS = List.of("grader", "step-grader", "models", "prompt");

    private static final MathContext DIGITS = new MathContext(5);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ReportContents() {}

    static JsonNode of(List<Labelled> runs, Optional<JsonNode> results) {
        ObjectNode contents = NODES.objectNode();
        results.ifPresent(node -> contents.set("results", node));
        ArrayNode nodes = contents.putArray("runs");
        for (Labelled run : runs) {
            nodes.add(run(run, runs.size()));
        }
        return contents;
    }

    /** Five significant digits: enough to read, a third of the size. */
    static JsonNode rounded(double value) {
        return Double.isFinite(value)
                ? NODES.numberNode(new BigDecimal(value).round(DIGITS).doubleValue())
                : NODES.nullNode();
    }

    private static ObjectNode run(Labelled labelled, int runs) {
        RunReader reader = labelled.run();
        ObjectNode node = NODES.objectNode().put("label", labelled.label());
        reader.outcome().ifPresent(outcome -> node.put("outcome", outcome.word()));
        ObjectNode texts = node.putObject("texts");
        DESCRIPTIONS.forEach(key -> reader.section(key).ifPresent(yaml -> texts.put(key, yaml)));
        ObjectNode settings = node.putObject("settings");
        reader.settings().forEach((key, value) -> {
            if (DESCRIPTIONS.stream().noneMatch(section -> key.startsWith(section + "."))) {
                settings.put(key, value);
            }
        });
        node.set("summary", summary(RunSummary.of(reader)));
        reader.environment().forEach(node.putObject("environment")::put);
        RewardScale scale = RewardScale.of(reader);
        node.putObject("scale").put("reward", scale.reward()).put("right", scale.right());
        int points = Math.max(2, POINTS / runs);
        node.set("metrics", curves(reader.metrics(), points));
        node.set("timings", curves(reader.timings(), points));
        ArrayNode evaluations = node.putArray("evaluations");
        for (Measured measured : reader.evaluations()) {
            ObjectNode evaluation = evaluations
                    .addObject()
                    .put("step", measured.step())
                    .put("split", measured.split())
                    .put("correct", measured.correct())
                    .put("total", measured.total());
            evaluation.set("accuracy", rounded(measured.accuracy()));
            evaluation.set("low", rounded(measured.low()));
            evaluation.set("high", rounded(measured.high()));
            evaluation.set("reward", rounded(measured.reward()));
        }
        ArrayNode warnings = node.putArray("warnings");
        reader.warnings()
                .forEach(warning ->
                        warnings.addObject().put("step", warning.step()).put("message", warning.message()));
        reader.best().ifPresent(best -> node.put("best", best.step()));
        ReportExcerpt.of(reader, runs).addTo(node);
        return node;
    }

    private static ObjectNode summary(RunSummary summary) {
        ObjectNode node = NODES.objectNode()
                .put("recipe", summary.recipe())
                .put("model", summary.model())
                .put("data", summary.data())
                .put("steps", summary.steps())
                .put("sampled", summary.sampled())
                .put("trained", summary.trained());
        node.set("seconds", rounded(summary.seconds()));
        summary.reward().ifPresent(reward -> {
            ObjectNode ends = node.putObject("reward").put("over", reward.over());
            ends.set("first", rounded(reward.first()));
            ends.set("last", rounded(reward.last()));
        });
        summary.baseline().ifPresent(measured -> node.set("baseline", measured(measured)));
        summary.best().ifPresent(measured -> node.set("best", measured(measured)));
        summary.last().ifPresent(measured -> node.set("last", measured(measured)));
        return node;
    }

    private static ObjectNode measured(Measured measured) {
        ObjectNode node = NODES.objectNode()
                .put("step", measured.step())
                .put("correct", measured.correct())
                .put("total", measured.total());
        node.set("accuracy", rounded(measured.accuracy()));
        node.set("low", rounded(measured.low()));
        node.set("high", rounded(measured.high()));
        return node;
    }

    private static ObjectNode curves(Map<String, List<Point>> series, int points) {
        ObjectNode curves = NODES.objectNode();
        series.forEach((name, values) -> curves.set(name, curve(values, points)));
        return curves;
    }

    /** Steps and values; if there are too many, neighbours are averaged and placed at the last of them. */
    private static ObjectNode curve(List<Point> values, int points) {
        int width = Math.ceilDiv(values.size(), points);
        ObjectNode curve = NODES.objectNode();
        curve.put("width", width);
        ArrayNode steps = curve.putArray("steps");
        ArrayNode averages = curve.putArray("values");
        for (int from = 0; from < values.size(); from += width) {
            List<Point> bin = values.subList(from, Math.min(values.size(), from + width));
            steps.add(bin.getLast().step());
            averages.add(
                    rounded(bin.stream().mapToDouble(Point::value).average().orElse(Double.NaN)));
        }
        return curve;
    }
}
