package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.http.ApiError;
import org.reft4j.task.judge.PublicNames;

/**
 * Graders as callers describe them, made ready to run on this machine: those of other services become ours, and whatever would reach
 * further than a caller may is refused.
 *
 * @param models models that judge by the names that graders use, as in the configuration of a run; {@code null} for none
 * @param lambdas addresses of services by the name of Amazon's function that they stand for
 * @param privateAddresses true if endpoints may lie in private networks and on this machine
 */
public record GraderForms(@Nullable JsonNode models, Map<String, String> lambdas, boolean privateAddresses) {
    private static final int NAME_LETTERS = 12;

    /** Keys that name a place on the server's machine, and why a caller needs none. */
    private static final Map<String, String> OPERATORS = Map.of(
            "interpreter", "a job's Python runs in the server's sandbox",
            "classpath", "classes come from the server's own folder",
            "wordnet", "it names a folder of the server");

    public GraderForms {
        lambdas = Map.copyOf(lambdas);
    }

    /** The models that judge, for a run's settings. */
    ObjectNode judges(JsonNode grader) {
        boolean asks = grader.findValuesAsText("type").stream()
                .anyMatch(type -> List.of("score_model", "label_model", "process_reward_model")
                                .contains(type)
                        || type.equals("text_similarity"));
        return asks && models instanceof ObjectNode map ? map.deepCopy() : Json.PLAIN.createObjectNode();
    }

    /**
     * The description to run.
     *
     * @param place of the grader in the request
     * @throws ApiError for what is not a caller's to ask
     */
    JsonNode ready(JsonNode grader, String place) {
        if (!(grader instanceof ObjectNode described)) {
            throw ApiError.invalid(
                    place, "'" + place + "' must be an object, such as {\"type\": \"string_check\", ...}.");
        }
        ObjectNode ready = described.deepCopy();
        for (ObjectNode each : all(ready)) {
            prepare(each, place);
        }
        return ready;
    }

    /** The grader, and those of a multi in any of its three forms, however deep. */
    private static List<ObjectNode> all(ObjectNode grader) {
        List<ObjectNode> all = new ArrayList<>(List.of(grader));
        JsonNode graders = grader.path("graders");
        if (graders instanceof ObjectNode single && single.path("type").isTextual()) {
            all.addAll(all(single));
        } else {
            graders.forEach(each -> {
                if (each instanceof ObjectNode object) {
                    all.addAll(all(object));
                }
            });
        }
        return all;
    }

    private void prepare(ObjectNode grader, String place) {
        OPERATORS.forEach((key, why) -> {
            if (grader.has(key)) {
                throw ApiError.invalid(
                        place + "." + key, "'" + key + "' is not for callers: " + why + ". Leave it out.");
            }
        });
        switch (grader.path("type").asText()) {
            case "lambda" -> lambda(grader, place);
            case "string_check" -> {
                // The guide's word for what the schema calls ne.
                if (grader.path("operation").asText().equals("neq")) {
                    grader.put("operation", "ne");
                }
            }
            case "endpoint" -> {
                if (!privateAddresses) {
                    reachable(grader.path("url").asText(), place + ".url");
                    // Looked at again at each call: what a name means may change.
                    grader.put("private_addresses", false);
                }
            }
            default -> {}
        }
    }

    /** Amazon's grader: a function in its cloud, for which the settings name a service here. */
    private void lambda(ObjectNode grader, String place) {
        String function = grader.path("lambda").path("function").asText();
        String url = lambdas.get(function);
        if (url == null) {
            throw ApiError.invalid(
                    place + ".lambda.function",
                    "The server's settings have no address for the function '" + function
                            + "'; the operator names one: graders.lambdas: {\"" + function
                            + "\": http://host/grade}, a service of the endpoint grader's protocol.");
        }
        JsonNode name = grader.path("name");
        grader.removeAll();
        if (name.isTextual()) {
            grader.set("name", name);
        }
        grader.put("type", "endpoint").put("url", url);
    }

    private void reachable(String url, String place) {
        try {
            String host = URI.create(url).getHost();
            if (host == null) {
                throw ApiError.invalid(
                        place, "'" + place + "' is '" + url + "'; expected an address of http or https.");
            }
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (PublicNames.isPrivate(address)) {
                    throw ApiError.invalid(
                            place,
                            "'" + place + "' leads to a private address; the server's settings allow that with"
                                    + " graders.private-addresses: true.");
                }
            }
        } catch (IllegalArgumentException _) {
            throw ApiError.invalid(place, "'" + place + "' is '" + url + "'; expected an address of http or https.");
        } catch (UnknownHostException _) {
            throw ApiError.invalid(place, "'" + place + "': the host of '" + url + "' is not known.");
        }
    }

    /** The grader with a name, where the caller gave it none. */
    static JsonNode named(JsonNode grader) {
        if (grader instanceof ObjectNode described && !described.has("name")) {
            ObjectNode named = Json.PLAIN.createObjectNode();
            named.setAll(described);
            String id = Secrets.id("grader-");
            return named.put("name", id.substring(0, "grader-".length() + NAME_LETTERS));
        }
        return grader;
    }
}
