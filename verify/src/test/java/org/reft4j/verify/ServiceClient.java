package org.reft4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.reft4j.ground.files.Json;

/**
 * A caller of a service whose servers may be gone at any time. It takes 503 for what it says, and every other answer from 500 on for a
 * fault.
 */
final class ServiceClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration ANSWER = Duration.ofSeconds(40);
    private static final long PAUSE_MS = 100;
    private static final int FAILED = 500;
    private static final int NOT_NOW = 503;
    private static final String BOUNDARY = "reft4jverify";

    private final List<URI> servers;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final AtomicInteger turn = new AtomicInteger();

    ServiceClient(List<URI> servers) {
        this.servers = servers;
    }

    /** An answer. */
    static final class Answer {
        private final int status;
        private final byte[] bytes;

        private Answer(int status, byte[] bytes) {
            this.status = status;
            this.bytes = bytes;
        }

        int status() {
            return status;
        }

        byte[] bytes() {
            return bytes;
        }

        JsonNode json() {
            try {
                return Json.STRICT.readTree(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException("no JSON: " + text(), e);
            }
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        private Answer or(int wanted) {
            if (status != wanted) {
                throw new AssertionError(status + " instead of " + wanted + ": " + text());
            }
            return this;
        }
    }

    /** Asks the next of the servers; empty where none is there or it cannot serve now. */
    Optional<Answer> ask(String method, String path, String type, byte[] body) throws InterruptedException {
        URI server = servers.get(Math.floorMod(turn.getAndIncrement(), servers.size()));
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(ANSWER)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        try {
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            Answer answer = new Answer(response.statusCode(), response.body());
            if (answer.status() == NOT_NOW) {
                return Optional.empty();
            }
            if (answer.status() >= FAILED) {
                throw new AssertionError(method + " " + path + " answered " + answer.status() + ": " + answer.text());
            }
            return Optional.of(answer);
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    Optional<Answer> get(String path) throws InterruptedException {
        return ask("GET", path, "", new byte[0]);
    }

    /** Asks until there is an answer, which must be 200. */
    Answer must(String path) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<Answer> answer = get(path);
            if (answer.isPresent()) {
                return answer.get().or(200);
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(path + " was not answered for " + PATIENCE);
            }
            Thread.sleep(PAUSE_MS);
        }
    }

    /** Creates a job; empty where the service did not say that it has it. */
    Optional<String> create(String job) throws InterruptedException {
        return ask("POST", "/v1/fine_tuning/jobs", "application/json", job.getBytes(StandardCharsets.UTF_8))
                .map(answer -> answer.or(200).json().path("id").asText());
    }

    /** Sends a file; empty where the service did not say that it has it. */
    Optional<String> upload(String name, byte[] content) throws InterruptedException {
        return send(name, content)
                .map(answer -> answer.or(200).json().path("id").asText());
    }

    Optional<Answer> send(String name, byte[] content) throws InterruptedException {
        return ask("POST", "/v1/files", "multipart/form-data; boundary=" + BOUNDARY, form(name, content));
    }

    String mustUpload(String name, String content) throws InterruptedException {
        while (true) {
            Optional<String> file = upload(name, content.getBytes(StandardCharsets.UTF_8));
            if (file.isPresent()) {
                return file.get();
            }
            Thread.sleep(PAUSE_MS);
        }
    }

    private static byte[] form(String name, byte[] content) {
        String head = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--"
                + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n";
        byte[] before = head.getBytes(StandardCharsets.UTF_8);
        byte[] after = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[before.length + content.length + after.length];
        System.arraycopy(before, 0, all, 0, before.length);
        System.arraycopy(content, 0, all, before.length, content.length);
        System.arraycopy(after, 0, all, before.length + content.length, after.length);
        return all;
    }

    /** The job when it is over. */
    JsonNode ended(String job) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode now = must("/v1/fine_tuning/jobs/" + job).json();
            if (over(now)) {
                return now;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not over after " + PATIENCE + ": " + now + "\n"
                        + events(job).stream()
                                .map(event -> event.path("message").asText())
                                .toList());
            }
            Thread.sleep(PAUSE_MS);
        }
    }

    static boolean over(JsonNode job) {
        return List.of("succeeded", "failed", "cancelled")
                .contains(job.path("status").asText());
    }

    /** All events of a job, oldest first. */
    List<JsonNode> events(String job) throws InterruptedException {
        List<JsonNode> all = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page = must("/v1/fine_tuning/jobs/" + job + "/events?limit=20" + after)
                    .json();
            page.path("data").forEach(all::add);
            if (!page.path("has_more").asBoolean()) {
                return all.reversed();
            }
            after = "&after=" + all.getLast().path("id").asText();
        }
    }

    /** The figures of an event that do not tell how long something took. */
    static JsonNode timeless(JsonNode event) {
        ObjectNode data = event.path("data").deepCopy();
        data.remove("timing");
        if (data.path("reft4j") instanceof ObjectNode own) {
            own.properties()
                    .removeIf(each ->
                            each.getKey().contains("second") || each.getKey().contains("latency"));
        }
        return data;
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
