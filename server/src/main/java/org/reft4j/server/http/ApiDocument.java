package org.reft4j.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.reft4j.ground.files.Json;

/**
 * The API's document (OpenAPI 3.1), put together from parts: one for each group of routes, each with {@code paths} and {@code components}.
 * Every operation without a {@code default} answer gets the error object there.
 */
public final class ApiDocument {
    private static final String FOLDER = "/org/reft4j/server/openapi/";
    private static final String PATHS = "paths";
    private static final String COMPONENTS = "components";
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    private final ObjectNode root;

    private ApiDocument(ObjectNode root) {
        this.root = root;
    }

    /**
     * Reads the parts.
     *
     * @param first has the document's head and what the parts share
     * @param parts names of files in {@code org/reft4j/server/openapi}, without their ending
     * @throws IllegalArgumentException where two parts describe the same thing
     */
    public static ApiDocument read(String first, List<String> parts) {
        ObjectNode root = part(first);
        for (String name : parts) {
            ObjectNode part = part(name);
            part.path(PATHS).properties().forEach(path -> {
                ObjectNode methods = root.withObjectProperty(PATHS).withObjectProperty(path.getKey());
                put(methods, path.getValue(), name + ": " + path.getKey());
            });
            part.path(COMPONENTS).properties().forEach(kind -> {
                ObjectNode known = root.withObjectProperty(COMPONENTS).withObjectProperty(kind.getKey());
                put(known, kind.getValue(), name + ": " + kind.getKey());
            });
        }
        for (JsonNode path : root.path(PATHS)) {
            for (Map.Entry<String, JsonNode> method : path.properties()) {
                ObjectNode replies = (ObjectNode) method.getValue().path("responses");
                if (!replies.has("default")) {
                    boolean page = replies.at("/200/content").has("text/html")
                            || replies.at("/303").isObject();
                    replies.putObject("default")
                            .put("$ref", "#/components/responses/" + (page ? "PageError" : "Error"));
                }
            }
        }
        return new ApiDocument(root);
    }

    private static ObjectNode part(String name) {
        String resource = FOLDER + name + ".yaml";
        try (InputStream in = ApiDocument.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("there is no " + resource);
            }
            return (ObjectNode) new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalArgumentException(resource + " is not YAML: " + e.getMessage(), e);
        }
    }

    private static void put(ObjectNode known, JsonNode more, String place) {
        more.properties().forEach(each -> {
            if (known.has(each.getKey())) {
                throw new IllegalArgumentException(place + "." + each.getKey() + " is described by two parts");
            }
            known.set(each.getKey(), each.getValue());
        });
    }

    /** The document as it is served. */
    public ObjectNode json() {
        return root;
    }

    /** The operations, each with its handler, if there is one. */
    Router router(List<Map<String, Endpoint>> groups) {
        Set<String> unused = new HashSet<>();
        for (Map<String, Endpoint> group : groups) {
            for (String id : group.keySet()) {
                if (!unused.add(id)) {
                    throw new IllegalArgumentException("two groups of routes have a handler for " + id);
                }
            }
        }
        List<Operation> operations = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        root.path(PATHS)
                .properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    if (METHODS.contains(method.getKey())) {
                        String id = method.getValue().path("operationId").asText();
                        if (id.isEmpty() || !ids.add(id)) {
                            throw new IllegalArgumentException(
                                    method.getKey() + " " + path.getKey() + " needs an operationId of its own");
                        }
                        unused.remove(id);
                        operations.add(operation(id, method.getKey(), path.getKey(), method.getValue(), groups));
                    }
                }));
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException("no part of the API's document has the operations " + unused);
        }
        return new Router(operations);
    }

    private Operation operation(
            String id, String method, String path, JsonNode described, List<Map<String, Endpoint>> groups) {
        Endpoint handler = groups.stream()
                .filter(group -> group.containsKey(id))
                .map(group -> group.get(id))
                .findFirst()
                .orElseGet(() -> call -> {
                    throw new ApiError(
                            501,
                            "invalid_request_error",
                            null,
                            "not_implemented",
                            "The operation " + id + " is part of the API, but this server does not do it yet.");
                });
        Set<String> slashes = new HashSet<>();
        for (JsonNode parameter : described.path("parameters")) {
            JsonNode resolved = parameter.has("$ref")
                    ? root.at(parameter.path("$ref").asText().substring(1))
                    : parameter;
            if (resolved.path("x-slashes").asBoolean()) {
                slashes.add(resolved.path("name").asText());
            }
        }
        return new Operation(
                id,
                method.toUpperCase(Locale.ROOT),
                path,
                slashes,
                access(method, described),
                body(described),
                handler);
    }

    private static Operation.Access access(String method, JsonNode described) {
        if (described.path("security").isArray() && described.path("security").isEmpty()) {
            return Operation.Access.PUBLIC;
        }
        String role = described.path("x-role").asText(method.equals("get") ? "read" : "write");
        return Operation.Access.valueOf(role.toUpperCase(Locale.ROOT));
    }

    private static Operation.Body body(JsonNode described) {
        return described.path("requestBody").path("content").has("multipart/form-data")
                ? Operation.Body.FILE
                : Operation.Body.VALUE;
    }

    @Override
    public String toString() {
        return Json.PLAIN.valueToTree(root).toString();
    }
}
