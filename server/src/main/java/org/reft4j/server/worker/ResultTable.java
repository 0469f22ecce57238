package org.reft4j.server.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.reft4j.ground.files.Json;

/** The figures of a job's steps, and the table of them that callers download: plain CSV, nested names joined by slashes. */
final class ResultTable {
    private static final List<String> SUPERVISED = List.of(
            "step",
            "train_loss",
            "train_accuracy",
            "train_mean_token_accuracy",
            "valid_loss",
            "valid_accuracy",
            "valid_mean_token_accuracy",
            "full_valid_loss",
            "full_valid_mean_token_accuracy");
    private static final List<String> REINFORCEMENT = List.of(
            "step",
            "train_mean_reward",
            "full_valid_mean_reward",
            "completion_tokens_mean",
            "reasoning_tokens_mean",
            "mean_unresponsive_rewards");

    private final boolean reinforcement;
    private final NavigableMap<Integer, ObjectNode> steps = new TreeMap<>();

    ResultTable(boolean reinforcement) {
        this.reinforcement = reinforcement;
    }

    /** Adds a step, or replaces it: a resumed run does its last steps again. */
    void put(ObjectNode data) {
        steps.put(data.path("step").asInt(), data);
    }

    /** The figures of a step; empty if they are not known. */
    ObjectNode at(int step) {
        ObjectNode data = steps.get(step);
        return data == null ? Json.PLAIN.createObjectNode().put("step", step) : data;
    }

    /** Tokens trained on so far. */
    long tokens() {
        return steps.values().stream()
                .mapToLong(data -> data.path("step_tokens").asLong())
                .sum();
    }

    /** Seconds of training so far. */
    double seconds() {
        return steps.values().stream()
                .mapToDouble(data -> data.at("/reft4j/seconds").asDouble())
                .sum();
    }

    /** The whole table. */
    String csv() {
        List<Map<String, String>> rows =
                steps.values().stream().map(ResultTable::flat).toList();
        Set<String> columns = new LinkedHashSet<>(reinforcement ? REINFORCEMENT : SUPERVISED);
        rows.forEach(row -> columns.addAll(row.keySet()));
        List<String> lines = new ArrayList<>();
        lines.add(columns.stream().map(ResultTable::cell).collect(Collectors.joining(",")));
        rows.forEach(row -> lines.add(
                columns.stream().map(column -> row.getOrDefault(column, "")).collect(Collectors.joining(","))));
        return String.join("\n", lines) + "\n";
    }

    private static Map<String, String> flat(ObjectNode data) {
        Map<String, String> row = new LinkedHashMap<>();
        flat("", data, row);
        return row;
    }

    private static void flat(String prefix, JsonNode node, Map<String, String> row) {
        if (node.isArray()) {
            node.forEach(each -> flat(prefix + each.path("name").asText("-") + "/", each, row));
            return;
        }
        node.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (value.isContainerNode()) {
                flat(prefix + entry.getKey() + "/", value, row);
            } else if (value.isNumber()) {
                row.put(prefix + entry.getKey(), value.asText());
            }
        });
    }

    private static String cell(String text) {
        return text.matches("[^,\"\r\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }
}
