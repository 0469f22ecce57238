package org.reft4j.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;

/**
 * SmolLM2 on SVAMP through the service: files are uploaded, a supervised job is trained on annotated answers and a reinforcement job on answers
 * alone, and both models are asked the test questions by chat. A run that is stopped goes on where it was: what was ordered stands in
 * {@code FOLDER/svamp.json}, and all else is the service's.
 *
 * <p>Arguments: the folder; then {@code minutes=M} after which it stops (none), {@code rows=N} of training (1600), {@code validation=N} (60),
 * {@code steps=N} of reinforcement (60), {@code test=N} questions (100), {@code model=FOLDER} and {@code data=FOLDER}.
 */
public final class ServiceOnSvamp {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final String NAME = "smollm2";

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI address;
    private final Path file;
    private final ObjectNode state;
    private final Map<String, String> given;
    private final long end;

    private ServiceOnSvamp(URI address, Path folder, Map<String, String> given) throws IOException {
        this.address = address;
        this.file = folder.resolve("svamp.json");
        this.state =
                Files.exists(file) ? (ObjectNode) Json.PLAIN.readTree(file.toFile()) : Json.PLAIN.createObjectNode();
        this.given = given;
        double minutes = Double.parseDouble(given.getOrDefault("minutes", "1e6"));
        this.end = System.nanoTime() + (long) (minutes * 60e9);
    }

