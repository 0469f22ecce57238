package org.reft4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.reft4j.ground.files.Json;

/** Creates jobs at a server, waits for them and reads what they tell. */
record JobClient(RunningServer server, Path data) {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    String reinforcement(String grader, int steps, String own) {
        StringBuilder train = new StringBuilder();
        StringBuilder valid = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            train.append(asked(i));
        }
        for (int i = 20; i < 24; i++) {
            valid.append(asked(i));
        }
        return """
                {"model": "tiny", "training_file": "%s", "validation_file": "%s", "seed": 11,
                 "method": {"type": "reinforcement", "reinforcement": {"grader": %s,
                   "hyperparameters": {"batch_size": 4, "n_epochs": 1, "eval_interval": 2, "compute_multiplier": 0.5}}},
                 "reft4j": {"steps": %d, "rollout.max-total-tokens": 80, "rollout.max-prompt-tokens": 60%s}}
                """.formatted(
                        upload("t.jsonl", train.toString()), upload("v.jsonl", valid.toString()), grader, steps, own);
    }

    static String asked(int i) {
        return "{\"messages\": [{\"role\": \"user\", \"content\": \"Write a" + i + "\"}], \"letter\": \""
                + "aest".charAt(i % 4) + "\"}\n";
    }

    static String conversations(int rows, int from) {
        StringBuilder lines = new StringBuilder();
        IntStream.range(from, from + rows)
                .forEach(i -> lines.append("{\"messages\": [{\"role\": \"user\", \"content\": \"" + i
                        + " plus 1?\"}, {\"role\": \"assistant\", \"content\": \"" + (i + 1) + "\"}]}\n"));
        return lines.toString();
    }

    String upload(String name, String content) {
        RunningServer.Answer answer =
                server.send(Form.of(server.request("/v1/files"), name, content).build());
        assertEquals(200, answer.status(), answer.text());
        return answer.body().path("id").asText();
    }

    String create(String body) {
        RunningServer.Answer answer = server.post("/v1/fine_tuning/jobs", body);
        assertEquals(200, answer.status(), answer.text());
        assertEquals("validating_files", answer.body().path("status").asText());
        return answer.body().path("id").asText();
    }

    RunningServer.Answer post(String path) {
        return server.send(
                server.request(path).POST(HttpRequest.BodyPublishers.noBody()).build());
    }

    /** Chats with the model that a job made: it answers under its own name. */
    void chats(JsonNode job) {
        String model = job.path("fine_tuned_model").asText();
        RunningServer.Answer answer = server.post(
                "/v1/chat/completions",
                "{\"model\": \"" + model
                        + "\", \"messages\": [{\"role\": \"user\", \"content\": \"1 plus 1?\"}], \"max_completion_tokens\": 5}");
        assertEquals(200, answer.status(), answer.text());
        assertEquals(model, answer.body().path("model").asText());
        assertTrue(answer.body().at("/usage/completion_tokens").asInt() > 0, answer.text());
    }

    static boolean over(JsonNode job) {
        return List.of("succeeded", "failed", "cancelled")
                .contains(job.path("status").asText());
    }

    /** Waits until no worker is there any more. */
    void idle() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!server.jobs().supervisor().workers().isEmpty()) {
            assertTrue(System.nanoTime() < end, "the worker goes on");
            sleep();
        }
    }

    JsonNode ended(String job) {
        return await(job, JobClient::over);
    }

    JsonNode await(String job, Predicate<JsonNode> until) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode now = server.get("/v1/fine_tuning/jobs/" + job).body();
            if (until.test(now)) {
                return now;
            }
            if (System.nanoTime() > end || over(now)) {
                String log;
                try {
                    log = Files.readString(data.resolve("jobs/" + job + "/worker.log"));
                } catch (IOException e) {
                    log = "no log";
                }
                return fail("job is " + now + "\n" + String.join("\n", told(job)) + "\n" + log);
            }
            sleep();
        }
    }

    static void sleep() {
        try {
            Thread.sleep(30);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All events, oldest first, page by page. */
    List<JsonNode> events(String job) {
        List<JsonNode> all = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page = server.get("/v1/fine_tuning/jobs/" + job + "/events?limit=7" + after)
                    .body();
            page.path("data").forEach(all::add);
            if (!page.path("has_more").asBoolean()) {
                return all.reversed();
            }
            after = "&after=" + all.getLast().path("id").asText();
        }
    }

    List<String> told(String job) {
        return events(job).stream().map(event -> event.path("message").asText()).toList();
    }

    List<JsonNode> metrics(String job) {
        return events(job).stream()
                .filter(event -> event.path("type").asText().equals("metrics"))
                .toList();
    }

    /** The figures that do not tell how long something took. */
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

    static List<Integer> ints(JsonNode list, String field) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(each -> each.path(field).asInt())
                .toList();
    }

    static List<String> texts(JsonNode list, String field) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(each -> each.path(field).asText())
                .toList();
    }

    static JsonNode read(String json) {
        try {
            return Json.PLAIN.readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
