package org.reft4j.server.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.Json;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.engine.TinyModel;

class ChatTest {
    private static final String MODEL = "o4-mini-2025-04-16";
    /** Many at once take clearly less time than one after another. */
    private static final double CLEARLY = 0.6;

    @TempDir
    private static Path folder;

    private static Server server;
    private static OpenAIClient client;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        String model = TinyModel.write(folder.resolve("model"), 1).toString();
        ServerSettings settings = ServerSettings.DEFAULTS.withPort(0).withModels(Map.of(MODEL, model));
        server = Server.start(folder.resolve("data"), settings, _ -> {});
        server.awaitReady();
        client = OpenAIOkHttpClient.builder()
                .baseUrl(server.address() + "/v1")
                .apiKey("none")
                .responseValidation(true)
                .maxRetries(0)
                .build();
    }

    @AfterAll
    static void end() {
        client.close();
        server.close();
    }

    @SuppressWarnings("deprecation") // clients in use send it
    private static ChatCompletionCreateParams.Builder ask(int tokens, long seed) {
        return ChatCompletionCreateParams.builder()
                .model(MODEL)
                .addDeveloperMessage("You add numbers.")
                .addUserMessage("How much is 1 and 2?")
                .maxCompletionTokens(tokens)
                .seed(seed);
    }

    private static String text(ChatCompletion completion) {
        return completion.choices().getFirst().message().content().orElse("");
    }

    private static HttpResponse<String> post(String path, String body) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(URI.create(server.address() + path))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(String path, String body) {
        HttpResponse<String> response = post(path, body);
        assertEquals(200, response.statusCode(), response.body());
        try {
            return Json.PLAIN.readTree(response.body());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode refused(String path, String body) {
        HttpResponse<String> response = post(path, body);
        assertEquals(400, response.statusCode(), response.body());
        try {
            return Json.PLAIN.readTree(response.body()).path("error");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String chat(String more) {
        return "{\"model\": \"" + MODEL + "\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]" + more + "}";
    }

    @Test
    void theOfficialClientChats() {
        ChatCompletion one = client.chat().completions().create(ask(20, 3).n(2).build());
        assertEquals(2, one.choices().size());
        assertNotEquals(text(one), one.choices().get(1).message().content().orElse(""));
        assertTrue(one.id().startsWith("chatcmpl-"));
        assertEquals(
                one.usage().orElseThrow().totalTokens(),
                one.usage().orElseThrow().promptTokens()
                        + one.usage().orElseThrow().completionTokens());
        ChatCompletion again =
                client.chat().completions().create(ask(20, 3).n(2).build());
        assertEquals(text(one), text(again), "the same seed says the same");
        assertNotEquals(
                text(one), text(client.chat().completions().create(ask(20, 4).build())));
    }

    @Test
    void streamedPartsAreTheWhole() {
        String whole = text(client.chat().completions().create(ask(30, 3).build()));
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(ask(30, 3)
                        .streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .build())) {
            stream.stream().forEach(chunks::add);
        }
        String parts = chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .map(choice -> choice.delta().content().orElse(""))
                .collect(Collectors.joining());
        assertEquals(whole, parts);
        assertEquals(1, chunks.stream().map(ChatCompletionChunk::id).distinct().count());
        assertTrue(chunks.getLast().choices().isEmpty());
        assertTrue(chunks.getLast().usage().orElseThrow().completionTokens() > 0);
        assertTrue(chunks.get(chunks.size() - 2)
                .choices()
                .getFirst()
                .finishReason()
                .isPresent());
    }

    @Test
    void logprobsComeWithTheirTokens() {
        ChatCompletion one = client.chat()
                .completions()
                .create(ask(10, 3).temperature(0).logprobs(true).topLogprobs(3).build());
        var tokens = one.choices().getFirst().logprobs().orElseThrow().content().orElseThrow();
        assertFalse(tokens.isEmpty());
        tokens.forEach(token -> {
            assertEquals(3, token.topLogprobs().size());
            assertEquals(token.logprob(), token.topLogprobs().getFirst().logprob());
        });
    }

    @Test
    void stopTextsEndAndAreLeftOut() {
        String whole = text(client.chat().completions().create(ask(60, 3).build()));
        String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 3);
        ChatCompletion cut =
                client.chat().completions().create(ask(60, 3).stop(stop).build());
        assertEquals(whole.substring(0, whole.indexOf(stop)), text(cut));
        assertEquals("stop", cut.choices().getFirst().finishReason().asString());
    }

    @Test
    void faultsNameTheFieldAndAreToldAsTheClientsExpect() {
        assertEquals(
                "model",
                assertThrows(
                                NotFoundException.class,
                                () -> client.chat()
                                        .completions()
                                        .create(ask(3, 3).model("gpt-9").build()))
                        .param()
                        .orElse(""));
        BadRequestException hot = assertThrows(
                BadRequestException.class,
                () -> client.chat()
                        .completions()
                        .create(ask(3, 3).temperature(3).build()));
        assertEquals("temperature", hot.param().orElse(""));
        String longText = "word ".repeat(TinyModel.CONTEXT);
        JsonNode tooLong = refused(
                "/v1/chat/completions",
                "{\"model\": \"" + MODEL + "\", \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \""
                        + longText + "\"}]}");
        assertEquals("context_length_exceeded", tooLong.path("code").asText());
        Map.of(
                        "n", ", \"n\": 0",
                        "stop", ", \"stop\": [1]",
                        "top_logprobs", ", \"top_logprobs\": 2",
                        "logit_bias", ", \"logit_bias\": {\"a\": 1}",
                        "stream_options", ", \"stream_options\": {}",
                        "response_format", ", \"response_format\": {\"type\": \"xml\"}",
                        "tool_choice", ", \"tool_choice\": \"required\"",
                        "max_completion_tokens", ", \"max_completion_tokens\": \"many\"")
                .forEach((param, more) -> assertEquals(
                        param,
                        refused("/v1/chat/completions", chat(more))
                                .path("param")
                                .asText()));
        assertEquals(
                "messages[0].role",
                refused("/v1/chat/completions", "{\"model\": \"" + MODEL + "\", \"messages\": [{\"role\": \"king\"}]}")
                        .path("param")
                        .asText());
        JsonNode known = json(
                "/v1/chat/completions",
                chat(", \"max_tokens\": 2, \"reasoning_effort\": \"high\", \"store\": true, \"x\": 1"));
        assertEquals(2, known.path("usage").path("completion_tokens").asInt());
    }

    @Test
    void contentMayComeInParts() {
        String parts = "{\"model\": \"" + MODEL
                + "\", \"seed\": 1, \"max_tokens\": 9, \"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\":"
                + " \"H\"}, {\"type\": \"text\", \"text\": \"i\"}]}]}";
        assertEquals(
                json("/v1/chat/completions", chat(", \"seed\": 1, \"max_tokens\": 9"))
                        .path("choices"),
                json("/v1/chat/completions", parts).path("choices"));
        assertEquals(
                "messages[0].content[0].type",
                refused("/v1/chat/completions", parts.replace("\"text\", \"text\": \"H\"", "\"image_url\""))
                        .path("param")
                        .asText());
    }

    @Test
    void aSchemaIsKept() throws IOException {
        String format =
                ", \"seed\": 5, \"max_tokens\": 200, \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"sum\", \"strict\":"
                        + " true, \"schema\": {\"type\": \"object\", \"properties\": {\"sum\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 9}},"
                        + " \"required\": [\"sum\"], \"additionalProperties\": false}}}";
        JsonNode choice =
                json("/v1/chat/completions", chat(format)).path("choices").get(0);
        JsonNode said =
                Json.PLAIN.readTree(choice.path("message").path("content").asText());
        assertTrue(said.path("sum").isInt(), said.toString());
        assertEquals("stop", choice.path("finish_reason").asText());
    }

    @Test
    void completionsEchoAndScore() {
        JsonNode scored = json(
                        "/v1/completions",
                        "{\"model\": \"" + MODEL
                                + "\", \"prompt\": \"one two three\", \"echo\": true, \"logprobs\": 2, \"max_tokens\": 0}")
                .path("choices")
                .get(0);
        assertEquals("one two three", scored.path("text").asText());
        JsonNode logprobs = scored.path("logprobs");
        assertTrue(logprobs.path("token_logprobs").get(0).isNull());
        assertTrue(logprobs.path("token_logprobs").get(1).isNumber());
        assertEquals(
                logprobs.path("tokens").size(), logprobs.path("text_offset").size());
        JsonNode several = json(
                "/v1/completions",
                "{\"model\": \"" + MODEL
                        + "\", \"prompt\": [\"one\", \"two\"], \"n\": 2, \"best_of\": 3, \"seed\": 1, \"max_tokens\": 5}");
        assertEquals(4, several.path("choices").size());
        assertEquals(3, several.path("choices").get(3).path("index").asInt());
        HttpResponse<String> streamed = post(
                "/v1/completions",
                "{\"model\": \"" + MODEL + "\", \"prompt\": [\"one\", \"two\"], \"stream\": true, \"max_tokens\": 5}");
        assertTrue(streamed.body().endsWith("data: [DONE]\n\n"), streamed.body());
    }

    @Test
    void tokensForTokens() {
        JsonNode reply = json(
                "/inference/v1/generate",
                "{\"model\": \"" + MODEL
                        + "\", \"token_ids\": [5, 6, 7], \"sampling_params\": {\"max_tokens\": 4, \"logprobs\": 1, \"prompt_logprobs\": 1, \"temperature\": 0}}");
        JsonNode choice = reply.path("choices").get(0);
        assertEquals(
                choice.path("token_ids").size(),
                choice.path("logprobs").path("content").size());
        assertEquals(3, reply.path("prompt_logprobs").size());
        assertEquals(3, reply.path("prompt_token_ids").size());
    }

    @Test
    void manyAtOnceShareTheModel() {
        String body = chat(", \"max_tokens\": 150, \"logit_bias\": {\"1\": -100}");
        json("/v1/chat/completions", body);
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            json("/v1/chat/completions", body);
        }
        long apart = System.nanoTime() - start;
        start = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 20)
                    .mapToObj(_ -> CompletableFuture.supplyAsync(() -> json("/v1/chat/completions", body), threads))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
        long together = System.nanoTime() - start;
        System.out.printf("20 chats: %d ms apart, %d ms together%n", apart / 1_000_000, together / 1_000_000);
        assertTrue(together < CLEARLY * apart, together + " ns against " + apart + " ns");
    }

    @Test
    void whoGoesAwayWhileWaitingMakesRoom() throws IOException, InterruptedException {
        String body = chat(", \"n\": 60, \"logit_bias\": {\"1\": -100}");
        int port = server.address().getPort();
        long begin = System.nanoTime();
        json("/v1/chat/completions", body);
        long alone = System.nanoTime() - begin;
        List<Socket> waiting = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream()
                    .write(("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + bytes.length
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            waiting.add(socket);
        }
        Thread.sleep(300);
        for (Socket socket : waiting) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
        begin = System.nanoTime();
        json("/v1/chat/completions", chat(", \"max_tokens\": 2"));
        long waited = System.nanoTime() - begin;
        System.out.printf(
                "60 completions alone: %d ms; two tokens after 12 such requests left: %d ms%n",
                alone / 1_000_000, waited / 1_000_000);
        assertTrue(waited < 3 * alone + 5_000_000_000L, "waited " + waited + " ns");
    }

    @Test
    void whoGoesAwayMakesRoom() throws IOException, InterruptedException {
        ObjectNode body = (ObjectNode) Json.PLAIN.readTree(chat(", \"stream\": true, \"logit_bias\": {\"1\": -100}"));
        for (int i = 0; i < 100; i++) {
            HttpResponse<InputStream> response = HTTP.send(
                    HttpRequest.newBuilder(URI.create(server.address() + "/v1/chat/completions"))
                            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                assertTrue(new String(in.readNBytes(5), StandardCharsets.UTF_8).startsWith("data:"));
            }
        }
        // More than the batch holds: without room this one would wait for all of them.
        assertEquals(
                2,
                json("/v1/chat/completions", chat(", \"max_tokens\": 2"))
                        .path("usage")
                        .path("completion_tokens")
                        .asInt());
    }
}