    /** The time that was given is over. */
    private static final class Over extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Map<String, String> given = new java.util.HashMap<>();
        for (String each : List.of(arguments).subList(1, arguments.length)) {
            String[] pair = each.split("=", 2);
            given.put(pair[0], pair[1]);
        }
        String model = given.getOrDefault("model", "../shared/models/smollm2-135m-instruct");
        ServerSettings settings = ServerSettings.DEFAULTS
                .withPort(0)
                .withModels(
                        Map.of(NAME, Path.of(model).toAbsolutePath().normalize().toString()));
        try (Server server = Server.start(folder.resolve("data"), settings, _ -> {})) {
            server.awaitReady();
            System.out.println("dashboard: " + server.dashboard());
            new ServiceOnSvamp(server.address(), folder, given).run();
        } catch (Over _) {
            System.out.println("the time is over; the same command goes on from here");
        }
    }

    private int number(String name, int byDefault) {
        return Integer.parseInt(given.getOrDefault(name, Integer.toString(byDefault)));
    }

    private void run() throws IOException, InterruptedException {
        Path data = Path.of(given.getOrDefault("data", "../shared/data/svamp"));
        List<JsonNode> rows = new ArrayList<>();
        Set<String> questions = new HashSet<>();
        Json.PLAIN.readTree(data.resolve("svamp_nl.json").toFile()).forEach(row -> {
            if (questions.add(row.path("question").asText())) {
                rows.add(row);
            }
        });
        int held = number("validation", 60);
        List<JsonNode> validation = rows.subList(rows.size() - held, rows.size());
        List<JsonNode> training = rows.subList(0, Math.min(number("rows", 1600), rows.size() - held));
        JsonNode supervised = followed("supervised", () -> """
                {"model": "%s", "training_file": "%s", "validation_file": "%s", "seed": 42, "suffix": "svamp-sft",
                 "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 1, "batch_size": 16}}},
                 "reft4j": {"evaluate.questions": %d, "evaluate.max-total-tokens": 256}}
                """.formatted(
                        NAME,
                        uploaded("annotated", training, true),
                        uploaded("annotated-validation", validation, true),
                        Math.min(held, 40)));
        String start = supervised.path("fine_tuned_model").asText();
        JsonNode reinforced = followed("reinforcement", () -> """
                {"model": "%s", "training_file": "%s", "validation_file": "%s", "seed": 42, "suffix": "svamp-rft",
                 "method": {"type": "reinforcement", "reinforcement": {
                   "grader": {"type": "string_check", "name": "right", "operation": "like",
                     "input": "{{sample.output_text}}", "reference": "the answer is <{{item.answer}}>"},
                   "hyperparameters": {"batch_size": 8, "compute_multiplier": 1, "eval_interval": 10, "reasoning_effort": "low"}}},
                 "reft4j": {"steps": %d, "rollout.mixed-only": true}}
                """.formatted(
                        start,
                        uploaded("asked", training, false),
                        uploaded("asked-validation", validation, false),
                        number("steps", 60)));
        List<JsonNode> test = new ArrayList<>();
        Json.PLAIN.readTree(data.resolve("svamp_test_set.json").toFile()).forEach(test::add);
        List<JsonNode> some = test.subList(0, Math.min(test.size(), number("test", 100)));
        for (String model : List.of(start, reinforced.path("fine_tuned_model").asText())) {
            asked(model, some);
        }
    }

    /** Makes a request's body, which may take requests itself. */
    private interface Body {
        String text() throws IOException, InterruptedException;
    }

    /** A job of this name, ordered before or now, at its end; tells its events as they come. */
    private JsonNode followed(String name, Body body) throws IOException, InterruptedException {
        if (!state.has(name)) {
            note(name, post("/v1/fine_tuning/jobs", body.text()).path("id").asText());
        }
        String path = "/v1/fine_tuning/jobs/" + state.path(name).asText();
        String last = "";
        while (true) {
            JsonNode job = get(path);
            List<JsonNode> news = new ArrayList<>();
            for (JsonNode event : get(path + "/events?limit=50").path("data")) {
                if (event.path("id").asText().equals(last)) {
                    break;
                }
                news.addFirst(event);
            }
            for (JsonNode event : news) {
                System.out.println(name + ": " + event.path("message").asText());
                last = event.path("id").asText();
            }
            switch (job.path("status").asText()) {
                case "succeeded" -> {
                    return job;
                }
                case "failed", "cancelled" ->
                    throw new IllegalStateException(name + " ended: " + job.path("error") + "; remove " + name
                            + " from " + file + " to order it again");
                default -> Thread.sleep(LOOK);
            }
            requireTime();
        }
    }

    private void requireTime() {
        if (System.nanoTime() > end) {
            throw new Over();
        }
    }

    private void note(String name, String value) throws IOException {
        state.put(name, value);
        DurableFiles.write(file, state.toPrettyString());
    }

    private String uploaded(String name, List<JsonNode> rows, boolean annotated)
            throws IOException, InterruptedException {
        if (!state.has(name)) {
            StringBuilder lines = new StringBuilder();
            for (JsonNode row : rows) {
                ObjectNode line = Json.PLAIN.createObjectNode();
                var messages = line.putArray("messages");
                messages.addObject()
                        .put("role", "user")
                        .put("content", row.path("question").asText());
                if (annotated) {
                    messages.addObject()
                            .put("role", "assistant")
                            .put("content", row.path("answer_cot").asText());
                } else {
                    line.put("answer", answer(row));
                }
                lines.append(line).append('\n');
            }
            String border = "rows-of-svamp";
            String form = "--" + border + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--"
                    + border
                    + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + ".jsonl\"\r\n\r\n"
                    + lines + "\r\n--"
                    + border + "--\r\n";
            note(
                    name,
                    sent(HttpRequest.newBuilder(address.resolve("/v1/files"))
                                    .header("Content-Type", "multipart/form-data; boundary=" + border)
                                    .POST(HttpRequest.BodyPublishers.ofString(form)))
                            .path("id")
                            .asText());
        }
        return state.path(name).asText();
    }

    /** As the annotated answers write it: without a fraction where it is whole. */
    private static String answer(JsonNode row) {
        return row.path("answer_value").asText().replaceFirst("\\.0$", "");
    }

    /** The share of test questions that a model answers right by chat; what is asked already is not asked again. */
    private void asked(String model, List<JsonNode> questions) throws IOException, InterruptedException {
        String key = "right of " + model;
        for (int i = state.path(key).path("asked").asInt(); i < questions.size(); i++) {
            requireTime();
            JsonNode question = questions.get(i);
            ObjectNode body = Json.PLAIN
                    .createObjectNode()
                    .put("model", model)
                    .put("temperature", 0)
                    .put("max_tokens", 200);
            body.putArray("messages")
                    .addObject()
                    .put("role", "user")
                    .put("content", question.path("question").asText());
            String reply = post("/v1/chat/completions", body.toString())
                    .at("/choices/0/message/content")
                    .asText();
            ObjectNode counted = state.withObjectProperty(key);
            counted.put("asked", i + 1);
            counted.put(
                    "right",
                    counted.path("right").asInt()
                            + (reply.contains("the answer is <" + answer(question) + ">") ? 1 : 0));
            DurableFiles.write(file, state.toPrettyString());
        }
        JsonNode counted = state.path(key);
        System.out.printf(
                Locale.ROOT,
                "test: %s answers %d of %d right (%.1f %%)%n",
                model,
                counted.path("right").asInt(),
                counted.path("asked").asInt(),
                100.0
                        * counted.path("right").asInt()
                        / Math.max(1, counted.path("asked").asInt()));
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return sent(HttpRequest.newBuilder(address.resolve(path)));
    }

    private JsonNode post(String path, String json) throws IOException, InterruptedException {
        return sent(HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private JsonNode sent(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> reply =
                client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        if (reply.statusCode() != 200) {
            throw new IllegalStateException(
                    reply.request() + " was answered with " + reply.statusCode() + ": " + reply.body());
        }
        return Json.PLAIN.readTree(reply.body());
    }
}
