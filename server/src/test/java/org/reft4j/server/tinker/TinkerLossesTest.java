package org.reft4j.server.tinker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.PolicyModel.Scores;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.server.engine.Engine;
import org.reft4j.server.engine.EngineSettings;
import org.reft4j.server.engine.NewAdapter;
import org.reft4j.server.tinker.TinkerClient.Datum;
import org.reft4j.server.tinker.TinkerClient.Output;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Batch;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.loss.GrpoLossConfig;
import org.reft4j.train.loss.ImportanceRatio;
import org.reft4j.train.loss.LossAverage;
import org.reft4j.train.loss.Surrogate;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.OptimizerConfig;

/** Losses of Tinker's API with figures of each token, and the critic's. */
class TinkerLossesTest {
    private static final OptimizerConfig SAME =
            new OptimizerConfig(0.01, OptimizerConfig.Schedule.CONSTANT, 0, 0.9, 0.95, 1e-12, 0, 0);
    /** Sums of float32 numbers of about 1. */
    private static final double ROUNDING = 1e-5;

    private static final float[] OLD_VALUES = {0, 0.5f, 0, -1};
    private static final float[] RETURNS = {1, 0.1f, -0.5f, 0};

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

    @Test
    void anyTokenIsScoredInAPlace() {
        String id = client.model(client.session(), 0, 3);
        float[] natural = service.forward(id, 1, TOKENS).logprobs().getFirst();
        // As rl_loop.py sends it: zeros in the places of the prompt.
        float[] weights = {0, 0, 1, 1};
        Datum padded = new Datum(TOKENS, new int[] {0, 0, 8, 9}, Map.of("weights", weights));
        Output found = client.taught(id, 2, "cross_entropy", false, Map.of(), List.of(padded));
        float[] scored = found.logprobs().getFirst();
        assertEquals(natural[2], scored[2]);
        assertEquals(natural[3], scored[3]);
        assertEquals(-(natural[2] + natural[3]), found.metric("loss:sum"), ROUNDING);
        // What follows 5 and 6 is read all the same, but 0 is scored.
        assertEquals(service.forward(id, 3, 5, 0).logprobs().getFirst()[0], scored[0], ROUNDING);
        assertEquals(service.forward(id, 4, 5, 6, 0).logprobs().getFirst()[1], scored[1], ROUNDING);
        assertTrue(Math.abs(scored[0] - natural[0]) > ROUNDING);
        // Its gradients are those of the tokens that were scored.
        double first = norm(id, 5);
        Datum alone = new Datum(TOKENS, new int[] {0, 0, 8, 9}, Map.of("weights", new float[] {1, 0, 0, 0}));
        String one = client.model(client.session(), 0, 3);
        Output _ = client.taught(one, 1, "cross_entropy", false, Map.of(), List.of(alone));
        String twin = client.model(client.session(), 0, 3);
        Output _ = client.taught(twin, 1, "cross_entropy", false, Map.of(), List.of(weighted(new int[] {5, 0}, 1)));
        double norm = norm(one, 2);
        assertEquals(norm(twin, 2), norm, ROUNDING * norm);
        assertTrue(Math.abs(first - norm) > ROUNDING * norm);
    }

    private static double norm(String id, int seq) {
        return client.done(client.ok("optim_step", path(id, "'seq_id': " + seq + ", " + ADAM)))
                .at("/metrics/grad_norm:mean")
                .asDouble();
    }

