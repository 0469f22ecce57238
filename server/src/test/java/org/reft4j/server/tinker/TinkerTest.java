package org.reft4j.server.tinker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.server.tinker.TinkerService.ADAM;
import static org.reft4j.server.tinker.TinkerService.TOKENS;
import static org.reft4j.server.tinker.TinkerService.assertRefused;
import static org.reft4j.server.tinker.TinkerService.path;
import static org.reft4j.server.tinker.TinkerService.weighted;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.server.engine.Engine;
import org.reft4j.server.engine.EngineSettings;
import org.reft4j.server.engine.NewAdapter;
import org.reft4j.server.tinker.TinkerClient.Datum;
import org.reft4j.server.tinker.TinkerClient.Output;
import org.reft4j.server.tinker.TinkerClient.Sampled;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.OptimizerConfig;

class TinkerTest {
    private static final OptimizerConfig SAME =
            new OptimizerConfig(0.01, OptimizerConfig.Schedule.CONSTANT, 0, 0.9, 0.95, 1e-12, 0, 0);
    /** Sums of float32 numbers of about 1. */
    private static final double ROUNDING = 1e-5;
    /** Sampling goes token by token, and rounds in another order than a pass over all of them. */
    private static final double ORDER = 1e-4;

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
    void theElevenRoutesOfALoop() {
        assertEquals(
                false,
                client.ok("client/config", "{'sdk_version': '0.38.0'}")
                        .path("proto_compress_fwdbwd")
                        .asBoolean(true));
        JsonNode _ = client.ok("client/dynamic_config", "{'sdk_version': '0.38.0'}");
        assertEquals(
                "tiny",
                client.get("get_server_capabilities")
                        .body()
                        .at("/supported_models/0/model_name")
                        .asText());
        String session = client.session();
        JsonNode _ = client.ok("session_heartbeat", "{'session_id': '" + session + "'}");
        JsonNode _ = client.ok("telemetry", "{'events': []}");
        String id = client.model(session, 0, 3);
        assertEquals(session + ":train:0", id);
        JsonNode info = client.ok("get_info", "{'model_id': '" + id + "'}");
        assertEquals(2, info.path("lora_rank").asInt());
        assertEquals(
                service.model().toString(), info.at("/model_data/tokenizer_id").asText());
        Output before = client.taught(id, 1, "cross_entropy", false, Map.of(), List.of(weighted(TOKENS, 1)));
        double sum = 0;
        for (float logprob : before.logprobs().getFirst()) {
            sum -= logprob;
        }
        assertEquals(4, before.logprobs().getFirst().length);
        assertEquals(sum, before.metric("loss:sum"), ROUNDING * sum);
        JsonNode step = client.done(client.ok("optim_step", path(id, "'seq_id': 2, " + ADAM)));
        assertTrue(step.at("/metrics/grad_norm:mean").asDouble() > 0, step::toString);
        Output after = service.forward(id, 3, TOKENS);
        assertTrue(after.metric("loss:sum") < before.metric("loss:sum"));
        String saved = client.done(client.ok("save_weights", path(id, "'seq_id': 4, 'path': 'a-1'")))
                .path("path")
                .asText();
        assertEquals("tinker://" + id + "/weights/a-1", saved);
        String passing = client.done(client.ok(
                        "save_weights_for_sampler",
                        path(id, "'seq_id': 5, 'sampling_session_seq_id': 1, 'kind': 'snapshot'")))
                .path("sampling_session_id")
                .asText();
        assertEquals(2, sample(passing, 1, 2).samples().size());
    }

    @Test
    void whatIsSampledHasTheSameProbabilitiesInTraining() {
        String session = client.session();
        String id = client.model(session, 0, 3);
        Output after = service.forward(id, 3, TOKENS);
        String passing = client.done(client.ok(
                        "save_weights_for_sampler",
                        path(id, "'seq_id': 5, 'sampling_session_seq_id': 1, 'kind': 'snapshot'")))
                .path("sampling_session_id")
                .asText();
        Sampled sampled = sample(passing, 1, 2);
        assertEquals(2, sampled.samples().size());
        assertTrue(Float.isNaN(sampled.prompt()[0]));
        assertEquals(after.logprobs().getFirst()[0], sampled.prompt()[1], ORDER);
        assertEquals(after.logprobs().getFirst()[1], sampled.prompt()[2], ORDER);
        // What was sampled has the same log-probabilities in training.
        int[] tokens = IntStream.concat(
                        IntStream.of(5, 6, 7),
                        IntStream.of(sampled.samples().getFirst().tokens()))
                .toArray();
        float[] trained = service.forward(id, 6, tokens).logprobs().getFirst();
        float[] drawn = sampled.samples().getFirst().logprobs();
        for (int i = 0; i < drawn.length; i++) {
            assertEquals(trained[2 + i], drawn[i], ORDER);
        }
        JsonNode named = client.done(client.ok("save_weights_for_sampler", path(id, "'seq_id': 7, 'path': 's'")));
        String sampler = client.ok(
                        "create_sampling_session",
                        "{'session_id': '" + session + "', 'sampling_session_seq_id': 2, 'model_path': '"
                                + named.path("path").asText() + "'}")
                .path("sampling_session_id")
                .asText();
        assertEquals(
                "tiny",
                client.get("samplers/" + sampler).body().path("base_model").asText());
        assertArrayEquals(
                sampled.samples().getFirst().tokens(),
                sample(sampler, 1, 2).samples().getFirst().tokens());
    }

