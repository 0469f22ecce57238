package org.reft4j.server.tinker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.server.tinker.TinkerService.assertRefused;
import static org.reft4j.server.tinker.TinkerService.path;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.Json;
import org.reft4j.server.RunningServer;

/** Samplers of Tinker's API: many requests at once, and what they may take of the server. */
class TinkerSamplersTest {
    private static final long CLONE = 1_000_000_000;

    @TempDir
    private static Path folder;

    private static TinkerService service;
    private static TinkerClient client;

    @BeforeAll
    static void start() {
        service = TinkerService.start(folder);
        client = service.client();
    }

    @AfterAll
    static void end() {
        service.close();
    }

    private static String sampler(String session, int number) {
        return client.ok(
                        "create_sampling_session",
                        "{'session_id': '" + session + "', 'sampling_session_seq_id': " + number
                                + ", 'base_model': 'tiny'}")
                .path("sampling_session_id")
                .asText();
    }

    private static RunningServer.Answer ask(String sampler, long seq, int samples, int tokens) {
        return client.post(
                "asample",
                "{'num_samples': " + samples
                        + ", 'prompt': {'chunks': [{'tokens': [5, 6]}]}, 'sampling_params': {'max_tokens': " + tokens
                        + ", 'seed': 4}, 'sampling_session_id': '" + sampler + "', 'seq_id': " + seq + "}");
    }

    private static String sample(String sampler, long seq) {
        RunningServer.Answer answer = ask(sampler, seq, 1, 3);
        assertEquals(200, answer.status(), answer::text);
        return answer.body().path("request_id").asText();
    }

    private static JsonNode finished(String sampler, long clone, long cursor, String more) {
        return client.ok(
                "retrieve_futures",
                "{'target': {'type': 'sampling_session', 'sampling_session_id': '" + sampler
                        + "', 'cloned_sampler_id': " + clone + "}, 'prev_cursor': " + cursor + more + "}");
    }

    @Test
    void finishedSamplesAreToldTogether() {
        String sampler = sampler(client.session(), 1);
        List<String> ids = List.of(sample(sampler, 1), sample(sampler, 2), sample(sampler, 3));
        long cursor = 0;
        java.util.Set<String> told = new java.util.TreeSet<>();
        while (told.size() < ids.size()) {
            JsonNode news = finished(sampler, 0, cursor, "");
            assertFalse(news.path("completions").isEmpty(), "it waits until there is something to tell");
            for (JsonNode each : news.path("completions")) {
                assertEquals("finished", each.path("state").asText());
                assertTrue(told.add(each.path("request_id").asText()), "told twice");
            }
            assertTrue(news.path("cursor").asLong() > cursor);
            cursor = news.path("cursor").asLong();
        }
        assertEquals(new java.util.TreeSet<>(ids), told);
        JsonNode nothing =
                finished(sampler, 0, cursor, ", 'timeout': 0, 'retrieved_request_ids': ['" + ids.getFirst() + "']");
        assertEquals(0, nothing.path("completions").size());
        assertEquals(cursor, nothing.path("cursor").asLong());
        // The answer that the client has is forgotten, and no other.
        assertRefused(410, "future", client.post("retrieve_future", "{'request_id': '" + ids.getFirst() + "'}"));
        assertEquals(1, client.sampled(ids.getLast()).samples().size());
        assertRefused(
                404,
                "sampler",
                service.stranger().post("retrieve_futures", "{'target': {'sampling_session_id': '" + sampler + "'}}"));
    }

    @Test
    void furtherClientsOfASamplerCountForThemselves() {
        String sampler = sampler(client.session(), 1);
        String join = "{'sampling_session_id': '" + sampler + "'}";
        assertEquals(
                1,
                client.ok("join_sampling_session", join).path("client_counter").asInt());
        assertEquals(
                2,
                client.ok("join_sampling_session", join).path("client_counter").asInt());
        assertRefused(404, "sampler", service.stranger().post("join_sampling_session", join));
        String own = sample(sampler, 2 * CLONE + 7);
        assertEquals(1, client.sampled(own).samples().size());
        assertEquals(
                0, finished(sampler, 0, 0, ", 'timeout': 0").path("completions").size());
        assertEquals(
                own, finished(sampler, 2, 0, "").at("/completions/0/request_id").asText());
    }

