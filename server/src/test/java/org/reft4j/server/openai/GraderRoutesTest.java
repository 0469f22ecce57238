package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.Json;
import org.reft4j.server.RunningServer;
import org.reft4j.server.ServerSettings;

/** Graders over HTTP. */
class GraderRoutesTest {
    private static final String PYTHON =
            "def grade(sample, item):\\n    return min(1.0, sample['output_text'].count(item['letter']) / 4)\\n";

    @TempDir
    private static Path folder = Path.of("");

    private static RunningServer server;

    private static HttpServer judge;

    /** A model that judges: it gives 7, and says what that cost. */
    private static HttpServer judge() throws IOException {
        HttpServer model = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        model.createContext("/v1/chat/completions", exchange -> {
            byte[] reply = """
                    {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "{\\"steps\\": [], \\"result\\": 7}"}}],
                     "usage": {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16, "prompt_tokens_details": {"cached_tokens": 4}}}
                    """.getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
            exchange.close();
        });
        model.start();
        return model;
    }

    @BeforeAll
    static void open() throws IOException {
        judge = judge();
        ObjectNode models = Json.PLAIN.createObjectNode();
        models.putObject("gpt-4.1-mini-2025-04-14")
                .put("url", "http://127.0.0.1:" + judge.getAddress().getPort() + "/v1");
        server = RunningServer.start(
                folder.resolve("data"),
                ServerSettings.DEFAULTS.withGraders(
                        new ServerSettings.Graders(models, Map.of("arn:aws:one", "http://127.0.0.1:9/grade"), false)));
    }

    @AfterAll
    static void close() {
        server.close();
        judge.stop(0);
    }

    private static final String SCORE =
            "{\"type\": \"score_model\", \"name\": \"taste\", \"model\": \"gpt-4.1-mini-2025-04-14\", \"range\": [0, 10],"
                    + " \"input\": [{\"role\": \"user\", \"content\": \"Judge {{sample.output_text}}\"}]}";

    /** The schema's response, field by field. */
    @Test
    void tellsWhatAModelsJudgementCost() {
        RunningServer.Answer run = server.post(
                "/v1/fine_tuning/alpha/graders/run", "{\"grader\": " + SCORE + ", \"model_sample\": \"aab\"}");
        assertEquals(200, run.status(), run.text());
        assertEquals(7, run.body().path("reward").asDouble());
        JsonNode metadata = run.body().path("metadata");
        assertEquals("taste", metadata.path("name").asText());
        assertEquals("score_model", metadata.path("type").asText());
        assertEquals(
                "gpt-4.1-mini-2025-04-14", metadata.path("sampled_model_name").asText());
        assertEquals(16, metadata.path("token_usage").asInt());
        assertTrue(metadata.path("token_usage").isInt(), "the schema's integer");
        assertTrue(metadata.path("execution_time").isNumber());
        assertTrue(metadata.path("scores").isObject());
        assertEquals(
                "{\"gpt-4.1-mini-2025-04-14\":{\"prompt_tokens\":11,\"completion_tokens\":5,\"total_tokens\":16,\"cached_tokens\":4}}",
                run.body().path("model_grader_token_usage_per_model").toString());
        assertEquals("{}", run.body().path("sub_rewards").toString());

        RunningServer.Answer both = server.post(
                "/v1/fine_tuning/alpha/graders/run",
                "{\"grader\": {\"type\": \"multi\", \"name\": \"m\", \"graders\": {\"a\": " + SCORE + ", \"b\": "
                        + SCORE + "}, \"calculate_output\": \"a + b / 2\"}, \"model_sample\": \"x\"}");
        assertEquals(10.5, both.body().path("reward").asDouble());
        assertEquals("{\"a\":7.0,\"b\":7.0}", both.body().path("sub_rewards").toString());
        assertEquals(32, both.body().at("/metadata/token_usage").asInt(), "of this run alone");

        RunningServer.Answer without = server.post(
                "/v1/fine_tuning/alpha/graders/run",
                "{\"grader\": {\"type\": \"string_check\", \"input\": \"{{sample.output_text}}\", \"reference\": \"{{item.reference_answer}}\","
                        + " \"operation\": \"eq\"}, \"model_sample\": \"x\", \"reference_answer\": \"x\"}");
        assertEquals(1, without.body().path("reward").asDouble(), without.text());
        assertTrue(without.body().at("/metadata/token_usage").isNull());
        assertTrue(without.body().at("/metadata/sampled_model_name").isNull());
        assertTrue(without.body().at("/metadata/name").asText().startsWith("grader-"), "a name is made up");
    }

