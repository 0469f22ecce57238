package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;

class JobTranslationTest {
    private static final String GRADER =
            "{\"type\": \"string_check\", \"name\": \"g\", \"input\": \"a\", \"reference\": \"b\", \"operation\": \"eq\"}";

    @TempDir
    private Path folder = Path.of("");

    /** A thousand rows of at most 400 characters, 200 of them asked, and a model of 4,096 positions. */
    private JobFacts facts(Optional<Map<String, String>> adapter) throws IOException {
        Path training = Files.writeString(folder.resolve("train.jsonl"), "{}\n");
        return new JobFacts(1000, 400, 200, training, Optional.empty(), Path.of("owner/model"), 4096, adapter);
    }

    private JobTranslation translated(String method, String own) throws IOException {
        JobRequest request = JobRequest.of(body(method, own));
        return JobTranslation.of(request, 7, facts(Optional.empty()), request.grader(), Json.PLAIN.createObjectNode());
    }

    private static ObjectNode body(String method, String own) {
        return read(
                "{\"model\": \"m\", \"training_file\": \"file-1\"" + (method.isEmpty() ? "" : ", \"method\": " + method)
                        + (own.isEmpty() ? "" : ", \"reft4j\": " + own) + "}");
    }

    private static String reinforcement(String hyperparameters) {
        return "{\"type\": \"reinforcement\", \"reinforcement\": {\"grader\": " + GRADER + ", \"hyperparameters\": {"
                + hyperparameters + "}}}";
    }

