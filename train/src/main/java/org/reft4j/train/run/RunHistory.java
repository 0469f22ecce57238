package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Records of a run up to its newest checkpoint.
 *
 * @param metrics lines of {@code metrics.jsonl}
 * @param timings lines of {@code timings.jsonl}
 */
record RunHistory(List<JsonNode> metrics, List<JsonNode> timings) {
    /** Said by shares and speeds already. */
    private static final Set<String> COUNTS = Set.of("correct", "total", "tokens");

    /** Cuts both files back to {@code lastStep}, -1 for nothing, and reads what is left. */
    static RunHistory cut(Path folder, int lastStep) {
        Path metrics = folder.resolve(Recording.METRICS);
        Path timings = folder.resolve(Recording.TIMINGS);
        // A run that goes on is not finished: the line comes again at its new end.
        LineFile.keep(
                metrics,
                line -> step(line) <= lastStep && !line.path("event").asText().equals(EventLines.FINISHED));
        LineFile.keep(timings, line -> step(line) <= lastStep);
        return new RunHistory(LineFile.read(metrics), LineFile.read(timings));
    }

    /** Writes it all to a fresh TensorBoard file, at the times at which it happened. */
    void replay(TensorBoardFile board) {
        Map<String, Instant> walls = new HashMap<>();
        timings.forEach(
                line -> walls.put(moment(line), Instant.parse(line.path("wall").asText())));
        for (List<JsonNode> lines : List.of(metrics, timings)) {
            for (JsonNode line : lines) {
                Instant wall = walls.get(moment(line));
                if (wall != null) {
                    board.scalars(step(line), wall, tags(line));
                }
            }
        }
    }

    /** The numbers of a line by their TensorBoard tags. */
    static Map<String, Double> tags(JsonNode line) {
        boolean timing = line.has("wall");
        String group = switch (line.path("event").asText()) {
            case EventLines.STEP -> timing ? "time/" : "train/";
            case EventLines.EVALUATION ->
                (timing ? "time/" : "eval/") + line.path("split").asText() + "-";
            default -> "";
        };
        boolean step = line.path("event").asText().equals(EventLines.STEP);
        Map<String, Double> tags = new TreeMap<>();
        if (!group.isEmpty()) {
            EventLines.numbers(line).forEach((name, value) -> {
                if (step || !COUNTS.contains(name)) {
                    tags.put(group + name, value);
                }
            });
        }
        return tags;
    }

    private static int step(JsonNode line) {
        return line.path("step").asInt();
    }

    private static String moment(JsonNode line) {
        return line.path("event").asText() + " " + step(line) + " "
                + line.path("split").asText();
    }
}
