package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.judge.ChatModel;
import org.reft4j.task.judge.FakePauses;
import org.reft4j.task.judge.StubServer;

/** {@code score_model} and {@code label_model}, against a server that speaks OpenAI's API. */
final class ModelGraderTest {
    private static final String INPUT = "'input': [{'role': 'user', 'content': 'Rate {{ sample.output_text }}'}]";
    private static final String ROW = "{'wanted': 'w'}";

    private StubServer server;
    private ModelMap models;

    @BeforeEach
    void start() throws IOException {
        server = new StubServer();
        models = ModelMap.of(
                json("{'judge': {'url': '%s', 'model': 'local'}}".formatted(server.url("/v1"))),
                "models",
                Map.<String, String>of()::get,
                new FakePauses());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Grader score(String more) {
        return GraderObjects.grader(
                "{'type': 'score_model', 'name': 'x', 'model': 'judge', %s%s}".formatted(INPUT, more),
                GraderObjects.tools(models));
    }

    private Grader label() {
        return GraderObjects.grader(
                "{'type': 'label_model', 'name': 'x', 'model': 'judge', %s, 'labels': ['good', 'fair', 'bad'],"
                                .formatted(INPUT)
                        + " 'passing_labels': ['good', 'fair']}",
                GraderObjects.tools(models));
    }

    /** A completion of the chat whose message is as given. */
    private StubServer message(String content, String end) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode choice = body.putArray("choices").addObject().put("finish_reason", end);
        choice.putObject("message").put("role", "assistant").put("content", content);
        body.putObject("usage").put("prompt_tokens", 11).put("completion_tokens", 5);
        return server.reply(200, body.toString());
    }

    private StubServer replies(String content) {
        return message(content.replace('\'', '"'), "stop");
    }

    private static Grade.Scored scored(Grader grader) {
        return assertInstanceOf(Grade.Scored.class, grader.grade(item(ROW), "it"));
    }

    private static Grade.Failed failed(Grader grader) {
        return assertInstanceOf(Grade.Failed.class, grader.grade(item(ROW), "it"));
    }

    @Test
    void aModelScores() {
        replies("{'steps': [{'description': 'd', 'conclusion': 'c'}, {'description': 'd', 'conclusion': 'sound'}],"
                + " 'result': 0.75}");
        assertEquals(new Grade.Scored(0.75, Map.of(), "sound"), scored(score("")));
        assertEquals(Map.of("judge", new ChatModel.Usage(11, 5)), models.usage());
    }

    @Test
    void theRequestSaysWhatIsWanted() {
        replies("{'result': 7}");
        Grader grader = GraderObjects.grader(
                "{'type': 'score_model', 'name': 'x', 'model': 'judge', 'range': [0, 10], 'pass_threshold': 5, 'input': ["
                        + "{'role': 'developer', 'content': 'You judge.'},"
                        + "{'role': 'user', 'type': 'message', 'content': [{'type': 'input_text', 'text': '{{item.wanted}}?'},"
                        + " 'and', {'type': 'output_text', 'text': '{{ sample.output_text }}'}]},"
                        + "{'role': 'assistant', 'content': {'type': 'output_text', 'text': 'hm'}}],"
                        + "'sampling_params': {'temperature': 0, 'top_p': 0.5, 'seed': 42, 'max_completions_tokens': 100,"
                        + " 'reasoning_effort': 'low'}}",
                GraderObjects.tools(models));
        assertEquals(7, scored(grader).score());
        JsonNode body = server.calls().getFirst().json();
        assertEquals("local", body.path("model").asText());
        assertEquals(
                json("[{'role': 'system', 'content': 'You judge.'}, {'role': 'user', 'content': 'w?\\n\\nand\\n\\nit'},"
                        + " {'role': 'assistant', 'content': 'hm'}]"),
                body.path("messages"));
        assertEquals(0.0, body.path("temperature").doubleValue());
        assertEquals(0.5, body.path("top_p").doubleValue());
        assertEquals(42, body.path("seed").intValue());
        assertEquals(100, body.path("max_completion_tokens").intValue());
        assertEquals("low", body.path("reasoning_effort").asText());
        JsonNode format = body.path("response_format").path("json_schema");
        assertEquals("json_schema", body.path("response_format").path("type").asText());
        assertEquals("score", format.path("name").asText());
        assertTrue(format.path("strict").asBoolean());
        assertEquals(
                json(
                        "{'type': 'object', 'additionalProperties': false, 'required': ['steps', 'result'], 'properties': {"
                                + "'steps': {'type': 'array', 'items': {'type': 'object', 'additionalProperties': false, 'required':"
                                + " ['description', 'conclusion'], 'properties': {'description': {'type': 'string'}, 'conclusion':"
                                + " {'type': 'string'}}}}, 'result': {'type': 'number', 'description':"
                                + " 'the score, from 0.0 to 10.0'}}}"),
                format.path("schema"));
    }

