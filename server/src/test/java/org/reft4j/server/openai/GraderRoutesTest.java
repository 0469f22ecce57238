package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.RunningServer;
import org.reft4j.server.ServerSettings;

/** Graders over HTTP. */
class GraderRoutesTest {
    private static final String PYTHON =
            "def grade(sample, item):\\n    return min(1.0, sample['output_text'].count(item['letter']) / 4)\\n";

    @TempDir
    private static Path folder = Path.of("");

    private static RunningServer server;

    @BeforeAll
    static void open() {
        server = RunningServer.start(
                folder.resolve("data"),
                ServerSettings.DEFAULTS.withGraders(
                        new ServerSettings.Graders(null, Map.of("arn:aws:one", "http://127.0.0.1:9/grade"), false)));
    }

    @AfterAll
    static void close() {
        server.close();
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