    private static Sampled sample(String sampler, int seq, int samples) {
        JsonNode promise = client.ok(
                "asample",
                "{'num_samples': " + samples
                        + ", 'prompt': {'chunks': [{'type': 'encoded_text', 'tokens': [5, 6]}, {'type':"
                        + " 'encoded_text', 'tokens': [7]}]}, 'sampling_params': {'max_tokens': 6, 'seed': 4, 'temperature': 1,"
                        + " 'top_k': -1, 'top_p': 1}, 'sampling_session_id': '" + sampler + "', 'seq_id': " + seq
                        + ", 'prompt_logprobs': true}");
        assertEquals(samples, promise.path("sample_sequence_ids").size());
        return client.sampled(promise.path("request_id").asText());
    }

    @Test
    void supervisedStepsHaveTheDigitsOfTheEngine() throws IOException {
        List<int[]> rows = List.of(new int[] {5, 6, 7, 8}, new int[] {9, 10, 11, 12, 13}, new int[] {14, 15});
        String id = client.model(client.session(), 0, 7);
        int labels = rows.stream().mapToInt(row -> row.length - 1).sum();
        List<Datum> data =
                rows.stream().map(row -> weighted(row, (float) (1.0 / labels))).toList();
        for (int step = 0; step < 3; step++) {
            Output _ = client.taught(id, 1 + 2 * step, "cross_entropy", false, Map.of(), data);
            JsonNode _ = client.done(client.ok("optim_step", path(id, "'seq_id': " + (2 + 2 * step) + ", " + ADAM)));
        }
        JsonNode _ = client.done(client.ok("save_weights", path(id, "'seq_id': 9, 'path': 'end'")));
        Path expected = folder.resolve("expected");
        try (Engine engine = new Engine(EngineSettings.here())) {
            String learner = engine.create(
                            new Engine.Request("s", 1),
                            service.model().toString(),
                            new NewAdapter(
                                    new LoraConfig(2, 32, false, "all-linear", null), 7, NewAdapter.MICRO_BATCH_TOKENS))
                    .join();
            List<Row> same = new ArrayList<>();
            for (int[] row : rows) {
                same.add(new Row(Tokens.of(row).slice(0, 1), Tokens.of(row).slice(1, row.length)));
            }
            for (int step = 0; step < 3; step++) {
                double _ = engine.learn(
                                new Engine.Request("s", 10 + step), learner, tutor -> tutor.crossEntropy(same, 1))
                        .join();
                double _ = engine.learn(
                                new Engine.Request("s", 20 + step), learner, tutor -> tutor.optimStep(0.01, SAME))
                        .join();
            }
            Path _ = engine.learn(new Engine.Request("s", 30), learner, tutor -> tutor.save(expected))
                    .join();
        }
        Path found = folder.resolve("data/tinker/runs/" + id.replace(':', '.') + "/weights/end");
        for (String file : List.of("adapter_model.safetensors", "trainer/state.safetensors")) {
            assertEquals(-1, Files.mismatch(expected.resolve(file), found.resolve(file)), file);
        }
    }

    @Test
    void lossesOfKnownRatios() {
        String id = client.model(client.session(), 0, 1);
        float[] now = service.forward(id, 1, TOKENS).logprobs().getFirst();
        double[] ratios = {1.5, 1.5, 0.5, 0.5};
        float[] advantages = {1, -1, 2, -1};
        float[] old = new float[4];
        for (int i = 0; i < 4; i++) {
            old[i] = (float) (now[i] - Math.log(ratios[i]));
        }
        List<Datum> data = List.of(new Datum(TOKENS, Map.of("advantages", advantages, "logprobs", old)));
        // Ratio times advantage: 1.5, -1.5, 1, -0.5; clipped to 0.8 and 1.2: 1.2, -1.2, 1.6, -0.8. The smaller ones:
        // 1.2, -1.5, 1, -0.8.
        Output ppo = client.taught(id, 2, "ppo", true, Map.of(), data);
        assertEquals(0.1, ppo.metric("loss:sum"), ROUNDING);
        assertEquals(1, ppo.metric("ratio:mean"), ROUNDING);
        assertEquals(0.5, ppo.metric("clipped:mean"));
        // Clipped to 0.9 and 1.1: 1.1, -1.1, 1.8, -0.9. The smaller ones: 1.1, -1.5, 1, -0.9.
        Map<String, Double> narrow = Map.of("clip_low_threshold", 0.9, "clip_high_threshold", 1.1);
        assertEquals(0.3, client.taught(id, 3, "ppo", false, narrow, data).metric("loss:sum"), ROUNDING);
        assertEquals(
                -0.5,
                client.taught(id, 4, "importance_sampling", true, Map.of(), data)
                        .metric("loss:sum"),
                ROUNDING);
        double cispo = -(1.2 * now[0] - 1.2 * now[1] + 1.6 * now[2] - 0.8 * now[3]);
        assertEquals(cispo, client.taught(id, 5, "cispo", true, Map.of(), data).metric("loss:sum"), 10 * ROUNDING);
        double squares = 2 * Math.pow(Math.log(1.5), 2) + 2 * Math.pow(Math.log(0.5), 2);
        double dro = -(now[0] - now[1] + 2 * now[2] - now[3]) + 0.1 * squares;
        assertEquals(
                dro,
                client.taught(id, 6, "dro", true, Map.of("beta", 0.2), data).metric("loss:sum"),
                10 * ROUNDING);
        // One ratio for all four tokens, the geometric mean: the square root of 1.5 times 0.5.
        assertEquals(
                -Math.sqrt(0.75),
                client.taught(id, 7, "gspo", true, Map.of(), data).metric("loss:sum"),
                ROUNDING);
    }