    @Test
    void boundsOfSingleTokens() {
        String id = client.model(client.session(), 0, 1);
        float[] now = service.forward(id, 1, TOKENS).logprobs().getFirst();
        double[] ratios = {1.5, 1.5, 0.5, 0.5};
        float[] advantages = {1, -1, 2, -1};
        float[] old = new float[4];
        for (int i = 0; i < 4; i++) {
            old[i] = (float) (now[i] - Math.log(ratios[i]));
        }
        Map<String, float[]> bounds = Map.of(
                "advantages",
                advantages,
                "logprobs",
                old,
                "clip_low_threshold",
                new float[] {0.8f, 0.8f, 0.6f, 0.4f},
                "clip_high_threshold",
                new float[] {1.1f, 1.2f, 1.2f, 1.2f});
        // Ratio times advantage: 1.5, -1.5, 1, -0.5. Clipped to 1.1, 1.2, 0.6, 0.5: 1.1, -1.2, 1.2, -0.5. The smaller
        // ones: 1.1, -1.5, 1,
        // -0.5.
        Output ppo = client.taught(id, 2, "ppo", true, Map.of(), List.of(new Datum(TOKENS, bounds)));
        assertEquals(-0.1, ppo.metric("loss:sum"), ROUNDING);
        assertEquals(0.25, ppo.metric("clipped:mean"));
        double cispo = -(1.1 * now[0] - 1.2 * now[1] + 1.2 * now[2] - 0.5 * now[3]);
        assertEquals(
                cispo,
                client.taught(id, 3, "cispo", true, Map.of(), List.of(new Datum(TOKENS, bounds)))
                        .metric("loss:sum"),
                10 * ROUNDING);
        // The ratio of the last two alone, 0.5: 0.5, -0.5, 1, -0.5; clipped to 0.8: 0.8, -0.8, 1.6, -0.8. The smaller
        // ones: 0.5, -0.8, 1,
        // -0.8.
        Map<String, float[]> masked =
                Map.of("advantages", advantages, "logprobs", old, "sequence_ratio_mask", new float[] {0, 0, 1, 1});
        Output gspo = client.taught(id, 4, "gspo", true, Map.of(), List.of(new Datum(TOKENS, masked)));
        assertEquals(0.1, gspo.metric("loss:sum"), ROUNDING);
        assertEquals(0.5, gspo.metric("ratio:mean"), ROUNDING);
        Map<String, float[]> wrong =
                Map.of("advantages", advantages, "logprobs", old, "clip_low_threshold", new float[] {1, 1, 1, 2});
        assertRefused(
                400,
                "clip_low_threshold[0]",
                client.teach(id, 5, "ppo", true, Map.of(), List.of(new Datum(TOKENS, wrong))));
        assertRefused(
                400,
                "sequence_ratio_mask",
                client.teach(id, 5, "ppo", true, Map.of(), List.of(new Datum(TOKENS, masked))));
    }

