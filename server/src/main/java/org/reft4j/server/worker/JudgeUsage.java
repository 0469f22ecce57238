package org.reft4j.server.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tokens of the models that judged in a step, in the words of OpenAI's API.
 *
 * @param training of the step's completions, as a run tells them
 * @param measuring of the validation answers
 */
record JudgeUsage(Map<String, Double> training, Map<String, Double> measuring) {
    private static final String NAME = "judge-tokens/";

    /**
     * Writes {@code model_graders_token_usage} and {@code usage.graders}.
     *
     * @param graders by name
     * @param rollouts completions of the step
     * @param answers to validation questions
     */
    void write(ObjectNode data, Map<String, JsonNode> graders, int rollouts, int answers) {
        ObjectNode models = data.putObject("model_graders_token_usage");
        for (String model : models()) {
            ObjectNode usage = models.putObject(model);
            for (String kind : new String[] {"prompt", "completion", "cached"}) {
                usage.put("train_" + kind + "_tokens", tokens(training, model, kind));
                usage.put("eval_" + kind + "_tokens", tokens(measuring, model, kind));
            }
        }
        ArrayNode each = data.withObject("/usage").putArray("graders");
        graders.forEach((name, grader) -> {
            String model = grader.path("model").asText();
            if (model.isEmpty() || grader.path("type").asText().equals("text_similarity")) {
                return;
            }
            // Tokens are counted by model: graders that share one have their sum.
            ObjectNode usage = each.addObject()
                    .put("name", name)
                    .put("type", grader.path("type").asText())
                    .put("model", model);
            for (String kind : new String[] {"prompt", "completion"}) {
                mean(usage, "train_" + kind, tokens(training, model, kind), rollouts);
                mean(usage, "valid_" + kind, tokens(measuring, model, kind), answers);
            }
        });
    }

    private static void mean(ObjectNode usage, String name, long tokens, int of) {
        if (of == 0) {
            usage.putNull(name + "_tokens_mean");
        } else {
            usage.put(name + "_tokens_mean", (double) tokens / of);
        }
        usage.put(name + "_tokens_count", of);
    }

    private Set<String> models() {
        Set<String> models = new TreeSet<>();
        for (Map<String, Double> figures : List.of(training, measuring)) {
            figures.keySet().stream()
                    .filter(name -> name.startsWith(NAME))
                    .forEach(name -> models.add(name.substring(NAME.length(), name.lastIndexOf('/'))));
        }
        return models;
    }

    private static long tokens(Map<String, Double> figures, String model, String kind) {
        return Math.round(figures.getOrDefault(NAME + model + "/" + kind, 0.0));
    }
}
