package org.reft4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.Json;

/** Figures of jobs where callers look for them: events, checkpoints, the result file, evals. */
class JobFiguresTest {
    private static final List<String> FIGURES = List.of(
            "train_loss",
            "train_mean_token_accuracy",
            "valid_loss",
            "valid_mean_token_accuracy",
            "full_valid_loss",
            "full_valid_mean_token_accuracy");

    @TempDir
    private static Path folder = Path.of("");

    private static RunningServer server;
    private static JobClient jobs;
    private static HttpServer function;

    /** A service in place of a function of Amazon's: it pays for the letter e. */
    private static HttpServer function() throws IOException {
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/grade", exchange -> {
            JsonNode asked = Json.PLAIN.readTree(exchange.getRequestBody().readAllBytes());
            double score = asked.at("/sample/output_text").asText().contains("e") ? 1 : 0;
            byte[] reply = ("{\"score\": " + score + "}").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
            exchange.close();
        });
        service.start();
        return service;
    }

    @BeforeAll
    static void open() throws IOException {
        function = function();
        String address = "http://127.0.0.1:" + function.getAddress().getPort() + "/grade";
        Path model = TinyModel.make(folder.resolve("tiny"));
        Path data = folder.resolve("data");
        server = RunningServer.start(
                data,
                ServerSettings.DEFAULTS
                        .withModels(Map.of("tiny", model.toString()))
                        .withJobs(new ServerSettings.Training(1, 0, 5, 3, List.of("-Xmx512m")))
                        .withGraders(new ServerSettings.Graders(
                                null, Map.of("arn:aws:lambda:eu:1:function:pay", address), false)));
        jobs = new JobClient(server, data);
    }

    @AfterAll
    static void close() {
        server.close();
        function.stop(0);
    }

    /** As a client of Amazon's sends it: its grader, no validation file, no suffix. */
    @Test
    void amazonsJobsNeedNoValidationFile() {
        String rows = IntStream.range(0, 8).mapToObj(JobClient::asked).collect(Collectors.joining());
        String job = jobs.create("""
                {"model": "tiny", "training_file": "%s",
                 "method": {"type": "reinforcement", "reinforcement": {
                   "grader": {"type": "lambda", "lambda": {"function": "arn:aws:lambda:eu:1:function:pay"}},
                   "hyperparameters": {"batch_size": 4, "n_epochs": 1, "eval_interval": 1, "compute_multiplier": 0.5}}},
                 "reft4j": {"steps": 2, "rollout.max-total-tokens": 80, "rollout.max-prompt-tokens": 60}}
                """.formatted(jobs.upload("t.jsonl", rows)));
        JsonNode end = succeeded(job);
        assertEquals("lambda", end.at("/method/reinforcement/grader/type").asText(), "as it was sent");
        assertTrue(end.path("validation_file").isNull());
        JsonNode last = jobs.metrics(job).getLast().path("data");
        assertTrue(last.path("train_mean_reward").isNumber(), last.toString());
        assertTrue(last.path("full_valid_mean_reward").isNull(), last.toString());
        assertEquals(
                List.of(2, 1),
                JobClient.ints(
                                server.get("/v1/fine_tuning/jobs/" + job + "/checkpoints")
                                        .body()
                                        .path("data"),
                                "step_number")
                        .subList(0, 2));
    }

    private static JsonNode succeeded(String job) {
        JsonNode end = jobs.ended(job);
        assertEquals(
                "succeeded", end.path("status").asText(), () -> jobs.told(job).toString());
        return end;
    }

    private static String csv(JsonNode job) {
        return server.get("/v1/files/" + job.path("result_files").get(0).asText() + "/content")
                .text();
    }

    @Test
    void supervisedJobsTellLossesAndAccuracies() {
        String job = jobs.create("""
                {"model": "tiny", "training_file": "%s", "validation_file": "%s", "seed": 5,
                 "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": 6}}},
                 "reft4j": {"evaluate.max-total-tokens": 60}}
                """.formatted(
                        jobs.upload("sft.jsonl", JobClient.conversations(12, 0)),
                        jobs.upload("valid.jsonl", JobClient.conversations(3, 50))));
        String csv = csv(succeeded(job));
        assertTrue(
                csv.startsWith("step,train_loss,train_accuracy,train_mean_token_accuracy,valid_loss,valid_accuracy,"
                        + "valid_mean_token_accuracy,full_valid_loss,full_valid_mean_token_accuracy"),
                csv);
        assertTrue(csv.lines().toList().getLast().matches("4(,[\\d.E-]+){8}.*"), csv);
        JsonNode last = jobs.metrics(job).getLast();
        assertTrue(
                last.path("message")
                        .asText()
                        .matches("Step 4/4: training loss=\\d+\\.\\d\\d, validation loss=\\d+\\.\\d\\d,"
                                + " full validation loss=\\d+\\.\\d\\d"),
                last.toString());
        JsonNode checkpoint = server.get("/v1/fine_tuning/jobs/" + job + "/checkpoints")
                .body()
                .path("data")
                .get(0);
        for (String name : FIGURES) {
            assertTrue(last.at("/data/" + name).isNumber(), name + " in " + last);
            assertTrue(checkpoint.at("/metrics/" + name).isNumber(), name + " in " + checkpoint);
        }
        assertTrue(
                jobs.metrics(job).get(1).at("/data/full_valid_loss").isNull(), "the whole file at the end of an epoch");
    }

    private static String pairs(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"input\": {\"messages\": [{\"role\": \"user\", \"content\": \"Say " + i + "\"}]},"
                        + " \"preferred_output\": [{\"role\": \"assistant\", \"content\": \"good " + i + "\"}],"
                        + " \"non_preferred_output\": [{\"role\": \"assistant\", \"content\": \"bad " + i + "\"}]}\n")
                .collect(Collectors.joining());
    }

    @Test
    void preferenceJobsToo() {
        String job = jobs.create(
                """
                {"model": "tiny", "training_file": "%s", "validation_file": "%s",
                 "method": {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 1, "batch_size": 6, "l2_multiplier": 0.1}}},
                 "reft4j": {"evaluate.max-total-tokens": 60}}
                """.formatted(jobs.upload("pairs.jsonl", pairs(0, 12)), jobs.upload("valid.jsonl", pairs(12, 16))));
        succeeded(job);
        JsonNode last = jobs.metrics(job).getLast().path("data");
        for (String name : FIGURES) {
            assertTrue(last.path(name).isNumber(), name + " in " + last);
        }
        assertTrue(
                last.path("train_accuracy").isNumber()
                        && last.path("valid_accuracy").isNumber(),
                last.toString());
        assertTrue(
                jobs.told(job).stream().anyMatch(line -> line.startsWith("l2_multiplier ")),
                jobs.told(job).toString());
    }

    @Test
    void severalAnswersOfAQuestionCount() {
        String like =
                "{\"type\": \"string_check\", \"name\": \"like\", \"input\": \"{{sample.output_text}}\", \"operation\": \"like\", \"reference\": \"{{ item.letter }}\"}";
        String close =
                "{\"type\": \"text_similarity\", \"name\": \"close\", \"input\": \"{{ sample.output_text }}\", \"reference\": \"{{item.letter}}\", \"evaluation_metric\": \"fuzzy_match\"}";
        String grader = "{\"type\": \"multi\", \"name\": \"both\", \"graders\": {\"like\": " + like + ", \"close\": "
                + close + "}, \"calculate_output\": \"0.5 * like + 0.5 * close\"}";
        String job = jobs.create(jobs.reinforcement(grader, 2, "")
                .replace("\"eval_interval\": 2", "\"eval_interval\": 2, \"eval_samples\": 3"));
        JsonNode end = succeeded(job);
        JsonNode last = jobs.metrics(job).getLast().path("data");
        double likes = last.at("/scores/graders/0/valid_reward_mean").asDouble();
        double closes = last.at("/scores/graders/1/valid_reward_mean").asDouble();
        assertEquals(last.path("full_valid_mean_reward").asDouble(), (likes + closes) / 2, 1e-9);
        String eval = end.path("eval_id").asText();
        String run = "/v1/evals/" + eval + "/runs/" + eval.replace("eval_", "evalrun_") + "_2";
        JsonNode items = server.get(run + "/output_items?limit=100").body().path("data");
        assertEquals(12, items.size(), "three answers to each of four questions");
        assertEquals(
                items.get(0).at("/datasource_item/item_id"),
                items.get(2).at("/datasource_item/item_id"),
                "those of a question follow each other");
        assertEquals(
                List.of("both", "like", "close"), JobClient.texts(items.get(0).path("results"), "name"));
        JsonNode parts = server.get(run).body().path("reft4j");
        assertEquals(likes, parts.at("/graders/like").asDouble(), 1e-9);
        assertEquals(
                last.path("full_valid_mean_reward").asDouble(),
                parts.path("reward_mean").asDouble(),
                1e-9);
        assertTrue(
                jobs.told(job).stream().anyMatch(line -> line.startsWith("eval_samples: ")),
                jobs.told(job).toString());
        assertTrue(csv(end).contains(",scores/graders/close/valid_reward_mean"), csv(end));
    }
}