    private static ObjectNode read(String json) {
        try {
            return (ObjectNode) Json.PLAIN.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void supervisedIsTheMethodWhereNoneIsNamed() throws IOException {
        JobTranslation translation = translated("", "");
        assertEquals(
                "{\"batch_size\":4,\"learning_rate_multiplier\":1,\"n_epochs\":3}",
                translation.hyperparameters().toString());
        JsonNode settings = translation.settings();
        assertEquals("sft", settings.path("recipe").asText());
        assertEquals(7, settings.path("seed").asInt());
        assertEquals(4, settings.path("batch").asInt());
        assertEquals(3, settings.path("epochs").asInt());
        assertEquals(250, settings.path("evaluate.every").asInt(), "once an epoch");
        assertEquals(16, settings.path("lora.rank").asInt(), "adapters unless told otherwise");
        assertEquals(
                1e-4,
                settings.path("optimizer.learning-rate").asDouble(),
                1e-12,
                "ten times the rate of whole weights");
        assertEquals(320, settings.path("max-tokens").asInt(), "200 + 64 tokens, in steps of 64");
        assertEquals(0, settings.path("data.validation").asInt(), "nothing is held out of the training file");
        assertEquals(0, settings.path("data.test").asInt());
        RunDocuments.check(translation);
    }

    @Test
    void reinforcementIsGrpo() throws IOException {
        JobTranslation translation = translated(reinforcement(""), "");
        assertEquals(
                "{\"batch_size\":16,\"learning_rate_multiplier\":1,\"n_epochs\":1,\"reasoning_effort\":\"default\","
                        + "\"compute_multiplier\":1,\"eval_interval\":6,\"eval_samples\":1}",
                translation.hyperparameters().toString());
        JsonNode settings = translation.settings();
        assertEquals("grpo", settings.path("recipe").asText());
        assertEquals(63, settings.path("steps").asInt(), "1000 rows by 16");
        assertEquals(16, settings.path("rollout.questions").asInt());
        assertEquals(8, settings.path("rollout.samples").asInt());
        assertEquals(6, settings.path("evaluate.every").asInt());
        assertEquals(192, settings.path("rollout.max-prompt-tokens").asInt());
        assertEquals(704, settings.path("rollout.max-total-tokens").asInt(), "512 for the completion");
        assertEquals(1e-5, settings.path("optimizer.learning-rate").asDouble(), 1e-12);
        assertEquals(read(GRADER), settings.path("grader"));
        assertTrue(translation.remarks().isEmpty());
        RunDocuments.check(translation);
    }

    @Test
    void whatIsGivenIsNotResolved() throws IOException {
        JobTranslation translation = translated(
                reinforcement(
                        "\"batch_size\": 10, \"n_epochs\": 2, \"learning_rate_multiplier\": 0.5, \"reasoning_effort\": \"high\","
                                + " \"compute_multiplier\": 1.5, \"eval_interval\": 5, \"eval_samples\": 3"),
                "");
        assertEquals(
                "{\"batch_size\":10,\"learning_rate_multiplier\":0.5,\"n_epochs\":2,\"reasoning_effort\":\"high\","
                        + "\"compute_multiplier\":1.5,\"eval_interval\":5,\"eval_samples\":3}",
                translation.hyperparameters().toString());
        JsonNode settings = translation.settings();
        assertEquals(200, settings.path("steps").asInt());
        assertEquals(12, settings.path("rollout.samples").asInt());
        assertEquals(1216, settings.path("rollout.max-total-tokens").asInt());
        assertEquals(5e-6, settings.path("optimizer.learning-rate").asDouble(), 1e-12);
        assertEquals(3, settings.path("evaluate.samples").asInt());
        assertEquals(
                List.of(
                        "compute_multiplier: a step samples 12 answers of each question",
                        "eval_samples: each validation question is answered 3 times, sampled as in training; their mean counts",
                        "reasoning_effort: an answer has at most 1024 tokens; models here have no other way to think less"),
                translation.remarks());
    }

    @Test
    void preferencesComeFromTheTrainingFile() throws IOException {
        JobTranslation translation = translated(
                "{\"type\": \"dpo\", \"dpo\": {\"hyperparameters\": {\"beta\": 0.3, \"batch_size\": \"auto\"}}}", "");
        JsonNode settings = translation.settings();
        assertEquals(0.3, settings.path("preference.beta").asDouble());
        assertEquals(settings.path("data.path"), settings.path("samples.path"));
        assertEquals(10, settings.path("batch").asInt());
        assertEquals(1, settings.path("epochs").asInt());
        RunDocuments.check(translation);
    }

    @Test
    void ownSettingsWin() throws IOException {
        JobTranslation translation = translated(
                reinforcement(""),
                "{\"recipe\": \"reft\", \"lora\": false, \"rollout\": {\"samples\": 2}, \"ppo.kl\": 0.02, \"steps\": 9}");
        JsonNode settings = translation.settings();
        assertEquals("reft", settings.path("recipe").asText());
        assertFalse(settings.has("lora.rank"));
        assertEquals(2, settings.path("rollout.samples").asInt());
        assertEquals(9, settings.path("steps").asInt());
        assertEquals(3e-7, settings.path("optimizer.learning-rate").asDouble(), 1e-15, "whole weights");
        RunDocuments.check(translation);
    }

    @Test
    void trainingGoesOnWithAnAdapterAsItIs() throws IOException {
        JobRequest request = JobRequest.of(body("", ""));
        JobTranslation translation = JobTranslation.of(
                request,
                7,
                facts(Optional.of(Map.of(
                        "lora.rank", "4", "lora.alpha", "8", "lora.rslora", "true", "lora.targets", "q_proj, v_proj"))),
                request.grader(),
                Json.PLAIN.createObjectNode());
        assertEquals(4, translation.settings().path("lora.rank").asInt());
        assertEquals(
                "q_proj, v_proj", translation.settings().path("lora.targets").asText());
        RunDocuments.check(translation);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"n_epochs\": 51} | method.supervised.hyperparameters.n_epochs",
                "{\"batch_size\": 1.5} | method.supervised.hyperparameters.batch_size",
                "{\"learning_rate_multiplier\": 0} | method.supervised.hyperparameters.learning_rate_multiplier",
                "{\"beta\": 0.1} | method.supervised.hyperparameters.beta",
                "[] | method.supervised.hyperparameters"
            })
    void refusesHyperparametersByName(String hyperparameters, String param) {
        ApiError refused = assertThrows(
                ApiError.class,
                () -> JobRequest.of(body(
                        "{\"type\": \"supervised\", \"supervised\": {\"hyperparameters\": " + hyperparameters + "}}",
                        "")));
        assertEquals(param, refused.param());
        assertEquals(400, refused.status());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"lora.rank\": 0} | reft4j.lora.rank",
                "{\"rollout.unknown\": 1} | reft4j.rollout.unknown",
                "{\"optimizer\": {\"learning-rate\": 2}} | reft4j.optimizer.learning-rate"
            })
    void refusesSettingsThatARunWouldRefuse(String own, String param) throws IOException {
        JobTranslation translation = translated(reinforcement(""), own);
        assertEquals(
                param,
                assertThrows(ApiError.class, () -> RunDocuments.check(translation))
                        .param());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"data.path\": \"/etc/passwd\"} | reft4j.data.path",
                "{\"model.path\": \"/\"} | reft4j.model.path",
                "{\"models\": {}} | reft4j.models",
                "{\"samples.path\": \"/\"} | reft4j.samples.path",
                "{\"name\": \"../x\"} | reft4j.name",
                "{\"classpath\": \"/\"} | reft4j.classpath",
                "{\"prompt.response-format\": \"/etc/passwd\"} | reft4j.prompt.response-format",
                "{\"grader\": \"/etc/x.json\"} | reft4j.grader",
                "{\"recipe\": \"offline-self-training\"} | reft4j.recipe"
            })
    void keepsCallersFromTheServersFiles(String own, String param) {
        JobRequest request = JobRequest.of(body("", own));
        assertEquals(
                param,
                assertThrows(ApiError.class, () -> OwnSettings.check(request.own(), request.method()))
                        .param());
    }

    @Test
    void answersAreHeldToAResponseFormat() throws IOException {
        String format =
                "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"type\": \"object\"}}}";
        JobTranslation translation = translated(
                "{\"type\": \"reinforcement\", \"reinforcement\": {\"grader\": " + GRADER + ", \"response_format\": "
                        + format + "}}",
                "");
        assertEquals(read(format), translation.settings().path("prompt.response-format"));
        RunDocuments.check(translation);
        JobTranslation wrong = translated(
                "{\"type\": \"reinforcement\", \"reinforcement\": {\"grader\": " + GRADER
                        + ", \"response_format\": {\"type\": \"x\"}}}",
                "");
        assertEquals(
                "method.reinforcement.response_format",
                assertThrows(ApiError.class, () -> RunDocuments.check(wrong)).param());
    }

    @Test
    void takesTheOutdatedPlaceOfHyperparameters() {
        JobRequest request = JobRequest.of(
                read("{\"model\": \"m\", \"training_file\": \"f\", \"hyperparameters\": {\"n_epochs\": 2}}"));
        assertEquals(2, request.hyperparameters().values().path("n_epochs").asInt());
        assertEquals(
                "auto", request.hyperparameters().values().path("batch_size").asText());
    }

    @Test
    void amazonsFunctionsBecomeEndpoints() {
        GraderForms forms = new GraderForms(null, Map.of("arn:f", "http://localhost:9/g"), false);
        JsonNode ready = forms.ready(
                read("{\"type\": \"lambda\", \"name\": \"n\", \"lambda\": {\"function\": \"arn:f\"}}"), "grader");
        assertEquals(read("{\"name\": \"n\", \"type\": \"endpoint\", \"url\": \"http://localhost:9/g\"}"), ready);
        assertEquals(
                "grader.url",
                assertThrows(
                                ApiError.class,
                                () -> forms.ready(
                                        read("{\"type\": \"endpoint\", \"url\": \"http://127.0.0.1/\"}"), "grader"))
                        .param());
        assertEquals(
                "grader.wordnet",
                assertThrows(
                                ApiError.class,
                                () -> forms.ready(
                                        read("{\"type\": \"text_similarity\", \"wordnet\": \"/usr/share/wordnet\"}"),
                                        "grader"))
                        .param());
        assertEquals(
                false,
                forms.ready(
                                read(
                                        "{\"type\": \"multi\", \"graders\": [{\"type\": \"endpoint\", \"url\": \"http://93.184.215.14/\", \"private_addresses\": true}]}"),
                                "grader")
                        .at("/graders/0/private_addresses")
                        .asBoolean(true),
                "not the caller's to say");
        for (String inner :
                List.of("127.1", "2130706433", "[::1]", "[::ffff:10.0.0.1]", "100.64.0.1", "169.254.169.254")) {
            String deep = "{\"type\": \"multi\", \"graders\": {\"a\": {\"type\": \"multi\", \"graders\": {\"b\":"
                    + " {\"type\": \"endpoint\", \"url\": \"http://" + inner + "/\"}}}}}";
            assertEquals(
                    "grader.url",
                    assertThrows(ApiError.class, () -> forms.ready(read(deep), "grader"), inner)
                            .param());
        }
        assertEquals(
                "grader.interpreter",
                assertThrows(
                                ApiError.class,
                                () -> forms.ready(
                                        read(
                                                "{\"type\": \"multi\", \"graders\": {\"a\": {\"type\": \"python\", \"interpreter\": \"x\"}}}"),
                                        "grader"))
                        .param());
    }
}
