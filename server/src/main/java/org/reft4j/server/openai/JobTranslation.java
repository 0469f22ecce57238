package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.files.Json;

/**
 * A request's hyperparameters as settings of a run. {@code auto} is resolved from the data; settings that the caller gives in the field
 * {@code reft4j} come last and win.
 *
 * @param hyperparameters all of the method, with numbers for {@code auto}
 * @param settings of the run, by dotted key
 * @param remarks for the caller, on what hyperparameters that the API leaves open mean here
 */
record JobTranslation(ObjectNode hyperparameters, ObjectNode settings, List<String> remarks) {
    /** Learning rates of whole weights at a multiplier of 1: the recipes' own. Adapters take ten times that. */
    private static final Map<String, Double> RATES =
            Map.of("sft", 1e-5, "dpo", 1e-6, "grpo", 1e-6, "reft", 3e-7, "online-self-training", 3e-7);

    private static final int ADAPTERS_FASTER = 10;
    private static final String BATCH = "batch_size";
    private static final String EPOCHS = "n_epochs";
    private static final String RATE = "learning_rate_multiplier";
    private static final int ROUNDING = 64;
    private static final int LEAST_COMPLETION = 16;
    /** An estimate on the safe side: most tokenizers take three or four characters a token. */
    private static final int CHARACTERS_A_TOKEN = 2;

    private static final int TEMPLATE_TOKENS = 64;
    private static final int SAMPLES = 8;
    private static final int MOST_SAMPLES = 64;
    private static final int MEASURES = 10;

    /** Tokens of a completion by how much the model is to think. */
    private static final Map<String, Integer> COMPLETIONS =
            Map.of("low", 256, "default", 512, "medium", 512, "high", 1024);

    /**
     * Translates a request.
     *
     * @param grader as it is run here; missing without one
     * @param judges models that the grader asks, by name; empty for none
     */
    static JobTranslation of(JobRequest request, long seed, JobFacts facts, JsonNode grader, ObjectNode judges) {
        ObjectNode resolved = request.hyperparameters().values().deepCopy();
        ObjectNode settings = Json.PLAIN.createObjectNode();
        String recipe = Optional.ofNullable(request.own().get("recipe"))
                .map(JsonNode::asText)
                .orElse(OwnSettings.RECIPES
                        .getOrDefault(request.method(), List.of("sft"))
                        .getFirst());
        settings.put("recipe", recipe)
                .put("seed", seed)
                .put("model.path", facts.model().toString());
        settings.put("data.path", facts.training().toString())
                .put("data.cot", "n")
                .put("data.test", 0);
        if (facts.validation().isPresent()) {
            settings.put("data.validation", facts.validation().get().toString());
        } else {
            settings.put("data.validation", 0);
        }
        settings.put("checkpoint-every", "2m");
        List<String> remarks = new ArrayList<>(request.hyperparameters().remarks());
        Numbers numbers = new Numbers(request.hyperparameters(), facts, resolved);
        switch (request.method()) {
            case "supervised" -> numbers.supervised(settings);
            case "dpo" -> numbers.preferences(settings);
            default -> {
                numbers.reinforcement(settings, request.hyperparameters(), recipe, remarks);
                settings.set("grader", grader);
                if (request.responseFormat().isObject()) {
                    settings.set(OwnSettings.RESPONSE_FORMAT, request.responseFormat());
                }
                if (!judges.isEmpty()) {
                    settings.set("models", judges);
                }
            }
        }
        boolean adapters = adapters(request, facts, settings);
        BigDecimal rate = BigDecimal.valueOf(RATES.getOrDefault(recipe, 1e-6))
                .multiply(BigDecimal.valueOf(numbers.multiplier()))
                .multiply(BigDecimal.valueOf(adapters ? ADAPTERS_FASTER : 1));
        settings.put("optimizer.learning-rate", rate.doubleValue());
        own(request, settings);
        return new JobTranslation(resolved, settings, remarks);
    }

    /** Whole weights where the caller says so; else adapters, which several tuned models of one base share. */
    private static boolean adapters(JobRequest request, JobFacts facts, ObjectNode settings) {
        JsonNode lora = request.own().get("lora");
        if (lora != null && !lora.asBoolean(false) && !lora.isObject()) {
            return false;
        }
        Map<String, String> adapter = facts.adapter().orElse(Map.of("lora.rank", "16"));
        adapter.forEach((key, value) -> {
            switch (key) {
                case "lora.rank", "lora.alpha" -> settings.put(key, new BigDecimal(value));
                case "lora.rslora" -> settings.put(key, Boolean.parseBoolean(value));
                default -> settings.put(key, value);
            }
        });
        return true;
    }

    private static void own(JobRequest request, ObjectNode settings) {
        request.own().forEach((key, value) -> {
            if (!key.equals("lora")) {
                settings.set(key, value);
            }
        });
    }

