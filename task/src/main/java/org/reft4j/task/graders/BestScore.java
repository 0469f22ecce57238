package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.reft4j.task.grade.GraderFields;

/** The highest score that a description can give, as far as it says: programs, plug-ins and services are taken to give up to 1. */
final class BestScore {
    /** Beyond so many parts of a formula not every combination is looked at. */
    private static final int PARTS = 12;

    private BestScore() {}

    /** Types whose scale is their author's own. */
    private static final Set<String> FREE = Set.of("python", "java", "endpoint");

    /** True if nothing but the scores themselves says what the scale is. */
    static boolean free(JsonNode object) {
        return FREE.contains(object.path("type").asText());
    }

    static double of(JsonNode object) {
        return switch (object.path("type").asText()) {
            case "answer", "math" -> object.path("correct").asDouble(1);
            case "score_model" -> object.path("range").path(1).asDouble(1);
            case "multi" -> multi(object);
            default -> 1;
        };
    }

    /** The greatest value of the formula where each part is at its best or 0; 1 where none can be computed. */
    private static double multi(JsonNode object) {
        Map<String, Double> best = new LinkedHashMap<>();
        MultiGrader.parts(GraderFields.plain((ObjectNode) object, "grader"))
                .forEach((name, part) -> best.put(name, of(part)));
        List<String> names = new ArrayList<>(best.keySet());
        Formula formula = Formula.of(object.path("calculate_output").asText(), best.keySet());
        double greatest = Double.NEGATIVE_INFINITY;
        int last = (1 << Math.min(PARTS, names.size())) - 1;
        for (int chosen = 0; chosen <= last; chosen++) {
            Map<String, Double> values = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                boolean at = i >= PARTS || (chosen >> i & 1) == 1;
                values.put(names.get(i), at ? best.getOrDefault(names.get(i), 1.0) : 0.0);
            }
            greatest = Math.max(greatest, value(formula, values));
        }
        return Double.isFinite(greatest) ? greatest : 1;
    }

    private static double value(Formula formula, Map<String, Double> values) {
        try {
            return formula.value(values);
        } catch (Formula.FormulaException _) {
            return Double.NEGATIVE_INFINITY;
        }
    }
}
