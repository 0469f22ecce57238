package org.reft4j.server.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
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
import org.reft4j.server.RunningServer;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.engine.TinyModel;

/** Forms that replies are held to, or come in: calls of tools that must be called, and prompts that are told again. */
class ReplyFormsTest {
    private static final String MODEL = "plain";

    @TempDir
    private static Path folder = Path.of("");

    private static RunningServer server;

    @BeforeAll
    static void start() {
        String model = TinyModel.write(folder.resolve("model"), 1).toString();
        String hermes = TinyModel.write(
                        folder.resolve("hermes"),
                        1,
                        template("<tool_call>\\n{\"name\": …, \"arguments\": …}\\n</tool_call>"))
                .toString();
        String llama = TinyModel.write(
                        folder.resolve("llama"),
                        1,
                        template(
                                "{\"name\": function name, \"parameters\": dictionary of argument name and its value}"))
                .toString();
        server = RunningServer.start(
                folder.resolve("data"),
                RunningServer.settings(
                        "127.0.0.1",
                        Map.of(MODEL, model, "hermes", hermes, "llama", llama),
                        ServerSettings.DEFAULTS.limits()));
    }

    @AfterAll
    static void end() {
        server.close();
    }

    /** A template that teaches a form of calls. */
    private static String template(String form) {
        return "{% if tools %}{{ tools | length }} tools as " + form
                + "\n{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
                + "{% if add_generation_prompt %}assistant: {% endif %}";
    }

    private static JsonNode json(String path, String body) {
        RunningServer.Answer answer = server.post(path, body);
        assertEquals(200, answer.status(), answer.text());
        return answer.body();
    }

    private static JsonNode refused(String path, String body) {
        RunningServer.Answer answer = server.post(path, body);
        assertEquals(400, answer.status(), answer.text());
        return answer.body().path("error");
    }

    private static String chat(String more) {
        return "{\"model\": \"" + MODEL + "\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]" + more + "}";
    }

    private static final String TOOLS =
            ", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"add\", \"parameters\": {\"type\": \"object\","
                    + " \"properties\": {\"a\": {\"$ref\": \"#/$defs/digit\"}}, \"required\": [\"a\"], \"additionalProperties\": false,"
                    + " \"$defs\": {\"digit\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 9}}}}},"
                    + " {\"type\": \"function\", \"function\": {\"name\": \"stop\", \"parameters\": {\"type\": \"object\", \"properties\": {},"
                    + " \"additionalProperties\": false}}}]";

    private static JsonNode called(String model, String choice) throws IOException {
        JsonNode reply = json(
                        "/v1/chat/completions",
                        chat(TOOLS + ", \"seed\": 3, \"max_tokens\": 120, \"tool_choice\": " + choice)
                                .replace(MODEL, model))
                .path("choices")
                .get(0);
        assertEquals(1, reply.at("/message/tool_calls").size(), reply.toString());
        assertTrue(reply.at("/message/content").isNull(), reply.toString());
        JsonNode function = reply.at("/message/tool_calls/0/function");
        JsonNode arguments = Json.PLAIN.readTree(function.path("arguments").asText());
        if (function.path("name").asText().equals("add")) {
            assertTrue(arguments.path("a").isInt() && arguments.size() == 1, arguments.toString());
        } else {
            assertEquals("{}", arguments.toString());
        }
        return reply;
    }

    @Test
    void aToolThatMustBeCalledIsCalled() throws IOException {
        String add = "{\"type\": \"function\", \"function\": {\"name\": \"add\"}}";
        for (String model : List.of("hermes", "llama")) {
            assertEquals(
                    "tool_calls",
                    called(model, "\"required\"").path("finish_reason").asText());
            JsonNode named = called(model, add);
            assertEquals("add", named.at("/message/tool_calls/0/function/name").asText());
            assertEquals("stop", named.path("finish_reason").asText(), "as OpenAI has it");
            JsonNode allowed = called(
                    model,
                    "{\"type\": \"allowed_tools\", \"allowed_tools\": {\"mode\": \"required\", \"tools\": [" + add
                            + "]}}");
            assertEquals(
                    "add", allowed.at("/message/tool_calls/0/function/name").asText());
        }
        String streamed = server.post(
                        "/v1/chat/completions",
                        chat(TOOLS + ", \"stream\": true, \"max_tokens\": 120, \"tool_choice\": \"required\"")
                                .replace(MODEL, "hermes"))
                .text();
        assertTrue(streamed.contains("\"tool_calls\":[{\"index\":0,"), streamed);
        assertTrue(streamed.contains("\"finish_reason\":\"tool_calls\""), streamed);
        JsonNode without = refused("/v1/chat/completions", chat(TOOLS + ", \"tool_choice\": \"required\""));
        assertEquals("tool_choice", without.path("param").asText());
        assertTrue(without.path("message").asText().contains("chat template"), without.toString());
        JsonNode unknown =
                refused("/v1/chat/completions", chat(TOOLS + ", \"tool_choice\": " + add.replace("add", "sub")));
        assertTrue(unknown.path("message").asText().contains("'sub'"), unknown.toString());
    }

    @Test
    void echoIsStreamedToo() throws IOException {
        String body = "{\"model\": \"" + MODEL
                + "\", \"prompt\": [\"one two\", \"three\"], \"echo\": true, \"logprobs\": 1, \"max_tokens\": 4, \"n\": 2, \"seed\": 9}";
        JsonNode whole = json("/v1/completions", body).path("choices");
        List<StringBuilder> texts =
                IntStream.range(0, 4).mapToObj(_ -> new StringBuilder()).toList();
        List<List<JsonNode>> offsets = IntStream.range(0, 4)
                .<List<JsonNode>>mapToObj(_ -> new ArrayList<>())
                .toList();
        for (String line : server.post("/v1/completions", body.replace("\"echo\"", "\"stream\": true, \"echo\""))
                .text()
                .split("\n\n", -1)) {
            if (line.startsWith("data: {")) {
                JsonNode choice = Json.PLAIN
                        .readTree(line.substring("data: ".length()))
                        .path("choices")
                        .path(0);
                texts.get(choice.path("index").asInt())
                        .append(choice.path("text").asText());
                choice.at("/logprobs/text_offset")
                        .forEach(offsets.get(choice.path("index").asInt())::add);
            }
        }
        for (int i = 0; i < 4; i++) {
            assertEquals(whole.get(i).path("text").asText(), texts.get(i).toString());
            assertTrue(texts.get(i).toString().startsWith(i < 2 ? "one two" : "three"));
            List<JsonNode> expected = new ArrayList<>();
            whole.get(i).at("/logprobs/text_offset").forEach(expected::add);
            assertEquals(expected, offsets.get(i));
        }
        assertEquals(
                "suffix",
                refused("/v1/completions", body.replace("\"echo\": true", "\"suffix\": \"x\""))
                        .path("param")
                        .asText());
    }
}
