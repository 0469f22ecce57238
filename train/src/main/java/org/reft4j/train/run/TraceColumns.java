package org.reft4j.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.ground.files.Json;
import org.reft4j.train.rollout.KeptRollout.TokenTrace;

/** Per-token figures as a JSON object of equally long columns, which SQLite's JSON functions can read too. */
final class TraceColumns {
    private TraceColumns() {}

    static String encode(List<TokenTrace> trace) {
        ObjectNode columns = Json.PLAIN.createObjectNode();
        ArrayNode pieces = columns.putArray("pieces");
        ArrayNode logprobs = columns.putArray("logprobs");
        ArrayNode references = columns.putArray("reference-logprobs");
        ArrayNode values = columns.putArray("values");
        ArrayNode advantages = columns.putArray("advantages");
        for (TokenTrace token : trace) {
            pieces.add(token.piece());
            add(logprobs, token.logprob());
            add(references, token.referenceLogprob());
            add(values, token.value());
            add(advantages, token.advantage());
        }
        return columns.toString();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws RunException if it is something else
     */
    static List<TokenTrace> decode(String text) {
        try {
            JsonNode columns = Json.PLAIN.readTree(text);
            List<TokenTrace> trace = new ArrayList<>();
            for (int i = 0; i < columns.path("pieces").size(); i++) {
                trace.add(new TokenTrace(
                        columns.path("pieces").path(i).asText(),
                        number(columns, "logprobs", i),
                        number(columns, "reference-logprobs", i),
                        number(columns, "values", i),
                        number(columns, "advantages", i)));
            }
            return trace;
        } catch (JsonProcessingException e) {
            throw new RunException("a trace in rollouts.sqlite is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static void add(ArrayNode column, float value) {
        if (Float.isFinite(value)) {
            column.add(value);
        } else {
            column.addNull();
        }
    }

    private static float number(JsonNode columns, String name, int index) {
        JsonNode value = columns.path(name).path(index);
        return value.isNumber() ? value.floatValue() : Float.NaN;
    }
}