    @Test
    void paysWhatTheGraderSays() {
        RunningServer.Answer run = server.post(
                "/v1/fine_tuning/alpha/graders/run",
                "{\"grader\": {\"type\": \"python\", \"name\": \"p\", \"source\": \"" + PYTHON
                        + "\"}, \"model_sample\": \"aab\", \"item\": {\"letter\": \"a\"}}");
        assertEquals(200, run.status(), run.text());
        assertEquals(0.5, run.body().path("reward").asDouble());
        assertFalse(run.body().at("/metadata/errors/other_error").asBoolean(true));
    }

    @Test
    void flagsWhatWentWrong() {
        RunningServer.Answer fails = server.post(
                "/v1/fine_tuning/alpha/graders/run",
                "{\"grader\": {\"type\": \"python\", \"name\": \"p\", \"source\": \"" + PYTHON
                        + "\"}, \"model_sample\": \"aab\", \"item\": {}}");
        assertEquals(200, fails.status(), "flags tell");
        assertTrue(
                fails.body().at("/metadata/errors/python_grader_runtime_error").asBoolean());
        assertTrue(fails.body()
                .at("/metadata/errors/python_grader_runtime_error_details")
                .asText()
                .contains("letter"));
        for (String flag : List.of(
                "formula_parse_error",
                "sample_parse_error",
                "truncated_observation_error",
                "unresponsive_reward_error",
                "invalid_variable_error",
                "other_error",
                "python_grader_server_error",
                "model_grader_server_error",
                "model_grader_refusal_error",
                "model_grader_parse_error")) {
            assertFalse(fails.body().at("/metadata/errors").path(flag).asBoolean(true), flag);
        }
    }

    @Test
    void namesAGraderWithoutAName() {
        RunningServer.Answer named = server.post(
                "/v1/fine_tuning/alpha/graders/validate",
                "{\"grader\": {\"type\": \"string_check\", \"input\": \"a\", \"reference\": \"b\", \"operation\": \"neq\"}}");
        assertEquals(200, named.status(), named.text());
        assertTrue(named.body().at("/grader/name").asText().startsWith("grader-"));
        assertEquals("neq", named.body().at("/grader/operation").asText(), "as it was sent");
    }

    @Test
    void refusesWhatCannotGradeOrIsNotForCallers() {
        for (String bad : List.of(
                "{\"type\": \"nonsense\", \"name\": \"x\"}",
                "{\"type\": \"python\", \"name\": \"x\", \"source\": \"def other(): pass\"}",
                "{\"type\": \"python\", \"name\": \"x\", \"source\": \"def grade(sample, item):\\n  return 1\", \"interpreter\": \"/usr/bin/python3\"}",
                "{\"type\": \"endpoint\", \"name\": \"x\", \"url\": \"http://127.0.0.1:1/\"}",
                "{\"type\": \"lambda\", \"lambda\": {\"function\": \"arn:aws:other\"}}")) {
            assertEquals(
                    400,
                    server.post("/v1/fine_tuning/alpha/graders/validate", "{\"grader\": " + bad + "}")
                            .status(),
                    bad);
        }
        assertEquals(
                200,
                server.post(
                                "/v1/fine_tuning/alpha/graders/validate",
                                "{\"grader\": {\"type\": \"lambda\", \"lambda\": {\"function\": \"arn:aws:one\"}}}")
                        .status());
    }
}