    /** Numbers for {@code auto}, which are written into what is shown. */
    private record Numbers(Hyperparameters sent, JobFacts facts, ObjectNode resolved) {
        double multiplier() {
            return resolved.path(RATE).asDouble();
        }

        private int whole(String name, double auto) {
            int value = (int) Math.round(sent.number(name).orElse(auto));
            resolved.put(name, value);
            return value;
        }

        private double number(String name, double auto) {
            double value = sent.number(name).orElse(auto);
            if (value == Math.rint(value)) {
                resolved.put(name, (int) value);
            } else {
                resolved.put(name, value);
            }
            return value;
        }

        /** As OpenAI's guides describe: three passes, more over few rows, and about a 500th of the rows at once. */
        void supervised(ObjectNode settings) {
            int batch = whole(BATCH, Math.min(facts.rows(), Math.clamp(facts.rows() / 500, 4, 64)));
            int epochs = whole(EPOCHS, Math.clamp(Math.ceilDiv(100, facts.rows()), 3, 25));
            var _ = number(RATE, 1);
            settings.put("batch", batch).put("epochs", epochs);
            settings.put("max-tokens", tokens(facts.longestRow()));
            settings.put("evaluate.every", Math.ceilDiv(facts.rows(), batch));
            settings.put("evaluate.token-accuracy", true);
            settings.put("evaluate.max-total-tokens", total(COMPLETIONS.getOrDefault("low", 0)));
        }

        void preferences(ObjectNode settings) {
            int batch = whole(BATCH, Math.min(facts.rows(), Math.clamp(facts.rows() / 100, 4, 32)));
            int epochs = whole(EPOCHS, Math.clamp(Math.ceilDiv(100, facts.rows()), 1, 10));
            var _ = number(RATE, 1);
            settings.put("samples.path", facts.training().toString());
            settings.put("preference.beta", number("beta", 0.1));
            settings.put("batch", batch).put("epochs", epochs);
            settings.put("max-tokens", tokens(facts.longestRow()));
            settings.put("evaluate.every", Math.ceilDiv(facts.rows(), batch));
            settings.put("evaluate.token-accuracy", true);
            settings.put("evaluate.max-total-tokens", total(COMPLETIONS.getOrDefault("low", 0)));
        }

        void reinforcement(ObjectNode settings, Hyperparameters hyperparameters, String recipe, List<String> remarks) {
            int batch = whole(BATCH, Math.min(facts.rows(), 16));
            // Twenty steps at the least: fewer show nothing.
            int epochs = whole(EPOCHS, Math.clamp(Math.ceilDiv(20 * batch, facts.rows()), 1, 10));
            var _ = number(RATE, 1);
            int steps = Math.max(1, Math.ceilDiv(facts.rows() * epochs, batch));
            int samples = Math.clamp(Math.round(SAMPLES * number("compute_multiplier", 1)), 2, MOST_SAMPLES);
            int interval = whole("eval_interval", Math.max(1, Math.rint((double) steps / MEASURES)));
            int answers = whole("eval_samples", 1);
            settings.put("evaluate.samples", answers);
            settings.put("steps", steps);
            settings.put("rollout.questions", batch).put("rollout.samples", samples);
            int total = total(COMPLETIONS.getOrDefault(hyperparameters.text("reasoning_effort"), 512));
            if (sent.number("compute_multiplier").isPresent()) {
                remarks.add("compute_multiplier: a step samples " + samples + " answers of each question");
            }
            if (answers > 1) {
                remarks.add("eval_samples: each validation question is answered " + answers
                        + " times, sampled as in training; their mean counts");
            }
            if (!hyperparameters.text("reasoning_effort").equals("default")) {
                remarks.add("reasoning_effort: an answer has at most " + (total - prompt())
                        + " tokens; models here have no other way to think less");
            }
            settings.put("rollout.max-prompt-tokens", Math.min(prompt(), total - 1));
            settings.put("rollout.max-total-tokens", total);
            settings.put("evaluate.every", interval);
            if (recipe.equals("online-self-training")) {
                settings.put("max-tokens", tokens(facts.longestRow()));
            }
        }

        /** Tokens that a text takes at the most, in steps that do not tell its length. */
        private int tokens(int characters) {
            int tokens = characters / CHARACTERS_A_TOKEN + TEMPLATE_TOKENS;
            return Math.min(facts.contextLength(), Math.ceilDiv(tokens, ROUNDING) * ROUNDING);
        }

        private int prompt() {
            return Math.max(1, Math.min(tokens(facts.longestPrompt()), facts.contextLength() - LEAST_COMPLETION));
        }

        private int total(int completion) {
            return Math.min(facts.contextLength(), prompt() + completion);
        }
    }
}
