package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.Json;
import org.reft4j.server.Form;
import org.reft4j.server.RunningServer;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.TinyModel;

/**
 * The fields that OpenAI documents of each object, and the ten places where strict clients stumble. Jobs are made, and none is trained: the
 * machine trains no job at once.
 */
class ContractTest {
    /** Name and form of each field: a type, {@code ?} where null is allowed, or the value itself behind an equals sign. */
    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry(
                    "job",
                    "id:text object=fine_tuning.job created_at:int model:text status:text fine_tuned_model:text? finished_at:int?"
                            + " error:object? hyperparameters:object method:object training_file:text validation_file:text?"
                            + " result_files:list trained_tokens:int? organization_id:text seed:int estimated_finish:int?"
                            + " integrations:list? metadata:object? user_provided_suffix:text? usage_metrics:object?"
                            + " shared_with_openai:flag"),
            Map.entry("three", "batch_size:any learning_rate_multiplier:any n_epochs:any"),
            Map.entry(
                    "event",
                    "id:text object=fine_tuning.job.event created_at:int level:text message:text type:text data:object?"),
            Map.entry("file", "id:text object=file bytes:int created_at:int filename:text purpose:text status:text"),
            Map.entry(
                    "upload",
                    "id:text object=upload bytes:int created_at:int filename:text purpose:text status:text expires_at:int"),
            Map.entry("model", "id:text object=model created:int owned_by:text"),
            Map.entry("list", "object=list data:list has_more:flag"),
            Map.entry("ended list", "object=list data:list has_more:flag first_id:text? last_id:text?"),
            Map.entry("error", "message:text type:text param:text? code:text?"),
            Map.entry(
                    "run",
                    "reward:number metadata:object sub_rewards:object model_grader_token_usage_per_model:object"),
            Map.entry(
                    "run metadata",
                    "name:text type:text errors:object execution_time:number scores:object token_usage:int? sampled_model_name:text?"),
            Map.entry(
                    "run errors",
                    "formula_parse_error:flag sample_parse_error:flag truncated_observation_error:flag"
                            + " unresponsive_reward_error:flag invalid_variable_error:flag other_error:flag"
                            + " python_grader_server_error:flag python_grader_runtime_error:flag model_grader_server_error:flag"
                            + " model_grader_refusal_error:flag model_grader_parse_error:flag"
                            + " python_grader_server_error_type:text? python_grader_runtime_error_details:text?"
                            + " model_grader_server_error_details:text? sample_parse_error_details:text?"
                            + " invalid_variable_error_details:text? model_grader_refusal_error_details:text?"
                            + " model_grader_parse_error_details:text? model_grader_exceeded_max_tokens_error:flag"
                            + " endpoint_grader_internal_error:flag endpoint_grader_internal_error_details:text?"
                            + " endpoint_grader_server_error:flag endpoint_grader_server_error_details:text?"
                            + " endpoint_grader_safety_check_error:flag"),
            Map.entry("completion", "id:text object=chat.completion created:int model:text choices:list usage:object"),
            Map.entry("choice", "index:int message:object logprobs:object? finish_reason:text"),
            Map.entry("message", "role=assistant content:text? refusal:text?"),
            Map.entry(
                    "usage",
                    "prompt_tokens:int completion_tokens:int total_tokens:int completion_tokens_details:object"
                            + " prompt_tokens_details:object"));

    private static final String CHECK =
            "{\"type\": \"string_check\", \"name\": \"right\", \"input\": \"{{sample.output_text}}\", \"reference\": \"{{ item.letter }}\", \"operation\": \"like\"}";

    @TempDir
    private static Path folder = Path.of("");

    private static RunningServer server;
    private static String training = "";
    private static String validation = "";

    @BeforeAll
    static void open() {
        server = RunningServer.start(
                folder.resolve("data"),
                ServerSettings.DEFAULTS
                        .withModels(Map.of(
                                "tiny", TinyModel.make(folder.resolve("tiny")).toString()))
                        .withJobs(new ServerSettings.Training(0, 0, 5, 3, List.of())));
        training = upload(0, 12);
        validation = upload(50, 4);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static String upload(int from, int rows) {
        StringBuilder lines = new StringBuilder();
        IntStream.range(from, from + rows)
                .forEach(i -> lines.append("{\"messages\": [{\"role\": \"user\", \"content\": \"Write " + i
                        + "\"}], \"letter\": \"" + "aest".charAt(i % 4) + "\"}\n"));
        RunningServer.Answer answer = server.send(Form.of(server.request("/v1/files"), "rows.jsonl", lines.toString())
                .build());
        assertFields("file", answer.body());
        assertEquals("processed", answer.body().path("status").asText(), "clients poll for it");
        return answer.body().path("id").asText();
    }

    private static void assertFields(String object, JsonNode json) {
        for (String field : FIELDS.getOrDefault(object, "").split(" ", -1)) {
            String name = field.split("[:=]", 2)[0];
            String form = field.substring(name.length());
            JsonNode value = json.path(name);
            String what = object + "." + name + " is " + value + " in " + json;
            assertFalse(value.isMissingNode(), what);
            boolean fits = form.startsWith("=")
                    ? value.asText().equals(form.substring(1))
                    : (value.isNull() && form.endsWith("?"))
                            || fits(form.substring(1).replace("?", ""), value);
            assertTrue(fits, what + "; expected " + form);
        }
    }

    private static boolean fits(String type, JsonNode value) {
        return switch (type) {
            case "text" -> value.isTextual();
            case "int" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "flag" -> value.isBoolean();
            case "object" -> value.isObject();
            case "list" -> value.isArray();
            default -> !value.isNull();
        };
    }

    private static JsonNode create(String grader) {
        RunningServer.Answer answer = server.post("/v1/fine_tuning/jobs", """
                {"model": "tiny", "training_file": "%s", "validation_file": "%s",
                 "method": {"type": "reinforcement", "reinforcement": {"grader": %s}}}
                """.formatted(training, validation, grader));
        assertEquals(200, answer.status(), answer.text());
        return answer.body();
    }

    private static JsonNode queued(String job) throws InterruptedException {
        while (true) {
            JsonNode now = server.get("/v1/fine_tuning/jobs/" + job).body();
            if (!now.path("status").asText().equals("validating_files")) {
                return now;
            }
            Thread.sleep(20);
        }
    }

    private static RunningServer.Answer post(String path) {
        return server.send(
                server.request(path).POST(HttpRequest.BodyPublishers.noBody()).build());
    }

    /** Traps 1, 2, 3, 6, 9 and 10. */
    @Test
    void jobsHaveEveryField() throws InterruptedException {
        JsonNode made = create(CHECK);
        assertFields("job", made);
        assertTrue(made.path("error").isNull(), "1: not {}");
        assertFields("three", made.path("hyperparameters"));
        assertEquals("auto", made.at("/hyperparameters/n_epochs").asText());
        assertTrue(made.at("/method/reinforcement/response_format").isNull(), made.toString());
        String id = made.path("id").asText();
        assertTrue(id.startsWith("ftjob-"), id);
        JsonNode now = queued(id);
        assertEquals("queued", now.path("status").asText(), now.toString());
        assertFields("job", now);
        assertFields("three", now.path("hyperparameters"));
        assertTrue(now.at("/hyperparameters/n_epochs").isInt(), "2: resolved, of reinforcement too");
        assertEquals(0, now.path("result_files").size());

        RunningServer.Answer paused = post("/v1/fine_tuning/jobs/" + id + "/pause");
        assertEquals("paused", paused.body().path("status").asText(), "3: what OpenAI sends");
        assertFields("job", paused.body());
        RunningServer.Answer again = post("/v1/fine_tuning/jobs/" + id + "/pause");
        assertEquals(400, again.status(), "9: clients send again after 409");
        assertFields("error", again.body().path("error"));
        assertEquals(
                "queued",
                post("/v1/fine_tuning/jobs/" + id + "/resume")
                        .body()
                        .path("status")
                        .asText());
        JsonNode cancelled = post("/v1/fine_tuning/jobs/" + id + "/cancel").body();
        assertEquals("cancelled", cancelled.path("status").asText());
        assertTrue(cancelled.path("error").isNull(), "1: of a cancelled one too");

        JsonNode events = server.get("/v1/fine_tuning/jobs/" + id + "/events").body();
        assertFields("list", events);
        for (JsonNode event : events.path("data")) {
            assertFields("event", event);
            assertTrue(event.path("id").asText().startsWith("ftevent-"), event.toString());
            assertTrue(List.of("message", "metrics").contains(event.path("type").asText()), "6: " + event);
            assertTrue(
                    List.of("info", "warn", "error")
                            .contains(event.path("level").asText()),
                    event.toString());
        }
        assertEquals(
                "Created fine-tuning job: " + id,
                events.path("data")
                        .get(events.path("data").size() - 1)
                        .path("message")
                        .asText());
        JsonNode checkpoints =
                server.get("/v1/fine_tuning/jobs/" + id + "/checkpoints").body();
        assertFields("ended list", checkpoints);
        assertTrue(checkpoints.path("first_id").isNull());
    }

    @Test
    void aFailedJobSaysWhy() throws InterruptedException {
        JsonNode failed = queued(
                create(CHECK.replace("item.letter", "item.nothing")).path("id").asText());
        assertEquals("failed", failed.path("status").asText());
        assertTrue(
                failed.at("/error/code").isTextual()
                        && failed.at("/error/message").isTextual(),
                "1: " + failed);
        assertFields("job", failed);
        assertFields("three", failed.path("hyperparameters"));
    }

    /** Trap 4. */
    @Test
    void aMultiIsShownAsItWasSent() {
        for (String form : List.of("{\"right\": " + CHECK + "}", CHECK, "[" + CHECK + "]")) {
            String multi = "{\"type\": \"multi\", \"name\": \"m\", \"graders\": " + form
                    + ", \"calculate_output\": \"2 * right\"}";
            JsonNode job = create(multi);
            assertEquals(read(multi), job.at("/method/reinforcement/grader"));
            post("/v1/fine_tuning/jobs/" + job.path("id").asText() + "/cancel");
        }
    }

    /** Trap 8: pages are exact, and one behind the last is empty. */
    @Test
    void pagesEnd() throws InterruptedException {
        String id = create(CHECK).path("id").asText();
        queued(id);
        for (String path : List.of("/v1/fine_tuning/jobs", "/v1/fine_tuning/jobs/" + id + "/events", "/v1/files")) {
            List<String> whole = ids(server.get(path + "?limit=100").body());
            List<String> paged = new ArrayList<>();
            JsonNode page = server.get(path + "?limit=2").body();
            while (!page.path("data").isEmpty()) {
                assertEquals(
                        paged.size() + page.path("data").size() < whole.size(),
                        page.path("has_more").asBoolean());
                paged.addAll(ids(page));
                page = server.get(path + "?limit=2&after=" + paged.getLast()).body();
            }
            assertEquals(whole, paged, path);
            assertFalse(page.path("has_more").asBoolean(), path);
            assertEquals(404, server.get(path + "?after=nobody").status(), path);
            assertEquals(400, server.get(path + "?limit=0").status(), path);
        }
        assertFields("ended list", server.get("/v1/files").body());
        post("/v1/fine_tuning/jobs/" + id + "/cancel");
    }

    private static List<String> ids(JsonNode list) {
        assertFields("list", list);
        List<String> ids = new ArrayList<>();
        list.path("data").forEach(each -> ids.add(each.path("id").asText()));
        return ids;
    }

    /** Trap 5, and every flag. */
    @Test
    void graderRunsHaveEveryField() {
        RunningServer.Answer run = server.post(
                "/v1/fine_tuning/alpha/graders/run",
                "{\"grader\": " + CHECK + ", \"model_sample\": \"{\\\"a\\\": 1}\", \"item\": {\"letter\": \"a\"}}");
        assertEquals(200, run.status(), run.text());
        assertFields("run", run.body());
        assertFields("run metadata", run.body().path("metadata"));
        assertFields("run errors", run.body().at("/metadata/errors"));
        RunningServer.Answer wrong = server.post(
                "/v1/fine_tuning/alpha/graders/run",
                "{\"grader\": " + CHECK + ", \"model_sample\": \"x\", \"item\": {}}");
        assertEquals(200, wrong.status(), "flags tell");
        assertTrue(wrong.body().at("/metadata/errors/invalid_variable_error").asBoolean(), wrong.text());
        assertTrue(
                wrong.body()
                        .at("/metadata/errors/invalid_variable_error_details")
                        .isTextual(),
                wrong.text());
    }

    /** Trap 10: what strict parsers need of files, chats and models. */
    @Test
    void otherObjectsHaveEveryField() {
        assertFields("file", server.get("/v1/files/" + training).body());
        RunningServer.Answer upload = server.post(
                "/v1/uploads",
                "{\"filename\": \"a.jsonl\", \"bytes\": 3, \"purpose\": \"fine-tune\", \"mime_type\": \"application/jsonl\"}");
        assertFields("upload", upload.body());
        assertFields("model", server.get("/v1/models/tiny").body());
        JsonNode chat = server.post(
                        "/v1/chat/completions",
                        "{\"model\": \"tiny\", \"max_completion_tokens\": 2, \"store\": true, \"metadata\": {\"a\": \"b\"}, \"user\": \"u\","
                                + " \"service_tier\": \"auto\", \"reasoning_effort\": \"low\", \"parallel_tool_calls\": true,"
                                + " \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}")
                .body();
        assertFields("completion", chat);
        assertFields("choice", chat.path("choices").get(0));
        assertFields("message", chat.path("choices").get(0).path("message"));
        assertFields("usage", chat.path("usage"));
        for (String path : List.of("/v1/files/none", "/v1/models/none", "/v1/fine_tuning/jobs/none", "/v1/nothing")) {
            RunningServer.Answer missing = server.get(path);
            assertEquals(404, missing.status(), path);
            assertFields("error", missing.body().path("error"));
        }
    }

    /** Each path of Azure's, with its header and its version, leads where OpenAI's does. */
    @Test
    void azuresPathsAreTheSame() {
        String id = create(CHECK).path("id").asText();
        for (String begin : List.of("/openai", "/openai/v1")) {
            for (String path : List.of(
                    "/files",
                    "/files/" + training,
                    "/files/" + training + "/content",
                    "/models",
                    "/models/tiny",
                    "/fine_tuning/jobs",
                    "/fine_tuning/jobs/" + id,
                    "/fine_tuning/jobs/" + id + "/events",
                    "/fine_tuning/jobs/" + id + "/checkpoints",
                    "/evals")) {
                RunningServer.Answer answer =
                        server.send(server.request(begin + path + "?api-version=2025-04-01-preview")
                                .header("api-key", "any")
                                .build());
                assertEquals(200, answer.status(), begin + path);
                assertEquals(server.get("/v1" + path).text(), answer.text(), begin + path);
            }
            assertEquals(
                    200,
                    server.post(
                                    begin + "/fine_tuning/alpha/graders/validate?api-version=2025-04-01-preview",
                                    "{\"grader\": " + CHECK + "}")
                            .status());
            JsonNode chat = server.post(
                            begin + "/deployments/tiny/chat/completions?api-version=2024-10-21",
                            "{\"max_tokens\": 1, \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}")
                    .body();
            assertFields("completion", chat);
            assertEquals("tiny", chat.path("model").asText());
        }
        JsonNode evals = server.get("/v1/evals?order=desc").body();
        assertFields("ended list", evals);
        assertEquals(id.replace("ftjob-", "eval_"), evals.at("/data/0/id").asText());
        assertEquals(501, server.post("/v1/evals", "{}").status());
        assertEquals(
                "cancelled",
                post("/openai/fine_tuning/jobs/" + id + "/cancel?api-version=1")
                        .body()
                        .path("status")
                        .asText());
        RunningServer.Answer priced =
                server.post("/openai/v1/fine_tuning/jobs", """
                {"model": "tiny", "training_file": "%s", "validation_file": "%s", "trainingType": "GlobalStandard",
                 "method": {"type": "reinforcement", "reinforcement": {"grader": %s,
                   "response_format": {"type": "json_schema", "name": "a", "strict": true, "schema": {"type": "object"}}}}}
                """.formatted(training, validation, CHECK));
        assertEquals(200, priced.status(), priced.text());
        post("/v1/fine_tuning/jobs/" + priced.body().path("id").asText() + "/cancel");
    }

    private static JsonNode read(String json) {
        try {
            return Json.PLAIN.readTree(json);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