    @Test
    void aStepOfPpoHasTheDigitsOfTheRecipesLoss() throws IOException {
        List<int[]> rows = List.of(new int[] {5, 6, 7, 8}, new int[] {9, 10, 11, 12, 13}, new int[] {14, 15});
        String id = client.model(client.session(), 0, 7);
        float weight = 0.125f;
        List<Datum> data = new ArrayList<>();
        for (int[] row : rows) {
            data.add(new Datum(
                    row,
                    Map.of(
                            "advantages", all(row, row.length % 2 == 0 ? 1.5f : -0.5f),
                            "logprobs", all(row, -4.25f),
                            "weights", all(row, weight))));
        }
        for (int step = 0; step < 3; step++) {
            Output _ = client.taught(id, 1 + 2 * step, "ppo", false, Map.of(), data);
            double _ = norm(id, 2 + 2 * step);
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
            List<Row> same = rows.stream()
                    .map(row ->
                            new Row(Tokens.of(row).slice(0, 1), Tokens.of(row).slice(1, row.length)))
                    .toList();
            for (int step = 0; step < 3; step++) {
                Double _ = engine.learn(
                                new Engine.Request("s", 10 + step),
                                learner,
                                tutor -> tutor.forwardBackward(Batch.of(same), () -> new Recipe(rows, data)))
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

    private static float[] all(int[] row, float value) {
        float[] values = new float[row.length - 1];
        Arrays.fill(values, value);
        return values;
    }

    /** The loss as the recipe of GRPO computes it: the clipped objective over the completions of a part. */
    private record Recipe(List<int[]> rows, List<Datum> data) implements Loss<Double> {
        @Override
        public Tensor of(int[] items, Scores scores) {
            int size = Arrays.stream(items).map(i -> rows.get(i).length - 1).sum();
            long[] numbers = new long[size];
            float[] lengths = new float[items.length];
            int at = 0;
            for (int i = 0; i < items.length; i++) {
                int length = rows.get(items[i]).length - 1;
                Arrays.fill(numbers, at, at + length, i);
                lengths[i] = length;
                at += length;
            }
            GrpoLoss.Old old = new GrpoLoss.Old(
                    flat(items, "logprobs", size),
                    null,
                    flat(items, "advantages", size),
                    flat(items, "weights", size),
                    Tensors.longs(Place.HOST, numbers, size),
                    Tensors.floats(Place.HOST, lengths, items.length));
            GrpoLossConfig config = new GrpoLossConfig(
                    1, 0, ImportanceRatio.TOKEN, Surrogate.CLIPPED, 0.2, 0.2, LossAverage.TOKEN, 0, false, 0);
            return GrpoLoss.of(scores.logprobs(), old, config).total();
        }

        private Tensor flat(int[] items, String name, int size) {
            float[] all = new float[size];
            int at = 0;
            for (int i : items) {
                float[] own =
                        java.util.Objects.requireNonNull(data.get(i).inputs().get(name));
                System.arraycopy(own, 0, all, at, own.length);
                at += own.length;
            }
            return Tensors.floats(Place.HOST, all, size);
        }

        @Override
        public Double figures() {
            return 0.0;
        }
    }

    @Test
    void aCriticLearnsItsReturns() {
        String session = client.session();
        String id = client.model(session, 0, 4);
        List<Datum> data = List.of(new Datum(TOKENS, Map.of("values", OLD_VALUES, "returns", RETURNS)));
        // A new critic says 0. Squared errors: 1; 0.01, clipped to 0.3: 0.04; 0.25; 0, clipped to -0.8: 0.64. Half
        // their sum.
        Output first = client.taught(id, 1, "ppo_critic", true, Map.of(), data);
        assertEquals(0.965, first.metric("loss:sum"), ROUNDING);
        assertEquals(0, first.metric("value:mean"));
        assertEquals(0.5, first.metric("clipped:mean"));
        assertArrayEquals(new float[4], first.logprobs().getFirst());
        // Without clipping and with half the weight on the first: 0.5 x (0.5 + 0.01 + 0.25 + 0).
        List<Datum> weighted = List.of(new Datum(
                TOKENS, Map.of("values", OLD_VALUES, "returns", RETURNS, "weights", new float[] {0.5f, 1, 1, 1})));
        Map<String, Double> wide = Map.of("value_clip", 100.0);
        assertEquals(
                0.38, client.taught(id, 2, "ppo_critic", true, wide, weighted).metric("loss:sum"), ROUNDING);
        double loss = lastOfSixty(id, wide, data);
        assertTrue(loss < 0.1, "the critic's loss is still " + loss);
        // Values alone, for those who make returns of them.
        Output asked = client.taught(id, 200, "ppo_critic", true, Map.of(), List.of(new Datum(TOKENS, Map.of())));
        assertEquals(Map.of("tokens:sum", 4.0), asked.metrics());
        assertRefused(
                400,
                "returns",
                client.teach(
                        id,
                        201,
                        "ppo_critic",
                        false,
                        Map.of(),
                        List.of(new Datum(TOKENS, Map.of("values", OLD_VALUES)))));
        String saved = client.done(client.ok("save_weights", path(id, "'seq_id': 202, 'path': 'critic'")))
                .path("path")
                .asText();
        for (int number = 1; number <= 2; number++) {
            boolean optimizer = number == 1;
            String copy = client.done(client.ok(
                            "load_weights",
                            "{'session_id': '" + session + "', 'model_seq_id': " + number + ", 'path': '" + saved
                                    + "', 'optimizer': " + optimizer + "}"))
                    .path("model_id")
                    .asText();
            Output again = client.taught(copy, 1, "ppo_critic", true, Map.of(), List.of(new Datum(TOKENS, Map.of())));
            assertArrayEquals(asked.logprobs().getFirst(), again.logprobs().getFirst());
            if (optimizer) {
                double next =
                        client.taught(id, 203, "ppo_critic", false, wide, data).metric("loss:sum");
                assertEquals(
                        next,
                        client.taught(copy, 2, "ppo_critic", false, wide, data).metric("loss:sum"));
                assertEquals(norm(id, 204), norm(copy, 3));
                assertEquals(
                        client.taught(id, 205, "ppo_critic", true, wide, data).metric("loss:sum"),
                        client.taught(copy, 4, "ppo_critic", true, wide, data).metric("loss:sum"));
            }
        }
    }

    /** The critic's loss in the last of sixty steps, numbered from 3 on. */
    private static double lastOfSixty(String id, Map<String, Double> numbers, List<Datum> data) {
        double loss = Double.NaN;
        for (int step = 0; step < 60; step++) {
            loss = client.taught(id, 3 + 2 * step, "ppo_critic", false, numbers, data)
                    .metric("loss:sum");
            double _ = norm(id, 4 + 2 * step);
        }
        return loss;
    }

    @Test
    void aCriticThatComesLateTakesNothingFromThePolicy() {
        String session = client.session();
        String plain = client.model(session, 0, 4);
        String critic = client.model(session, 1, 4);
        List<Datum> data = List.of(weighted(TOKENS, 1));
        for (String id : List.of(plain, critic)) {
            Output _ = client.taught(id, 1, "cross_entropy", false, Map.of(), data);
            double _ = norm(id, 2);
            Output _ = client.taught(id, 3, "cross_entropy", false, Map.of(), data);
            if (id.equals(critic)) {
                // Between gradients and step: neither these nor the moments are lost.
                Output _ = client.taught(id, 4, "ppo_critic", true, Map.of(), List.of(new Datum(TOKENS, Map.of())));
            }
        }
        assertEquals(norm(plain, 5), norm(critic, 5));
        assertArrayEquals(
                service.forward(plain, 6, TOKENS).logprobs().getFirst(),
                service.forward(critic, 6, TOKENS).logprobs().getFirst());
    }
}
