package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;

/**
 * Hyperparameters of a method as they were sent: numbers, or {@code auto} where the server chooses.
 *
 * @param values every hyperparameter of the method
 * @param remarks on those of other services that have no effect here
 */
record Hyperparameters(ObjectNode values, List<String> remarks) {
    static final String AUTO = "auto";
    private static final String BATCH = "batch_size";
    private static final String RATE = "learning_rate_multiplier";
    private static final String EPOCHS = "n_epochs";
    private static final String EFFORT = "reasoning_effort";
    private static final List<String> EFFORTS = List.of("default", "low", "medium", "high");

    private static final Map<String, Range> RANGES = Map.of(
            BATCH,
            new Range(true, 1, 256),
            RATE,
            new Range(false, Double.MIN_VALUE, Double.MAX_VALUE),
            EPOCHS,
            new Range(true, 1, 50),
            "beta",
            new Range(false, Double.MIN_VALUE, 2),
            "compute_multiplier",
            new Range(false, 1.0e-5, 10),
            "eval_interval",
            new Range(true, 1, Integer.MAX_VALUE),
            "eval_samples",
            new Range(true, 1, Integer.MAX_VALUE));

    /** Those of each method, in the order in which they are shown. */
    private static final Map<String, List<String>> OF = Map.of(
            "supervised", List.of(BATCH, RATE, EPOCHS),
            "dpo", List.of(BATCH, RATE, EPOCHS, "beta"),
            "reinforcement",
                    List.of(BATCH, RATE, EPOCHS, EFFORT, "compute_multiplier", "eval_interval", "eval_samples"));

    /** Values that a hyperparameter may have. */
    private record Range(boolean whole, double least, double most) {
        boolean allows(JsonNode value) {
            double number = value.asDouble(Double.NaN);
            return value.isNumber()
                    && Double.isFinite(number)
                    && (!whole || number == Math.rint(number))
                    && number >= least
                    && number <= most;
        }

        String words() {
            String kind = whole ? "a whole number" : "a number";
            if (least == Double.MIN_VALUE) {
                return kind + " above 0" + (most == Double.MAX_VALUE ? "" : " and at most " + shown(most));
            }
            return kind
                    + (most == Integer.MAX_VALUE
                            ? " of " + shown(least) + " or more"
                            : " from " + shown(least) + " to " + shown(most));
        }

        private static String shown(double number) {
            return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
        }
    }

    /**
     * Reads and checks them.
     *
     * @param sent missing or null for none
     * @param place of the object in the request, as errors name it
     */
    static Hyperparameters read(String method, JsonNode sent, String place) {
        List<String> names = OF.getOrDefault(method, List.of());
        if (!sent.isMissingNode() && !sent.isNull() && !sent.isObject()) {
            throw ApiError.invalid(place, "'" + place + "' must be an object.");
        }
        Map<String, JsonNode> given = new TreeMap<>();
        sent.properties().forEach(entry -> given.put(entry.getKey(), entry.getValue()));
        List<String> remarks = given.remove("l2_multiplier") == null || !method.equals("dpo")
                ? List.of()
                : List.of(
                        "l2_multiplier has no effect: it is Azure's; optimizer.weight-decay of the field reft4j is like it");
        ObjectNode values = Json.PLAIN.createObjectNode();
        for (String name : names) {
            JsonNode value = Optional.ofNullable(given.remove(name))
                    .filter(each -> !each.isNull())
                    .orElse(null);
            if (value == null) {
                values.put(name, name.equals(EFFORT) ? "default" : AUTO);
            } else {
                check(name, value, place + "." + name);
                values.set(name, value);
            }
        }
        if (!given.isEmpty()) {
            String name = given.keySet().iterator().next();
            throw ApiError.invalid(
                    place + "." + name,
                    "Unknown hyperparameter '" + name + "' of method " + method + "; expected "
                            + String.join(", ", names) + ".");
        }
        return new Hyperparameters(values, remarks);
    }

    private static void check(String name, JsonNode value, String place) {
        if (name.equals(EFFORT)) {
            if (!EFFORTS.contains(value.asText())) {
                throw ApiError.invalid(
                        place, "'" + place + "' is " + value + "; expected " + String.join(", ", EFFORTS) + ".");
            }
            return;
        }
        Range range = RANGES.get(name);
        if (range != null && !value.asText().equals(AUTO) && !range.allows(value)) {
            throw ApiError.invalid(place, "'" + place + "' is " + value + "; expected auto, or " + range.words() + ".");
        }
    }

    /** A number, unless the server is to choose. */
    Optional<Double> number(String name) {
        JsonNode value = values.path(name);
        return value.isNumber() ? Optional.of(value.asDouble()) : Optional.empty();
    }

    String text(String name) {
        return values.path(name).asText();
    }
}
