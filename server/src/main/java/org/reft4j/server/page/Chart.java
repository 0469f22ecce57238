package org.reft4j.server.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import org.reft4j.ground.files.Json;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunReader.Measured;
import org.reft4j.train.run.RunReader.Point;

/**
 * A chart over the steps.
 *
 * @param id of the figure that it shows, such as {@code reward}
 * @param about one sentence
 * @param main true for those that people look at first
 * @param percent true if values are shares
 * @param marked a step that stands out: that of the chosen checkpoint
 */
record Chart(
        String id, String title, String about, boolean main, boolean percent, List<Line> lines, OptionalInt marked) {
    /** Points of one curve: more cannot be told apart on a screen. */
    private static final int POINTS = 1200;

    /**
     * A curve.
     *
     * @param colour from 0; curves of one job have the same on all charts
     * @param low lower ends of intervals, as many as points, or none
     */
    record Line(String name, int colour, boolean smooth, List<Point> points, List<Double> low, List<Double> high) {
        static Line of(String name, int colour, List<Point> points) {
            return new Line(name, colour, points.size() > 10, points, List.of(), List.of());
        }

        /** Measured shares with their 95 % intervals. */
        static Line measured(String name, int colour, List<Measured> measured) {
            return new Line(
                    name,
                    colour,
                    false,
                    measured.stream()
                            .map(each -> new Point(each.step(), each.accuracy()))
                            .toList(),
                    measured.stream().map(Measured::low).toList(),
                    measured.stream().map(Measured::high).toList());
        }
    }

    JsonNode json() {
        ObjectNode chart = Json.PLAIN
                .createObjectNode()
                .put("id", id)
                .put("title", title)
                .put("about", about)
                .put("main", main)
                .put("percent", percent);
        marked.ifPresent(step -> chart.put("marked", step));
        ArrayNode curves = chart.putArray("lines");
        for (Line line : lines) {
            ObjectNode curve = curves.addObject()
                    .put("name", line.name())
                    .put("colour", line.colour())
                    .put("smooth", line.smooth());
            ArrayNode steps = curve.putArray("steps");
            ArrayNode values = curve.putArray("values");
            int width = Math.max(1, Math.ceilDiv(line.points().size(), POINTS));
            for (int from = 0; from < line.points().size(); from += width) {
                List<Point> bin =
                        line.points().subList(from, Math.min(line.points().size(), from + width));
                steps.add(bin.getLast().step());
                values.add(Results.number(Snapshot.mean(bin)));
            }
            curve.put("width", width);
            if (!line.low().isEmpty() && width == 1) {
                line.low().forEach(curve.putArray("low")::add);
                line.high().forEach(curve.putArray("high")::add);
            }
        }
        return chart;
    }
}
