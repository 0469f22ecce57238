package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.judge.ChatModel;
import org.reft4j.task.judge.EmbeddingModel;
import org.reft4j.task.judge.StubServer;

final class ModelMapTest {
    private static final ChatModel.Request HELLO = new ChatModel.Request(
            List.of(new ChatModel.Message("user", "hello")),
            JsonNodeFactory.instance.objectNode(),
            "score",
            new ChatModel.Sampling(null, null, null, null, null),
            Duration.ofSeconds(30));

    private static ModelMap map(String models) {
        return ModelMap.of(GraderObjects.json(models), "models", Map.of("KEY", " secret\n")::get);
    }

    private static void ask(ModelMap models, String name) {
        models.chat(name).orElseThrow().ask(HELLO);
    }

    @Test
    void eachNameHasItsServerAndItsModelThere() throws IOException {
        try (StubServer one = new StubServer();
                StubServer other = new StubServer()) {
            one.json("{}");
            other.json("{}");
            ModelMap models = map("{'gpt-4o': {'url': '%s', 'model': 'Qwen3', 'key-env': 'KEY'}, 'o3': {'url': '%s'}}"
                    .formatted(one.url("/v1/"), other.url("/api/v1")));
            ask(models, "gpt-4o");
            ask(models, "o3");
            assertEquals("/v1/chat/completions", one.calls().getFirst().path());
            assertEquals("Qwen3", one.calls().getFirst().json().path("model").asText());
            assertEquals("Bearer secret", one.calls().getFirst().headers().getFirst("Authorization"));
            assertEquals("/api/v1/chat/completions", other.calls().getFirst().path());
            assertEquals("o3", other.calls().getFirst().json().path("model").asText());
            assertEquals(null, other.calls().getFirst().headers().getFirst("Authorization"));
            assertTrue(models.chat("o1").isEmpty());
        }
    }

    @Test
    void theDefaultEntryStandsForAllOtherNames() throws IOException {
        try (StubServer server = new StubServer()) {
            server.json("{}");
            ask(map("{'*': {'url': '%s'}}".formatted(server.url(""))), "o1");
            ask(map("{'*': {'url': '%s', 'model': 'Qwen3'}}".formatted(server.url(""))), "o1");
            assertEquals("o1", server.calls().getFirst().json().path("model").asText());
            assertEquals("Qwen3", server.calls().getLast().json().path("model").asText());
        }
    }

    @Test
    void theDefaultEntryDoesNotEmbed() {
        ModelMap models = map("{'*': {'url': 'http://localhost/v1'}, 'e': {'url': 'http://localhost/v1'}}");
        assertTrue(models.embedding("text-embedding-3-large").isEmpty());
        assertTrue(models.embedding("*").isEmpty());
        assertTrue(models.embedding("e").isPresent());
        assertEquals("*, e", models.names());
        assertEquals("nothing", ModelMap.NONE.names());
    }

    @Test
    void otherModelsMayBeAdded() {
        ChatModel local = _ -> new ChatModel.Reply.Text("{}", new ChatModel.Usage(3, 4));
        ModelMap models =
                ModelMap.NONE.with("*", local).withEmbedding("e", (_, _) -> new EmbeddingModel.Reply.Silent(""));
        ask(models, "a");
        ask(models, "a");
        ask(models, "b");
        assertEquals(Map.of("a", new ChatModel.Usage(6, 8), "b", new ChatModel.Usage(3, 4)), models.usage());
        assertEquals("*, e", models.names());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|models is []; expected an object of models by their names",
                "{'a': null}|models.a is null; give it a url",
                "{'a': 'b'}|models.a is \"b\"; expected an object",
                "{'a': {}}|models.a.url is missing; give it",
                "{'a': {'url': 'localhost:8000'}}|models.a.url is \"localhost:8000\"; expected an address such as"
                        + " http://localhost:8000/v1, without user and fragment",
                "{'a': {'url': 'http://u:p@host/'}}|models.a.url is \"http://u:p@host/\"; expected an address such as"
                        + " http://localhost:8000/v1, without user and fragment",
                "{'a': {'url': 'http://h /'}}|models.a.url is \"http://h /\"; expected an address such as"
                        + " http://localhost:8000/v1, without user and fragment",
                "{'a': {'url': 'http://h/v1/chat/completions'}}|models.a.url is \"http://h/v1/chat/completions\"; expected what"
                        + " comes before that, such as http://localhost:8000/v1",
                "{'a': {'url': 'http://h', 'key-env': 'NO_KEY'}}|models.a.key-env names the environment variable NO_KEY, which"
                        + " is not set; set it to the key, or leave key-env out",
                "{'a': {'url': 'http://h', 'key': 'x'}}|models.a.key is not known; expected url, key-env, concurrency,"
                        + " rate-limit, model",
                "{'a': {'url': 'http://h', 'concurrency': 0}}|models.a.concurrency is 0; expected a whole number from 1 to 1000",
                "{'a': {'url': 'http://h', 'concurrency': 1.5}}|models.a.concurrency is 1.5; expected a whole number from 1 to"
                        + " 1000",
                "{'a': {'url': 'http://h', 'rate-limit': 0}}|models.a.rate-limit is 0.0; expected calls per second, more than 0",
            })
    void faultsNameTheirPlace(String models, String message) {
        assertEquals(
                message, assertThrows(GraderException.class, () -> map(models)).getMessage());
    }
}