    @Test
    void whatIsNotSaidIsNotSent() {
        replies("{'result': 0}");
        assertEquals(0, scored(score("")).score());
        JsonNode body = server.calls().getFirst().json();
        for (String field :
                new String[] {"temperature", "top_p", "seed", "max_completion_tokens", "reasoning_effort"}) {
            assertTrue(body.path(field).isMissingNode(), field);
        }
    }

    @ParameterizedTest
    @CsvSource({"-3, 0", "0.25, 0.25", "1, 1", "17, 1"})
    void scoresAreClampedToTheRange(double result, double expected) {
        replies("{'result': " + result + "}");
        assertEquals(expected, scored(score("")).score());
    }

    @Test
    void rangesMayBeNegative() {
        replies("{'result': -7}");
        assertEquals(-5, scored(score(", 'range': [-5, -1]")).score());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "I would give it 0.8.|the model replied with no object that has a result: I would give it 0.8.",
                "0.8|the model replied with no object that has a result: 0.8",
                "{'score': 1}|the model replied with no object that has a result: {\"score\": 1}",
                "{'result': null}|the model replied with no object that has a result: {\"result\": null}",
                "{'result': 1} or so|the model replied with no object that has a result: {\"result\": 1} or so",
                "{'result': '0.8'}|the model's result is no number: \"0.8\"",
                "{'result': 1e999}|the model's result is no number: \"Infinity\"",
            })
    void whatHasNoNumberFails(String content, String reason) {
        replies(content);
        assertEquals(new Grade.Failed(GradeError.MODEL_GRADER_PARSE_ERROR, reason), failed(score("")));
    }

    @Test
    void emptyRepliesFail() {
        replies("");
        assertEquals(GradeError.MODEL_GRADER_PARSE_ERROR, failed(score("")).error());
    }

    @Test
    void refusalsFail() {
        server.json(
                "{'choices': [{'message': {'content': null, 'refusal': 'I can not\\nsay.'}, 'finish_reason': 'stop'}]}");
        assertEquals(
                new Grade.Failed(GradeError.MODEL_GRADER_REFUSAL_ERROR, "the model refused: I can not say."),
                failed(score("")));
    }

    @Test
    void filteredRepliesAreRefusals() {
        message("{\"result\": 1}", "content_filter");
        assertEquals(GradeError.MODEL_GRADER_REFUSAL_ERROR, failed(score("")).error());
    }

    @Test
    void repliesThatWereCutFail() {
        message("{\"result\": 1}", "length");
        assertEquals(
                GradeError.MODEL_GRADER_EXCEEDED_MAX_TOKENS_ERROR,
                failed(score("")).error());
    }

    @Test
    void repliesWithoutAMessageFail() {
        server.json("{'choices': []}");
        assertEquals(
                new Grade.Failed(
                        GradeError.MODEL_GRADER_SERVER_ERROR,
                        "the reply of model local has no choices[0].message.content: {\"choices\":[]}"),
                failed(score("")));
    }

    @Test
    void serversThatFailOrReplyRubbishFail() {
        server.reply(401, "no key").reply(200, "<html>");
        assertEquals(GradeError.MODEL_GRADER_SERVER_ERROR, failed(score("")).error());
        assertEquals(GradeError.MODEL_GRADER_SERVER_ERROR, failed(score("")).error());
        assertEquals(2, server.calls().size());
    }

    @Test
    void busyServersAreAskedAgain() {
        server.reply(429, "busy");
        replies("{'result': 1}");
        assertEquals(1, scored(score("")).score());
    }

    @Test
    void silentServersAreLeft() {
        server.hang();
        assertEquals(
                GradeError.UNRESPONSIVE_REWARD_ERROR,
                failed(score(", 'timeout': 0.3")).error());
    }

    @Test
    void missingVariablesFail() {
        Grader grader = GraderObjects.grader(
                "{'type': 'score_model', 'model': 'judge', 'input': [{'role': 'user', 'content': '{{ item.z }}'}]}",
                GraderObjects.tools(models));
        assertEquals(GradeError.INVALID_VARIABLE_ERROR, failed(grader).error());
    }

    @ParameterizedTest
    @CsvSource({"good, 1", "fair, 1", "bad, 0"})
    void passingLabelsArePaid(String label, double expected) {
        replies("{'steps': [{'description': 'd', 'conclusion': 'c'}], 'result': '" + label + "'}");
        assertEquals(new Grade.Scored(expected, Map.of(), label + ": c"), scored(label()));
        JsonNode schema = server.calls().getFirst().json().at("/response_format/json_schema/schema");
        assertEquals(json("{'type': 'string', 'enum': ['good', 'fair', 'bad']}"), schema.at("/properties/result"));
    }

    @Test
    void otherLabelsFail() {
        replies("{'result': 'Good'}");
        assertEquals(
                new Grade.Failed(
                        GradeError.MODEL_GRADER_PARSE_ERROR, "the model's result is none of good, fair, bad: \"Good\""),
                failed(label()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'model': 'o3', INPUT|grader.model is \"o3\", which is not in the model map; map it, or \"*\" for all names, in models;"
                        + " mapped is judge",
                "INPUT|grader.model is missing; give it",
                "'model': 'judge'|grader.input is missing; give it",
                "'model': 'judge', 'input': 'x'|grader.input is \"x\"; expected a list of messages such as {\"role\":"
                        + " \"user\", \"content\": \"...\"}",
                "'model': 'judge', 'input': []|grader.input is []; expected a list of messages such as {\"role\": \"user\","
                        + " \"content\": \"...\"}",
                "'model': 'judge', 'input': ['x']|grader.input holds \"x\"; expected objects with role and content",
                "'model': 'judge', 'input': [{'role': 'tool', 'content': ''}]|grader.input[0].role is \"tool\"; expected"
                        + " system, developer, user, assistant",
                "'model': 'judge', 'input': [{'role': 'user'}]|grader.input[0].content is missing; give it",
                "'model': 'judge', 'input': [{'role': 'user', 'content': [3]}]|grader.input[0].content[0] is 3; expected a"
                        + " text, an object with type and text, or a list of these",
                "'model': 'judge', 'input': [{'role': 'user', 'content': []}]|grader.input[0].content is []; expected a"
                        + " text, an object with type and text, or a list of these",
                "'model': 'judge', 'input': [{'role': 'user', 'content': {'type': 'input_image', 'image_url': 'u'}}]"
                        + "|grader.input[0].content.type is \"input_image\"; expected input_text or output_text: graders see"
                        + " texts only, no images, no audio and no files",
                "'model': 'judge', 'input': [{'role': 'user', 'content': [{'type': 'input_audio'}]}]"
                        + "|grader.input[0].content[0].type is \"input_audio\"; expected input_text or output_text: graders"
                        + " see texts only, no images, no audio and no files",
                "'model': 'judge', 'input': [{'role': 'user', 'content': '{{ env.x }}'}]|grader.input[0].content holds {{"
                        + " env.x }}; expected item or sample, followed by names after dots and numbers in brackets, such"
                        + " as {{ item.answer }} or {{ sample.output_json.steps[0] }}",
                "'model': 'judge', 'input': [{'role': 'user', 'content': '', 'x': 1}]|grader.input[0].x is not known;"
                        + " expected type, role, content",
                "'model': 'judge', INPUT, 'range': [1, 0]|grader.range is [1,0]; expected two numbers, the least and the"
                        + " greatest score, such as [0, 1]",
                "'model': 'judge', INPUT, 'range': [0, 1, 2]|grader.range is [0,1,2]; expected two numbers, the least and"
                        + " the greatest score, such as [0, 1]",
                "'model': 'judge', INPUT, 'range': [1, 1]|grader.range is [1,1]; expected two numbers, the least and the"
                        + " greatest score, such as [0, 1]",
                "'model': 'judge', INPUT, 'sampling_params': 1|grader.sampling_params is 1; expected an object",
                "'model': 'judge', INPUT, 'sampling_params': {'top_k': 1}|grader.sampling_params.top_k is not known;"
                        + " expected temperature, top_p, max_completions_tokens, max_completion_tokens, seed,"
                        + " reasoning_effort",
                "'model': 'judge', INPUT, 'sampling_params': {'temperature': 3}|grader.sampling_params.temperature is 3.0;"
                        + " expected a number from 0 to 2",
                "'model': 'judge', INPUT, 'sampling_params': {'max_completions_tokens': 0}"
                        + "|grader.sampling_params.max_completions_tokens is 0; expected a whole number from 1 to"
                        + " 2147483647",
                "'model': 'judge', INPUT, 'sampling_params': {'seed': 0.5}|grader.sampling_params.seed is 0.5; expected a"
                        + " whole number",
                "'model': 'judge', INPUT, 'timeout': 0|grader.timeout is 0; expected seconds, more than 0 and at most 3600",
                "'model': 'judge', INPUT, 'labels': ['a']|grader.labels is not known to a grader of type score_model;"
                        + " expected type, name, pass_threshold, range, model, input, sampling_params, timeout",
            })
    void faultsNameTheirPlace(String fields, String message) {
        String description = "{'type': 'score_model', " + fields.replace("INPUT", INPUT) + "}";
        assertEquals(message, GraderObjects.refusal(description, GraderObjects.tools(models)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'labels': ['a']|grader.labels is [a]; expected at least two labels, all different",
                "'labels': ['a', 'b', 'a']|grader.labels is [a, b, a]; expected at least two labels, all different",
                "'labels': 'a'|grader.labels is \"a\"; expected a list of texts",
                "'labels': ['a', 'b']|grader.passing_labels is missing; give it",
                "'labels': ['a', 'b'], 'passing_labels': []|grader.passing_labels is []; expected one or more of a, b",
                "'labels': ['a', 'b'], 'passing_labels': ['c']|grader.passing_labels is [c]; expected one or more of a, b",
            })
    void faultsOfLabelsNameTheirPlace(String fields, String message) {
        String description = "{'type': 'label_model', 'model': 'judge', " + INPUT + ", " + fields + "}";
        assertEquals(message, GraderObjects.refusal(description, GraderObjects.tools(models)));
    }

    @Test
    void withoutModelsNoneIsMapped() {
        assertEquals(
                "grader.model is \"judge\", which is not in the model map; map it, or \"*\" for all names, in models; mapped is nothing",
                GraderObjects.refusal("{'type': 'score_model', 'model': 'judge', " + INPUT + "}"));
    }
}
