package org.reft4j.server.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;

/**
 * Finds the operation that a method and a path mean. Paths are compared as they arrive and decoded part by part, so that a name with
 * {@code %2F} in it is one part.
 */
final class Router {
    private final List<Operation> operations;

    /** An operation with the values of the parameters in its path. */
    record Match(Operation operation, Map<String, String> parameters) {}

    Router(List<Operation> operations) {
        this.operations = new ArrayList<>(operations);
        // What is spelled out comes before what is left open: /jobs/new before /jobs/{id}.
        this.operations.sort(Comparator.comparing(each -> each.template().replace('{', '\uffff')));
    }

    List<Operation> operations() {
        return operations;
    }

    /**
     * The operation, with the parameters decoded.
     *
     * @throws ApiError 404 for an unknown path, 405 for a known one with another method
     */
    Match find(String method, String rawPath) {
        String path =
                rawPath.length() > 1 && rawPath.endsWith("/") ? rawPath.substring(0, rawPath.length() - 1) : rawPath;
        String wanted = method.equals("HEAD") ? "GET" : method;
        TreeSet<String> others = new TreeSet<>();
        for (Operation each : operations) {
            Matcher matcher = each.matcher(path);
            if (matcher.matches()) {
                if (each.method().equals(wanted)) {
                    return new Match(each, parameters(each, matcher));
                }
                others.add(each.method());
            }
        }
        if (others.isEmpty()) {
            throw ApiError.missing(
                    null,
                    "unknown_url",
                    "Unknown request URL: " + method + " " + path + ". /openapi.json lists the routes of this server.");
        }
        throw new ApiError(
                        405,
                        "invalid_request_error",
                        null,
                        "method_not_allowed",
                        "Not allowed to " + method + " on " + path + "; it takes " + String.join(", ", others) + ".")
                .with("Allow", String.join(", ", others));
    }

    private static Map<String, String> parameters(Operation operation, Matcher matcher) {
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < operation.names().size(); i++) {
            parameters.put(operation.names().get(i), decoded(matcher.group(i + 1)));
        }
        return parameters;
    }

    private static String decoded(String part) {
        // A plus is a plus in a path.
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