    @Test
    void theSameNumberIsTheSameRequest() {
        String session = client.session();
        String create = "{'session_id': '" + session
                + "', 'model_seq_id': 0, 'base_model': 'tiny', 'lora_config': {'rank': 2, 'seed': 5}}";
        JsonNode first = client.ok("create_model", create);
        assertEquals(first, client.ok("create_model", create));
        String id = client.done(first).path("model_id").asText();
        List<Datum> data = List.of(weighted(TOKENS, 1));
        JsonNode taught =
                client.teach(id, 1, "cross_entropy", false, Map.of(), data).body();
        assertEquals(
                taught,
                client.teach(id, 1, "cross_entropy", false, Map.of(), data).body());
        assertNotEquals(
                taught,
                client.teach(id, 2, "cross_entropy", true, Map.of(), data).body());
        // Clients of another project have numbers of their own.
        assertRefused(410, "future", stranger.post("retrieve_future", taught.toString()));
        JsonNode once = client.done(client.ok("optim_step", path(id, "'seq_id': 3, " + ADAM)));
        assertEquals(once, client.done(client.ok("optim_step", path(id, "'seq_id': 3, " + ADAM))));
        // The gradients were counted once: their norm is that of a learner that was asked once.
        String other = client.model(session, 1, 5);
        assertNotEquals(id, other);
        Output _ = client.taught(other, 1, "cross_entropy", false, Map.of(), data);
        assertEquals(once, client.done(client.ok("optim_step", path(other, "'seq_id': 2, " + ADAM))));
    }

    @Test
    void whatCannotBeDoneIsRefused() {
        String session = client.session();
        String id = client.model(session, 0, 1);
        List<Datum> data = List.of(weighted(TOKENS, 1));
        assertRefused(400, "gspo", client.teach(id, 1, "reinforce", false, Map.of(), data));
        assertRefused(400, "published", client.teach(id, 1, "stable_reinforce", false, Map.of(), data));
        assertRefused(400, "custom", client.teach(id, 1, "custom", false, Map.of(), data));
        assertRefused(
                400,
                "logprobs",
                client.teach(
                        id, 1, "ppo", false, Map.of(), List.of(new Datum(TOKENS, Map.of("advantages", new float[4])))));
        assertRefused(400, "beta", client.teach(id, 1, "cross_entropy", false, Map.of("beta", 1.0), data));
        assertRefused(
                400,
                "4 tokens",
                client.teach(
                        id,
                        1,
                        "cross_entropy",
                        false,
                        Map.of(),
                        List.of(new Datum(TOKENS, Map.of("weights", new float[3])))));
        assertRefused(404, "training run", client.teach("run-x", 1, "cross_entropy", false, Map.of(), data));
        assertRefused(404, "training run", client.teach("../x", 1, "cross_entropy", false, Map.of(), data));
        assertRefused(404, "training run", stranger.teach(id, 1, "cross_entropy", false, Map.of(), data));
        assertRefused(404, "session", stranger.get("sessions/" + session));
        assertRefused(415, "protobuf", client.post("forward_backward", "{}"));
        assertRefused(
                404,
                "tiny",
                client.post(
                        "create_model",
                        "{'session_id': '" + session + "', 'base_model': 'other', 'lora_config': {'rank': 2}}"));
        assertRefused(400, "name", client.post("save_weights", path(id, "'path': '../../x'")));
        assertRefused(400, "tinker://", client.post("load_weights", path(id, "'path': '/etc', 'optimizer': false")));
        assertRefused(501, "forward_backward_custom", client.post("create_custom_loss", "{}"));
        JsonNode beyond = client.done(client.teach(
                        id, 1, "cross_entropy", true, Map.of(), List.of(weighted(new int[] {5, 1_000_000}, 1)))
                .body());
        assertEquals("user", beyond.path("category").asText());
        assertTrue(beyond.path("error").asText().contains("1000000"), beyond::toString);
        assertRefused(410, "future", client.post("retrieve_future", "{'request_id': 'x'}"));
    }
}