    @Test
    void figuresOfAPromptsEnd() {
        String sampler = sampler(client.session(), 1);
        String ask =
                "{'num_samples': 1, 'prompt': {'chunks': [{'tokens': [5, 6, 7, 8]}]}, 'sampling_params': {'max_tokens': 1},"
                        + " 'sampling_session_id': '" + sampler + "', 'prompt_logprobs': true, 'seq_id': ";
        float[] all = client.sampled(
                        client.ok("asample", ask + "1}").path("request_id").asText())
                .prompt();
        float[] last = client.sampled(client.ok("asample", ask + "2, 'prompt_logprobs_last_n': 2}")
                        .path("request_id")
                        .asText())
                .prompt();
        assertEquals(4, last.length);
        assertTrue(Float.isNaN(last[0]) && Float.isNaN(last[1]));
        assertEquals(all[2], last[2]);
        assertEquals(all[3], last[3]);
        assertFalse(Float.isNaN(all[1]));
    }

    @Test
    void samplingIsCancelled() {
        String session = client.session();
        String sampler = sampler(session, 1);
        String id = ask(sampler, 1, 64, 250).body().path("request_id").asText();
        assertRefused(410, "future", service.stranger().post("cancel_future", "{'request_id': '" + id + "'}"));
        assertEquals(
                200,
                client.post("cancel_future", "{'request_id': '" + id + "'}").status());
        JsonNode answer = client.done(Json.PLAIN.createObjectNode().put("request_id", id));
        assertEquals("user", answer.path("category").asText());
        assertTrue(answer.path("error").asText().contains("cancelled"), answer::toString);
        assertEquals(
                "failed", finished(sampler, 0, 0, "").at("/completions/0/state").asText());
        // The next one is not behind it.
        assertEquals(1, client.sampled(sample(sampler, 2)).samples().size());
        String learner = client.model(session, 0, 1);
        JsonNode step = client.ok("save_weights", path(learner, "'seq_id': 1, 'path': 'a'"));
        RunningServer.Answer late = client.post("cancel_future", step.toString());
        assertTrue(late.status() == 200 || late.text().contains("order of asking"), late::text);
    }

    @Test
    void snapshotsOfASessionAreBounded() throws IOException {
        String session = client.session();
        String learner = client.model(session, 0, 1);
        String first = snapshot(learner, 1);
        String used = snapshot(learner, 2);
        for (int seq = 3; seq <= Sessions.SNAPSHOTS; seq++) {
            String _ = snapshot(learner, seq);
        }
        // Used lately, it outlives the one before it.
        assertEquals(1, client.sampled(sample(used, 1)).samples().size());
        String last = snapshot(learner, Sessions.SNAPSHOTS + 1);
        assertRefused(404, "SamplingClient", ask(first, 2, 1, 3));
        assertEquals(1, client.sampled(sample(used, 3)).samples().size());
        assertEquals(1, client.sampled(sample(last, 1)).samples().size());
        try (Stream<Path> kept = Files.list(folder.resolve("data/tinker/passing"))) {
            assertEquals(Sessions.SNAPSHOTS, kept.count());
        }
    }

    private static String snapshot(String learner, int seq) {
        return client.done(client.ok(
                        "save_weights_for_sampler",
                        path(learner, "'seq_id': " + seq + ", 'sampling_session_seq_id': " + (100 + seq))))
                .path("sampling_session_id")
                .asText();
    }

    @Test
    void learnersOfAProjectAreBounded() {
        TinkerClient stranger = service.stranger();
        String session = stranger.session();
        for (int number = 0; number < 32; number++) {
            String _ = stranger.model(session, number, 1);
        }
        String more = "{'session_id': '" + session
                + "', 'model_seq_id': 32, 'base_model': 'tiny', 'lora_config': {'rank': 2, 'seed': 1}}";
        assertRefused(400, "ServiceClient", stranger.post("create_model", more));
        // Another project has room, and so has this one when its session is over.
        String _ = client.model(client.session(), 0, 1);
        assertEquals(200, stranger.post("sessions/" + session + "/finish", "{}").status());
        String _ = stranger.model(stranger.session(), 0, 1);
    }

    @Test
    void aTokenizerIsNamedWithoutThePathsOfTheServer() throws IOException {
        String id = client.model(client.session(), 0, 1);
        String ask = path(id, "'type': 'get_info'").replace('\'', '"');
        // Behind a proxy a client is somewhere else.
        RunningServer.Answer remote = service.server()
                .send(client.request("get_info")
                        .header("Content-Type", "application/json")
                        .header("X-Forwarded-For", "203.0.113.7")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString(ask))
                        .build());
        assertEquals("tiny", remote.body().at("/model_data/tokenizer_id").asText());
        assertFalse(remote.text().contains(folder.toString()));
        RunningServer.Answer tar = client.get("tokenizers/tiny");
        assertEquals(200, tar.status());
        assertTrue(tar.text().contains("tokenizer.json"));
        assertTrue(tar.text().contains(Files.readString(service.model().resolve("chat_template.jinja"))));
        assertFalse(tar.text().contains("model.safetensors"));
        assertRefused(404, "base model", client.get("tokenizers/..%2Fdata"));
    }
}
