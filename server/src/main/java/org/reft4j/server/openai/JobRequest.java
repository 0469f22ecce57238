package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.http.ApiError;

/**
 * The body of a request that creates a job, checked by itself: without its files and its model.
 *
 * @param grader the grader's description as sent; missing for other methods than reinforcement
 * @param own settings of reft4j by dotted key, from the field {@code reft4j}
 */
record JobRequest(
        String model,
        String trainingFile,
        @Nullable String validationFile,
        String method,
        Hyperparameters hyperparameters,
        JsonNode grader,
        JsonNode responseFormat,
        Optional<Integer> seed,
        Map<String, String> metadata,
        Map<String, JsonNode> own) {
    static final String REINFORCEMENT = "reinforcement";
    private static final String SUPERVISED = "supervised";
    private static final List<String> METHODS = List.of(SUPERVISED, "dpo", REINFORCEMENT);
    private static final Set<String> FIELDS = Set.of(
            "model",
            "training_file",
            "validation_file",
            "method",
            "hyperparameters",
            "suffix",
            "seed",
            "integrations",
            "metadata",
            "reft4j",
            // Azure's, about prices.
            "trainingType",
            "training_type");
    private static final Set<String> METHOD_FIELDS =
            Set.of("hyperparameters", "grader", "response_format", "tools", "max_episode_steps");
    private static final int LONGEST_SUFFIX = 64;
    private static final int MOST_METADATA = 16;
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_CONTENT = 512;
    private static final int MOST_INTEGRATIONS = 5;

    /**
     * Reads a body.
     *
     * @throws ApiError that names the field at fault
     */
    static JobRequest of(ObjectNode body) {
        for (Map.Entry<String, JsonNode> entry : body.properties()) {
            if (!FIELDS.contains(entry.getKey())) {
                throw ApiError.invalid(
                        entry.getKey(),
                        "Unrecognized request argument supplied: " + entry.getKey()
                                + ". Settings of reft4j go into the object 'reft4j', such as {\"lora.rank\": 8}.");
            }
        }
        String method = method(body);
        JsonNode described = body.path("method").path(method);
        for (Map.Entry<String, JsonNode> entry : described.properties()) {
            if (!METHOD_FIELDS.contains(entry.getKey())) {
                String place = "method." + method + "." + entry.getKey();
                throw ApiError.invalid(place, "Unrecognized request argument supplied: " + place + ".");
            }
        }
        if (described.hasNonNull("tools")) {
            throw ApiError.invalid(
                    "method." + method + ".tools",
                    "This server trains on single completions: leave 'tools' out of the method. Tools in data rows are"
                            + " shown to the model.");
        }
        JsonNode format = described.path("response_format");
        if (!format.isMissingNode() && !format.isNull() && !format.isObject()) {
            throw ApiError.invalid(
                    "method." + method + ".response_format",
                    "'method." + method + ".response_format' must be an object, such as {\"type\": \"text\"}.");
        }
        integrations(body.path("integrations"));
        suffix(body.path("suffix"));
        return new JobRequest(
                text(body, "model", true),
                text(body, "training_file", true),
                optional(body, "validation_file"),
                method,
                hyperparameters(body, method, described),
                grader(method, described),
                described.path("response_format"),
                seed(body.path("seed")),
                metadata(body.path("metadata")),
                own(body.path("reft4j")));
    }

    private static String text(ObjectNode body, String field, boolean required) {
        JsonNode value = body.path(field);
        if (!value.isTextual() || value.asText().isBlank()) {
            throw ApiError.invalid(
                    field,
                    value.isMissingNode() && required
                            ? "You must provide the parameter '" + field + "'."
                            : "'" + field + "' is " + value + "; expected a string that is not empty.");
        }
        return value.asText();
    }

    private static @Nullable String optional(ObjectNode body, String field) {
        return body.hasNonNull(field) ? text(body, field, false) : null;
    }

    private static String method(ObjectNode body) {
        JsonNode method = body.path("method");
        if (method.isMissingNode() || method.isNull()) {
            return SUPERVISED;
        }
        String type = method.path("type").asText();
        if (!METHODS.contains(type)) {
            throw ApiError.invalid(
                    "method.type",
                    "'method.type' is " + (method.has("type") ? method.path("type") : "missing") + "; expected "
                            + String.join(", ", METHODS) + ".");
        }
        JsonNode described = method.path(type);
        if (!described.isMissingNode() && !described.isNull() && !described.isObject()) {
            throw ApiError.invalid("method." + type, "'method." + type + "' must be an object.");
        }
        return type;
    }

    private static Hyperparameters hyperparameters(ObjectNode body, String method, JsonNode described) {
        JsonNode old = body.path("hyperparameters");
        boolean outdated = !old.isMissingNode() && !old.isNull();
        if (outdated && !method.equals(SUPERVISED)) {
            throw ApiError.invalid(
                    "hyperparameters",
                    "'hyperparameters' beside 'method' is for supervised training; put them into 'method." + method
                            + ".hyperparameters'.");
        }
        return described.hasNonNull("hyperparameters") || !outdated
                ? Hyperparameters.read(
                        method, described.path("hyperparameters"), "method." + method + ".hyperparameters")
                : Hyperparameters.read(method, old, "hyperparameters");
    }

    private static JsonNode grader(String method, JsonNode described) {
        JsonNode grader = described.path("grader");
        if (method.equals(REINFORCEMENT) && !grader.isObject()) {
            throw ApiError.invalid(
                    "method.reinforcement.grader",
                    "'method.reinforcement.grader' is " + (grader.isMissingNode() ? "missing" : grader)
                            + "; expected an object such as {\"type\": \"string_check\", ...}.");
        }
        if (!method.equals(REINFORCEMENT) && grader.isObject()) {
            throw ApiError.invalid("method." + method + ".grader", "Only method reinforcement has a grader.");
        }
        return grader;
    }

    private static void suffix(JsonNode suffix) {
        if (suffix.isMissingNode() || suffix.isNull()) {
            return;
        }
        boolean plain = suffix.isTextual()
                && suffix.asText().matches("[A-Za-z0-9._-]+")
                && suffix.asText().length() <= LONGEST_SUFFIX;
        if (!plain) {
            throw ApiError.invalid(
                    "suffix",
                    "'suffix' is " + suffix + "; expected 1 to 64 letters, digits, dots, underscores and hyphens.");
        }
    }

    private static Optional<Integer> seed(JsonNode seed) {
        if (seed.isMissingNode() || seed.isNull()) {
            return Optional.empty();
        }
        if (!seed.isIntegralNumber() || !seed.canConvertToInt() || seed.asInt() < 0) {
            throw ApiError.invalid("seed", "'seed' is " + seed + "; expected a whole number from 0 to 2147483647.");
        }
        return Optional.of(seed.asInt());
    }

    private static void integrations(JsonNode integrations) {
        if (integrations.isMissingNode() || integrations.isNull()) {
            return;
        }
        if (!integrations.isArray() || integrations.size() > MOST_INTEGRATIONS) {
            throw ApiError.invalid("integrations", "'integrations' must be a list of at most 5 objects.");
        }
        for (JsonNode each : integrations) {
            if (!each.path("type").asText().equals("wandb")
                    || each.at("/wandb/project").asText().isBlank()) {
                throw ApiError.invalid(
                        "integrations",
                        "'integrations' holds " + each
                                + "; expected {\"type\": \"wandb\", \"wandb\": {\"project\": ...}}.");
            }
        }
    }

    static Map<String, String> metadata(JsonNode metadata) {
        if (metadata.isMissingNode() || metadata.isNull()) {
            return Map.of();
        }
        Map<String, String> read = new TreeMap<>();
        if (!metadata.isObject() || metadata.size() > MOST_METADATA) {
            throw ApiError.invalid("metadata", "'metadata' must be an object of at most 16 pairs of strings.");
        }
        for (Map.Entry<String, JsonNode> entry : metadata.properties()) {
            boolean fits = entry.getValue().isTextual()
                    && entry.getKey().length() <= LONGEST_NAME
                    && entry.getValue().asText().length() <= LONGEST_CONTENT;
            if (!fits) {
                throw ApiError.invalid(
                        "metadata." + entry.getKey(),
                        "'metadata." + entry.getKey()
                                + "' must be a string of at most 512 characters under a name of at most 64.");
            }
            read.put(entry.getKey(), entry.getValue().asText());
        }
        return read;
    }

    /** Settings by dotted key; sections may be objects too. */
    private static Map<String, JsonNode> own(JsonNode sent) {
        Map<String, JsonNode> settings = new TreeMap<>();
        if (sent.isMissingNode() || sent.isNull()) {
            return settings;
        }
        if (!sent.isObject()) {
            throw ApiError.invalid("reft4j", "'reft4j' must be an object, such as {\"lora.rank\": 8}.");
        }
        flatten("", sent, settings);
        return settings;
    }

    private static void flatten(String prefix, JsonNode node, Map<String, JsonNode> settings) {
        node.properties().forEach(entry -> {
            String key = prefix + entry.getKey();
            if (entry.getValue().isObject() && !entry.getValue().isEmpty() && !OwnSettings.whole(key)) {
                flatten(key + ".", entry.getValue(), settings);
            } else {
                settings.put(key, entry.getValue());
            }
        });
    }
}
