package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Graders as OpenAI's guide to reinforcement fine-tuning has them, unchanged: tried, used on a file, and trained by. */
final class OpenAiGradersTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String STRING_CHECK = """
            {"type": "string_check", "name": "Example string check grader", "operation": "eq",
             "input": "{{sample.output_text}}", "reference": "{{item.label}}"}""";

    private static final String TEXT_SIMILARITY = """
            {"type": "text_similarity", "name": "Example text similarity grader", "input": "{{ sample.output_text }}",
             "reference": "{{ item.label }}", "pass_threshold": 0.8, "evaluation_metric": "fuzzy_match"}""";

    private static final String PYTHON = """
            {"type": "python", "name": "Example python grader",
             "source": "def grade(sample, item):\\n    return 1.0 if sample[\\"output_text\\"] == item[\\"label\\"] else 0.0"}""";

    private static final String SCORE_MODEL = """
            {"type": "score_model", "name": "Example score model grader", "model": "gpt-4o-2024-08-06", "range": [0, 1],
             "input": [{"role": "system", "content": "Score from 0 to 1."},
                       {"role": "user", "content": "Score: {{ sample.output_text }} against {{ item.label }}"}]}""";

    /** Two fields of a JSON answer. */
    private static final String MULTI = """
            {"type": "multi", "name": "contact",
             "graders": {
               "name": {"name": "name_grader", "type": "text_similarity", "input": "{{sample.output_json.name}}",
                        "reference": "{{item.name}}", "evaluation_metric": "fuzzy_match", "pass_threshold": 0.9},
               "email": {"name": "email_grader", "type": "string_check", "input": "{{sample.output_json.email}}",
                         "reference": "{{item.email}}", "operation": "eq"}},
             "calculate_output": "(name + email) / 2"}""";

    /** The security review of the guide: a check of one field together with a model that judges another. */
    private static final String REVIEW = """
            {"type": "multi", "name": "security",
             "graders": {
               "explanation": {"name": "Explanation text grader", "type": "score_model", "model": "gpt-4o-2024-08-06",
                 "input": [{"role": "user", "type": "message",
                            "content": "Expected: {{item.explanation}}\\nSubmitted: {{sample.output_json.explanation}}"}]},
               "compliant": {"name": "compliant", "type": "string_check", "reference": "{{item.compliant}}",
                             "operation": "eq", "input": "{{sample.output_json.compliant}}"}},
             "calculate_output": "0.5 * compliant + 0.5 * explanation"}""";

    private static final Pattern SAME = Pattern.compile("(word\\d+ wise).*\\1", Pattern.DOTALL);

    @TempDir
    private Path folder;

    private HttpServer server;
    private Path data = Path.of("");
    private Path models = Path.of("");

    @BeforeEach
    void begin() throws IOException {
        data = Files.writeString(folder.resolve("rows.jsonl"), rows());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            // Good is what names the same words twice: once as the reference, once as the submission.
            boolean good = SAME.matcher(asked).find();
            ObjectNode reply = JSON.createObjectNode();
            ObjectNode choice = reply.putArray("choices").addObject().put("finish_reason", "stop");
            choice.putObject("message").put("content", "{\"steps\": [], \"result\": " + (good ? 1.0 : 0.0) + "}");
            byte[] bytes = reply.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        models = Files.writeString(
                folder.resolve("models.json"),
                "{\"gpt-4o-2024-08-06\": {\"url\": \"http://localhost:"
                        + server.getAddress().getPort() + "/v1\", \"model\": \"stub\"}}");
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    private static String rows() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            rows.append(String.format(
                    "{\"id\": \"r%1$d\", \"question\": \"Row %1$d, please.\", \"answer\": \"word%1$d wise\","
                            + " \"label\": \"word%1$d wise\", \"name\": \"Ann Number%1$d\", \"email\": \"a%1$d@x.org\","
                            + " \"explanation\": \"word%1$d wise\", \"compliant\": \"%2$s\"}%n",
                    i, List.of("yes", "no", "needs review").get(i % 3)));
        }
        return rows.toString();
    }

    private void through(String grader, String perfect) throws IOException {
        Path file = Files.writeString(folder.resolve("grader.json"), grader);
        Cli checked = Cli.run(
                        "grader",
                        "check",
                        file,
                        "--data",
                        data,
                        "--cot",
                        "n",
                        "--models",
                        models,
                        "--rows",
                        "6",
                        "--perfect",
                        perfect,
                        "--json")
                .done();
        JsonNode trial = checked.json();
        assertEquals(1, trial.path("rewards").path("reference").asDouble(), trial.toString());

        Path completions = Files.writeString(
                folder.resolve("completions.jsonl"), "{\"item_id\": \"r1\", \"completion\": \"no such thing\"}\n");
        Cli graded = Cli.run("grade", "--data", data, "--cot", "n", "--grader", file, "--models", models, completions)
                .done();
        JsonNode row = JSON.readTree(graded.out());
        assertTrue(row.path("reward").asDouble() < 0.5, graded.out());
        assertEquals(false, row.path("correct").asBoolean(true));

        Path config = Files.writeString(folder.resolve("run.yaml"), """
                recipe: grpo
                name: tiny
                model:
                  new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 128}
                data: {path: DATA, cot: n, validation: 2}
                steps: 3
                rollout: {questions: 2, samples: 2, max-prompt-tokens: 60, max-total-tokens: 70}
                evaluate: {max-total-tokens: 70}
                grader: GRADER
                models: MODELS
                """.replace("DATA", data.toString())
                .replace("GRADER", grader.replaceAll("\n *", " "))
                .replace("MODELS", Files.readString(models)));
        JsonNode figures = Cli.run("train", config, "--runs", folder.resolve("runs"), "--json")
                .done()
                .json();
        assertEquals("done", figures.path("outcome").asText());
        assertEquals(0, figures.path("metrics").path("failed").asDouble(-1), "no completion is the grader's fault");
        assertTrue(figures.path("metrics").path("reward").isNumber(), figures.toString());
    }

    @Test
    void stringCheck() throws IOException {
        through(STRING_CHECK, "{{item.label}}");
    }

    @Test
    void textSimilarity() throws IOException {
        through(TEXT_SIMILARITY, "{{item.label}}");
    }

    @Test
    void python() throws IOException {
        through(PYTHON, "{{item.label}}");
    }

    @Test
    void scoreModel() throws IOException {
        through(SCORE_MODEL, "{{item.label}}");
    }

    @Test
    void multi() throws IOException {
        through(MULTI, "{\"name\": \"{{item.name}}\", \"email\": \"{{item.email}}\"}");
    }

    @Test
    void securityReview() throws IOException {
        through(REVIEW, "{\"compliant\": \"{{item.compliant}}\", \"explanation\": \"{{item.explanation}}\"}");
    }

    /** A completion that is not JSON gets 0 with a reason; that is not a failure of the grader. */
    @Test
    void aCompletionOfAnotherFormIsPaidNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("grader.json"), """
                {"type": "string_check", "input": "{{sample.output_json.email}}", "reference": "{{item.email}}", "operation": "eq"}
                """);
        Path completions = Files.writeString(folder.resolve("completions.jsonl"), """
                {"item_id": "r1", "completion": "mail me"}
                {"item_id": "r1", "completion": "{\\"mail\\": 1}"}
                {"item_id": "r1", "completion": "{\\"email\\": \\"a1@x.org\\"}"}
                """);
        Cli cli = Cli.run("grade", "--data", data, "--cot", "n", "--grader", file, completions)
                .done();
        List<JsonNode> rows = cli.out().lines().map(OpenAiGradersTest::parsed).toList();
        assertEquals("no-answer", rows.getFirst().path("grade").asText());
        assertEquals("sample_parse_error", rows.getFirst().path("flag").asText());
        assertEquals(0, rows.getFirst().path("reward").asDouble(-1));
        assertEquals(
                "there is no sample.output_json.email: the completion is no JSON",
                rows.getFirst().path("reason").asText());
        assertEquals(
                "there is no sample.output_json.email",
                rows.get(1).path("reason").asText());
        assertEquals(1, rows.get(2).path("reward").asDouble());
        assertTrue(cli.err().contains("3 graded: 1 correct (33.3 %), 0 wrong, 2 without answer, 1 scored"), cli.err());
    }

    private static JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Cli check(String grader, Object... more) throws IOException {
        Path file = Files.writeString(folder.resolve("grader.json"), grader);
        Object[] words = new Object[6 + more.length];
        System.arraycopy(new Object[] {"grader", "check", file, "--data", data, "--cot=n"}, 0, words, 0, 6);
        System.arraycopy(more, 0, words, 6, more.length);
        return Cli.run(words);
    }

    @Test
    void theTextsThatAreTriedAreShown() throws IOException {
        Cli cli = check(STRING_CHECK, "--perfect", "{{ item.label }}").done();
        assertTrue(cli.out().contains("text: word") && cli.out().contains(" wise\n"), cli.out());
        assertTrue(cli.out().contains("text: (nothing)"), cli.out());
        assertTrue(cli.out().contains("nothing speaks against it"), cli.out());
    }

    @Test
    void whatSpeaksAgainstAGraderIsToldByTheStatus() throws IOException {
        Cli json = check(MULTI);
        assertEquals(1, json.status(), "bare answers are no JSON");
        assertTrue(json.out().contains("warning: everything is paid 0.000: there is nothing to learn"), json.out());
        Cli little = check("{\"type\": \"multi\", \"graders\": {\"a\": " + STRING_CHECK
                + ", \"b\": {\"type\": \"string_check\", \"input\": \"{{sample.output_text}}\", \"reference\": \"!\","
                + " \"operation\": \"like\"}}, \"calculate_output\": \"0.3 * a + 0.7 * b\"}");
        assertEquals(1, little.status());
        assertTrue(
                little.out().contains("reference answers are paid 0.300, less than half of the best possible 1.000"),
                little.out());
        Cli failing =
                check("{\"type\": \"python\", \"source\": \"def grade(sample, item):\\n    return item['nope']\"}");
        assertEquals(1, failing.status());
        assertTrue(failing.out().contains("warning: all ") && failing.out().contains("KeyError"), failing.out());
        assertTrue(!failing.out().contains("NaN"), failing.out());
        Cli threshold = check(STRING_CHECK.replace("\"operation\"", "\"pass_threshold\": 2, \"operation\""));
        assertEquals(1, threshold.status());
        assertTrue(
                threshold.out().contains("reference answers count as right, from a score of 2.000 on"),
                threshold.out());
    }

    @Test
    void ownCasesAreHeldAgainstTheGrader() throws IOException {
        Path cases = Files.writeString(folder.resolve("cases.jsonl"), """
                {"item_id": "r2", "completion": "word2 wise", "expected": 1}
                {"item_id": "r2", "completion": "word3 wise", "expected": 0}
                {"item_id": "r2", "completion": "", "expected": 0.05, "tolerance": 0.1}
                """);
        Cli met = check(STRING_CHECK, "--cases", cases, "--json").done();
        assertEquals(3, met.json().path("cases").size());
        assertTrue(met.json().path("cases").path(2).path("met").asBoolean());
        Files.writeString(cases, "{\"item_id\": \"r2\", \"completion\": \"Word2 wise\", \"expected\": 1}\n");
        Cli missed = check(STRING_CHECK, "--cases", cases);
        assertEquals(1, missed.status());
        assertTrue(
                missed.out()
                        .contains("warning: 1 of 1 cases are missed, first " + cases
                                + ", line 1: expected 1, paid 0.0000"),
                missed.out());
        assertTrue(missed.out().contains("MISSED " + cases + ", line 1"), missed.out());
        assertEquals(
                0, check(STRING_CHECK, "--cases", cases, "--tolerance", "1").status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"completion\": \"x\"}|\"expected\" is missing; expected a number",
                "{\"expected\": 1}|\"completion\" is missing or no text; expected a text",
                "{\"item_id\": \"r99\", \"completion\": \"x\", \"expected\": 1}|item_id r99 is not in the data (16 questions)",
            })
    void aCaseThatIsWrongIsNamedWithItsLine(String line) throws IOException {
        String[] parts = line.split("\\|", -1);
        Path cases = Files.writeString(folder.resolve("cases.jsonl"), parts[0] + "\n");
        Cli cli = check(STRING_CHECK, "--cases", cases);
        assertEquals(2, cli.status());
        assertEquals("reft: " + cases + ", line 1: " + parts[1], cli.err().strip());
    }

    @Test
    void aTemplateOfThePerfectCompletionNamesTheRow() throws IOException {
        Cli absent = check(STRING_CHECK, "--perfect", "{{ item.nope }}");
        assertEquals(2, absent.status());
        assertTrue(absent.err().contains("--perfect names {{ item.nope }}, which row 1 of the data"), absent.err());
        Cli sample = check(STRING_CHECK, "--perfect", "{{ sample.output_text }}");
        assertEquals(2, sample.status());
        assertTrue(sample.err().contains("--perfect names the sample"), sample.err());
    }

    @Test
    void whereEverythingFailsNoCommandEndsWell() throws IOException {
        String failing = "{\"type\": \"python\", \"source\": \"def grade(sample, item):\\n    return item['nope']\"}";
        Path file = Files.writeString(folder.resolve("grader.json"), failing);
        Path completions =
                Files.writeString(folder.resolve("c.jsonl"), "{\"item_id\": \"r1\", \"completion\": \"x\"}\n");
        Cli graded = Cli.run("grade", "--data", data, "--cot", "n", "--grader", file, completions);
        assertEquals(1, graded.status(), graded.err());
        assertTrue(graded.err().contains("grading failed for all 1 completions, first: "), graded.err());
        assertTrue(!(graded.err() + graded.out()).contains("NaN"), graded.err());

        Path config = Files.writeString(folder.resolve("run.yaml"), """
                recipe: grpo
                name: tiny
                model:
                  new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 128}
                data: {path: DATA, cot: n, validation: 2}
                steps: 1
                rollout: {questions: 2, samples: 2, max-prompt-tokens: 60, max-total-tokens: 70}
                evaluate: {max-total-tokens: 70}
                guards: {grader-failures: 1}
                """.replace("DATA", data.toString()));
        Cli.run("train", config, "--runs", folder.resolve("runs")).done();
        Path run = folder.resolve("runs/tiny");
        Cli evaluated = Cli.run(
                "evaluate",
                "--model",
                run,
                "--data",
                data,
                "--cot",
                "n",
                "--limit",
                "2",
                "--grader",
                file,
                "--max-total-tokens",
                "70",
                "--out",
                folder.resolve("out"));
        assertEquals(1, evaluated.status(), evaluated.err());
        assertTrue(evaluated.out().contains("mean reward –"), evaluated.out());
        assertTrue(evaluated.err().contains("grading failed for all "), evaluated.err());

        Files.writeString(
                config, Files.readString(config).replace("name: tiny", "name: failing") + "grader: " + failing);
        Cli trained = Cli.run("train", config, "--runs", folder.resolve("runs"));
        assertEquals(1, trained.status(), trained.err());
        assertTrue(
                trained.err().contains("grading failed for all 2 validation questions at step 0: ")
                        || trained.err().contains("grading failed for 4 of 4 completions of step 1"),
                trained.err());
        assertTrue(
                !Files.readString(folder.resolve("runs/failing/metrics.jsonl")).contains("NaN"));
    }
}
