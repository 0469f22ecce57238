package org.reft4j.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.reft4j.ground.files.Json;

/** A server on a free port, with a client that holds every answer against the API's document. */
public final class RunningServer implements AutoCloseable {
    private final Server server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ConcurrentLinkedQueue<ObjectNode> log;
    private final ObjectNode document;

    private RunningServer(Server server, ConcurrentLinkedQueue<ObjectNode> log) {
        this.server = server;
        this.log = log;
        this.document = (ObjectNode) json(plain(request("/openapi.json").build()));
    }

    /** An answer. */
    public record Answer(int status, Map<String, List<String>> headers, JsonNode body, String text) {}

    public static RunningServer start(Path data) {
        return start(data, ServerSettings.DEFAULTS);
    }

    /** The defaults with another address, other models and other limits. */
    public static ServerSettings settings(String host, Map<String, String> models, ServerSettings.Limits limits) {
        return ServerSettings.DEFAULTS
                .withHost(host)
                .withPort(0)
                .withModels(models)
                .withLimits(limits);
    }

    /** @param settings whose port is replaced by a free one */
    public static RunningServer start(Path data, ServerSettings settings) {
        ConcurrentLinkedQueue<ObjectNode> log = new ConcurrentLinkedQueue<>();
        Server server = Server.start(data, settings.withPort(0), log::add);
        try {
            server.awaitReady();
            return new RunningServer(server, log);
        } catch (RuntimeException | AssertionError e) {
            server.close();
            throw e;
        }
    }

    /** The address of the API, as clients want it. */
    public URI address() {
        return server.address();
    }

    /** The log's line about a request, which is written when its answer is out. */
    public ObjectNode logged(Answer answer) throws InterruptedException {
        String id = Objects.requireNonNull(answer.headers().get("x-request-id")).getFirst();
        while (true) {
            for (ObjectNode line : log) {
                if (line.path("request").asText().equals(id)) {
                    return line;
                }
            }
            Thread.sleep(5);
        }
    }

    /** Who trains its jobs. */
    public JobService jobs() {
        return server.jobs();
    }

    /** The API's document. */
    public ObjectNode document() {
        return document.deepCopy();
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.address() + path));
    }

    public Answer get(String path) {
        return send(request(path).build());
    }

    public Answer delete(String path) {
        return send(request(path).DELETE().build());
    }

    public Answer post(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    /** Sends a request and checks its answer's form. */
    public Answer send(HttpRequest request) {
        HttpResponse<byte[]> response = plain(request);
        String text = new String(response.body(), StandardCharsets.UTF_8);
        String type = response.headers().firstValue("content-type").orElse("");
        boolean isJson = type.startsWith("application/json");
        if (response.headers().firstValue("x-request-id").isEmpty()) {
            throw new AssertionError("no x-request-id: " + request);
        }
        JsonNode body = isJson ? json(response) : Json.PLAIN.missingNode();
        if (isJson) {
            check(request, response.statusCode(), body);
        } else if (response.statusCode() >= 400) {
            throw new AssertionError("an error that is no JSON: " + request + ": " + type + " " + text);
        }
        return new Answer(response.statusCode(), response.headers().map(), body, text);
    }

    private HttpResponse<byte[]> plain(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new AssertionError(request + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return Json.STRICT.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + new String(response.body(), StandardCharsets.UTF_8), e);
        }
    }

    private void check(HttpRequest request, int status, JsonNode body) {
        String path = request.uri().getRawPath().replaceFirst("^/openai/(v1/)?(deployments/[^/]+/)?", "/v1/");
        String schema = status >= 400 && body.has("error")
                ? "#/components/schemas/Error"
                : document.path("paths").properties().stream()
                        .filter(each -> path.replaceFirst("/$", "")
                                .matches(each.getKey().replaceAll("\\{[^}]+}", "[^/]+")))
                        .map(each -> "#/paths/" + each.getKey().replace("/", "~1") + "/"
                                + request.method().toLowerCase(java.util.Locale.ROOT) + "/responses/" + status
                                + "/content/application~1json/schema")
                        .filter(pointer -> !document.at(pointer.substring(1)).isMissingNode())
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no operation answers " + request + " with " + status));
        List<Error> errors = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(document.deepCopy()
                        .put("$ref", schema.replace("{", "%7B").replace("}", "%7D")))
                .validate(body);
        if (!errors.isEmpty()) {
            throw new AssertionError(request + " answered " + body + ", which breaks the API's document: " + errors);
        }
    }

    @Override
    public void close() {
        server.close();
        client.close();
    }
}
