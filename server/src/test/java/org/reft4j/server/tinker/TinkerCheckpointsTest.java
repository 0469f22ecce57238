package org.reft4j.server.tinker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.server.tinker.TinkerService.ADAM;
import static org.reft4j.server.tinker.TinkerService.TOKENS;
import static org.reft4j.server.tinker.TinkerService.assertRefused;
import static org.reft4j.server.tinker.TinkerService.path;
import static org.reft4j.server.tinker.TinkerService.weighted;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.RunningServer;
import org.reft4j.server.tinker.TinkerClient.Datum;
import org.reft4j.server.tinker.TinkerClient.Output;

/** Checkpoints of Tinker's learners. */
class TinkerCheckpointsTest {
    @TempDir
    private static Path folder;

    private static TinkerService service;
    private static TinkerClient client;
    private static TinkerClient stranger;

    @BeforeAll
    static void start() {
        service = TinkerService.start(folder);
        client = service.client();
        stranger = service.stranger();
    }

    @AfterAll
    static void end() {
        service.close();
    }

    @Test
    void aLearnerGoesOnFromACheckpoint() {
        String session = client.session();
        String id = client.model(session, 0, 2);
        List<Datum> data = List.of(weighted(TOKENS, 1));
        Output _ = client.taught(id, 1, "cross_entropy", false, Map.of(), data);
        JsonNode _ = client.done(client.ok("optim_step", path(id, "'seq_id': 2, " + ADAM)));
        String saved = client.done(
                        client.ok("save_weights", path(id, "'seq_id': 3, 'path': 'one', 'user_metadata': {'k': 'v'}")))
                .path("path")
                .asText();
        assertRefused(400, "overwrite", client.post("save_weights", path(id, "'seq_id': 4, 'path': 'one'")));
        Output _ = client.taught(id, 5, "cross_entropy", false, Map.of(), data);
        JsonNode _ = client.done(client.ok("optim_step", path(id, "'seq_id': 6, " + ADAM)));
        double second = service.forward(id, 7, TOKENS).metric("loss:sum");
        // A learner from the checkpoint does the second step just so, with the optimizer's state.
        String copy = client.done(client.ok(
                        "load_weights",
                        "{'session_id': '" + session + "', 'model_seq_id': 1, 'path': '" + saved
                                + "', 'optimizer': true}"))
                .path("model_id")
                .asText();
        Output _ = client.taught(copy, 1, "cross_entropy", false, Map.of(), data);
        JsonNode _ = client.done(client.ok("optim_step", path(copy, "'seq_id': 2, " + ADAM)));
        assertEquals(second, service.forward(copy, 3, TOKENS).metric("loss:sum"));
        // So does the learner itself after it went back.
        JsonNode _ = client.done(
                client.ok("load_weights", path(id, "'seq_id': 8, 'optimizer': true, 'path': '" + saved + "'")));
        Output _ = client.taught(id, 9, "cross_entropy", false, Map.of(), data);
        JsonNode _ = client.done(client.ok("optim_step", path(id, "'seq_id': 10, " + ADAM)));
        assertEquals(second, service.forward(id, 11, TOKENS).metric("loss:sum"));
    }

    @Test
    void checkpointsAreListedSentAndDeleted() {
        String session = client.session();
        String id = client.model(session, 0, 2);
        String saved = client.done(
                        client.ok("save_weights", path(id, "'seq_id': 3, 'path': 'one', 'user_metadata': {'k': 'v'}")))
                .path("path")
                .asText();
        JsonNode listed =
                client.get("training_runs/" + id + "/checkpoints").body().path("checkpoints");
        assertEquals(1, listed.size());
        assertEquals(saved, listed.at("/0/tinker_path").asText());
        assertEquals("v", listed.at("/0/user_metadata/k").asText());
        assertEquals(
                id,
                client.get("training_runs/" + id).body().path("training_run_id").asText());
        assertTrue(client.get("training_runs?limit=100")
                        .body()
                        .at("/cursor/total_count")
                        .asInt()
                >= 1);
        assertEquals(
                0,
                stranger.get("training_runs").body().at("/cursor/total_count").asInt());
        assertEquals(
                2,
                client.ok("weights_info", "{'tinker_path': '" + saved + "'}")
                        .path("lora_rank")
                        .asInt());
        RunningServer.Answer archive = client.get("training_runs/" + id + "/checkpoints/weights/one/archive");
        assertEquals(200, archive.status());
        assertTrue(archive.text().contains("\"base_model_name_or_path\":\"tiny\""));
        assertTrue(!archive.text().contains(folder.toString()));
        assertEquals(
                404,
                stranger.get("training_runs/" + id + "/checkpoints/weights/one/archive")
                        .status());
        HttpRequest delete = client.request("training_runs/" + id + "/checkpoints/weights%2Fone")
                .DELETE()
                .build();
        assertEquals(200, service.server().send(delete).status());
        assertEquals(404, service.server().send(delete).status());
        assertEquals(
                0,
                client.get("training_runs/" + id + "/checkpoints")
                        .body()
                        .path("checkpoints")
                        .size());
        assertEquals(200, client.post("sessions/" + session + "/finish", "{}").status());
        JsonNode gone = client.done(client.teach(id, 12, "cross_entropy", true, Map.of(), List.of(weighted(TOKENS, 1)))
                .body());
        assertEquals("user", gone.path("category").asText());
    }
}
