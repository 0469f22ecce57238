package org.reft4j.task.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.ground.text.OneLine;

/**
 * Embedding model at {@code /embeddings} of a server that speaks OpenAI's API, as many do.
 *
 * @param service that address
 * @param model as the server calls it
 */
public record OpenAiEmbedding(JsonService service, String model) implements EmbeddingModel {
    @Override
    public Reply embed(List<String> texts, Duration timeout) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", model);
        texts.forEach(body.putArray("input")::add);
        body.put("encoding_format", "float");
        return switch (service.post(body, timeout)) {
            case JsonService.Outcome.Replied(JsonNode reply) -> read(reply.path("data"), texts.size());
            case JsonService.Outcome.Silent(String reason) -> new Reply.Silent(reason);
            case JsonService.Outcome.Broken(String reason) -> new Reply.Broken(reason);
            case JsonService.Outcome.Rubbish(String reason) -> new Reply.Broken(reason);
        };
    }

    private Reply read(JsonNode data, int texts) {
        List<double[]> vectors = new ArrayList<>();
        for (JsonNode each : data) {
            vectors.add(vector(each.path("embedding")));
        }
        boolean whole = vectors.size() == texts
                && vectors.stream().allMatch(v -> v.length > 0 && v.length == vectors.getFirst().length);
        return whole
                ? new Reply.Vectors(vectors)
                : new Reply.Broken("the reply of model " + model + " does not hold " + texts
                        + " embeddings of one length under data: " + OneLine.of(data.toString()));
    }

    /** Empty where it is none. */
    private static double[] vector(JsonNode numbers) {
        double[] vector = new double[numbers.size()];
        for (int i = 0; i < vector.length; i++) {
            if (!numbers.path(i).isNumber()) {
                return new double[0];
            }
            vector[i] = numbers.get(i).doubleValue();
        }
        return vector;
    }
}
