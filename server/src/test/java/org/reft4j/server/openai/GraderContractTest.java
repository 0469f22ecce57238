package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.ground.files.Json;
import org.reft4j.server.RunningServer;
import org.reft4j.server.ServerSettings;

/** The fields that OpenAI, Azure and Amazon document of each type of grader. */
class GraderContractTest {
    @TempDir
    private static Path folder = Path.of("");

    private static RunningServer server;

    @BeforeAll
    static void open() {
        ObjectNode judges = Json.PLAIN.createObjectNode();
        judges.putObject("*").put("url", "http://127.0.0.1:9/v1").put("model", "nobody");
        server = RunningServer.start(
                folder.resolve("data"),
                ServerSettings.DEFAULTS.withGraders(new ServerSettings.Graders(
                        judges, Map.of("arn:aws:lambda:one", "http://127.0.0.1:9/grade"), true)));
    }

    @AfterAll
    static void close() {
        server.close();
    }

    /** Every documented field of each type, echoed as it was sent. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\": \"string_check\", \"name\": \"a\", \"input\": \"{{ sample.output_text }}\", \"reference\": \"{{item.a}}\", \"operation\": \"eq\"}",
                "{\"type\": \"string_check\", \"name\": \"a\", \"input\": \"{{sample.output_json.a}}\", \"reference\": \"x\", \"operation\": \"ne\"}",
                "{\"type\": \"string_check\", \"name\": \"a\", \"input\": \"{{sample.output_tools[0].function.name}}\", \"reference\": \"x\", \"operation\": \"neq\"}",
                "{\"type\": \"string_check\", \"name\": \"a\", \"input\": \"b\", \"reference\": \"x\", \"operation\": \"ilike\"}",
                "{\"type\": \"text_similarity\", \"name\": \"a\", \"input\": \"b\", \"reference\": \"c\", \"evaluation_metric\": \"fuzzy_match\", \"pass_threshold\": 0.8}",
                "{\"type\": \"text_similarity\", \"name\": \"a\", \"input\": \"b\", \"reference\": \"c\", \"evaluation_metric\": \"bleu\"}",
                "{\"type\": \"text_similarity\", \"name\": \"a\", \"input\": \"b\", \"reference\": \"c\", \"evaluation_metric\": \"gleu\"}",
                "{\"type\": \"text_similarity\", \"name\": \"a\", \"input\": \"b\", \"reference\": \"c\", \"evaluation_metric\": \"meteor\"}",
                "{\"type\": \"text_similarity\", \"name\": \"a\", \"input\": \"b\", \"reference\": \"c\", \"evaluation_metric\": \"rouge_1\"}",
                "{\"type\": \"text_similarity\", \"name\": \"a\", \"input\": \"b\", \"reference\": \"c\", \"evaluation_metric\": \"rouge_5\"}",
                "{\"type\": \"text_similarity\", \"name\": \"a\", \"input\": \"b\", \"reference\": \"c\", \"evaluation_metric\": \"rouge_l\"}",
                "{\"type\": \"python\", \"name\": \"a\", \"source\": \"def grade(sample, item):\\n    return 1.0\", \"image_tag\": \"2025-05-08\", \"pass_threshold\": 0.5}",
                "{\"type\": \"score_model\", \"name\": \"a\", \"model\": \"o3-2025-04-16\", \"range\": [0, 5], \"pass_threshold\": 3, \"input\": [{\"role\": \"developer\", \"content\": \"x\", \"type\": \"message\"}, {\"role\": \"user\", \"content\": {\"type\": \"input_text\", \"text\": \"{{item.a}}\"}}, {\"role\": \"assistant\", \"content\": [{\"type\": \"output_text\", \"text\": \"y\"}]}], \"sampling_params\": {\"seed\": 1, \"top_p\": 0.9, \"temperature\": 0.2, \"max_completions_tokens\": 100, \"reasoning_effort\": \"low\"}}",
                "{\"type\": \"label_model\", \"name\": \"a\", \"model\": \"gpt-4.1-2025-04-14\", \"input\": [{\"role\": \"user\", \"content\": \"x\"}], \"labels\": [\"good\", \"bad\"], \"passing_labels\": [\"good\"]}",
                "{\"type\": \"endpoint\", \"name\": \"a\", \"url\": \"https://127.0.0.1/grade\", \"headers\": {\"x\": \"y\"}, \"rate_limit\": 5, \"pass_threshold\": 0.5}",
                "{\"type\": \"endpoint\", \"url\": \"https://127.0.0.1/grade\", \"name\": \"b\"}",
                "{\"type\": \"lambda\", \"name\": \"a\", \"lambda\": {\"function\": \"arn:aws:lambda:one\"}}",
                "{\"type\": \"multi\", \"name\": \"a\", \"graders\": {\"b\": {\"type\": \"string_check\", \"name\": \"c\", \"input\": \"b\", \"reference\": \"x\", \"operation\": \"like\"}}, \"calculate_output\": \"max(b, 0.5) ^ 2 + abs(floor(ceil(exp(sqrt(log(1 + b))))))\"}"
            })
    void gradersKeepTheirFields(String grader) {
        RunningServer.Answer answer =
                server.post("/v1/fine_tuning/alpha/graders/validate", "{\"grader\": " + grader + "}");
        assertEquals(200, answer.status(), answer.text());
        assertEquals(read(grader), answer.body().path("grader"));
    }

    private static JsonNode read(String json) {
        try {
            return Json.PLAIN.readTree(json);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
