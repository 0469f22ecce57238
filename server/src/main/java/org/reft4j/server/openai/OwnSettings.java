package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.reft4j.server.http.ApiError;

/**
 * The settings of reft4j that callers may give in the field {@code reft4j}: those of the algorithm. Whatever names a file, a model or a
 * program of the server's machine is the server's.
 */
final class OwnSettings {
    private static final Set<String> SECTIONS = Set.of(
            "lora",
            "rollout",
            "ppo",
            "loss",
            "reward",
            "optimizer",
            "evaluate",
            "guards",
            "overlong",
            "preference",
            "prompt");
    private static final Set<String> KEYS = Set.of(
            "recipe",
            "steps",
            "epochs",
            "batch",
            "max-tokens",
            "advantage",
            "refill",
            "critic",
            "critic-warmup",
            "critic-rate",
            "value-head",
            "passes",
            "control",
            "checkpoint-every",
            "micro-batch-tokens",
            "activation-checkpointing",
            "pairs-per-question",
            "model.compute",
            "data.cot",
            "data.fields",
            "lora");
    static final String RESPONSE_FORMAT = "prompt.response-format";

    /** Recipes of each method, the usual one first. */
    static final Map<String, List<String>> RECIPES = Map.of(
            "supervised",
            List.of("sft"),
            "dpo",
            List.of("dpo"),
            // From an instruct model without a warm-up a critic knows nothing, and its first advantages are noise for
            // hundreds of steps; the mean of a question's own answers is a baseline from the first step on.
            JobRequest.REINFORCEMENT,
            List.of("grpo", "reft", "online-self-training"));

    private OwnSettings() {}

    /** True if the key's value is an object, and not a section. */
    static boolean whole(String key) {
        return key.equals("data.fields") || key.equals(RESPONSE_FORMAT);
    }

    /** Refuses what is not a caller's to set. */
    static void check(Map<String, JsonNode> settings, String method) {
        settings.forEach((key, value) -> {
            int dot = key.indexOf('.');
            boolean known = KEYS.contains(key) || (dot > 0 && SECTIONS.contains(key.substring(0, dot)));
            if (!known) {
                throw ApiError.invalid(
                        "reft4j." + key,
                        "'reft4j." + key + "' is not a setting that a job may have; expected keys of "
                                + String.join(", ", SECTIONS.stream().sorted().toList()) + ", or one of "
                                + String.join(", ", KEYS.stream().sorted().toList()) + ".");
            }
            if (key.equals(RESPONSE_FORMAT) && !value.isObject()) {
                // A text would be the name of a file.
                throw ApiError.invalid(
                        "reft4j." + key,
                        "'reft4j." + key + "' is " + value + "; expected an object, as in response_format.");
            }
            if (key.equals("lora") && !(value.isNull() || value.isBoolean() || value.isEmpty())) {
                throw ApiError.invalid(
                        "reft4j.lora", "'reft4j.lora' is " + value + "; expected false, or keys such as lora.rank.");
            }
        });
        JsonNode recipe = settings.get("recipe");
        List<String> legal = RECIPES.getOrDefault(method, List.of());
        if (recipe != null && !legal.contains(recipe.asText())) {
            throw ApiError.invalid(
                    "reft4j.recipe",
                    "'reft4j.recipe' is " + recipe + "; expected " + String.join(" or ", legal) + " for method "
                            + method + ".");
        }
    }
}
