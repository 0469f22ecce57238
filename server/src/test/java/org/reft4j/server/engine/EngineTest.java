package org.reft4j.server.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.server.http.ApiError;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.algorithm.SftRecipe;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.Job;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.OptimizerConfig;

class EngineTest {
    private static final EngineSettings SETTINGS = new EngineSettings(1L << 30, 1 << 24, 8, "f32");
    private static final double RATE = 1e-2;
    private static final List<Row> ROWS =
            List.of(new Row(Tokens.of(5, 6), Tokens.of(7, 8, 9)), new Row(Tokens.of(10), Tokens.of(11, 12)));

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Engine engine;

    EngineTest() {
        engine = new Engine(SETTINGS);
    }

    @BeforeEach
    void makeModel() {
        model = TinyModel.write(folder.resolve("model"), 1);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static Engine.Request request(String session, long seq) {
        return new Engine.Request(session, seq);
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String learner(String session, long seed) {
        NewAdapter adapter =
                new NewAdapter(new LoraConfig(2, 4, false, "all-linear", null), seed, NewAdapter.MICRO_BATCH_TOKENS);
        return get(engine.create(request(session, 1), model.toString(), adapter));
    }

    private double step(String learner, String session, long seq, Row row) {
        double loss = get(engine.learn(request(session, seq), learner, tutor -> tutor.crossEntropy(List.of(row), 1)));
        double _ = get(
                engine.learn(request(session, seq + 1), learner, tutor -> tutor.optimStep(RATE, OptimizerConfig.SFT)));
        return loss;
    }

    private List<float[]> scores(String learner, String session, long seq) {
        return get(engine.learn(request(session, seq), learner, tutor -> tutor.forward(ROWS))).stream()
                .map(scores -> scores.logprobs())
                .toList();
    }

    private Completion sample(String name, long key) {
        CompletableFuture<Completion> done = new CompletableFuture<>();
        Answer answer = new Answer() {
            @Override
            public void finished(Completion completion) {
                done.complete(completion);
            }

            @Override
            public void failed(RuntimeException why) {
                done.completeExceptionally(why);
            }
        };
        Sampler.Draw draw = new Sampler.Draw(Tokens.of(5, 6, 7), key);
        engine.sample(name, List.of(draw), SamplingConfig.sampling(1, 0, 1, 40), List.of(answer));
        return get(done);
    }

    @Test
    void learnersOnOneBaseAreWhatEachIsAlone() {
        List<List<float[]>> alone = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String name = learner("alone" + i, i);
            for (int k = 0; k < 3; k++) {
                step(name, "alone" + i, 10 + 2L * k, ROWS.get(i));
            }
            alone.add(scores(name, "alone" + i, 99));
        }
        engine.close();
        engine = new Engine(SETTINGS);
        Completion before = sample(model.toString(), 3);
        String first = learner("first", 0);
        String second = learner("second", 1);
        for (int k = 0; k < 3; k++) {
            step(first, "first", 10 + 2L * k, ROWS.get(0));
            sample(model.toString(), k);
            step(second, "second", 10 + 2L * k, ROWS.get(1));
        }
        List<float[]> one = scores(first, "first", 99);
        List<float[]> other = scores(second, "second", 99);
        for (int row = 0; row < 2; row++) {
            assertArrayEquals(alone.get(0).get(row), one.get(row));
            assertArrayEquals(alone.get(1).get(row), other.get(row));
            assertFalse(java.util.Arrays.equals(one.get(row), other.get(row)));
        }
        assertEquals(before.tokens(), sample(model.toString(), 3).tokens(), "the base learns nothing");
    }

    @Test
    void aRequestThatIsSentAgainIsDoneOnce() {
        String name = learner("s", 1);
        double loss = step(name, "s", 2, ROWS.get(0));
        CompletableFuture<Double> again =
                engine.learn(request("s", 2), name, tutor -> tutor.crossEntropy(List.of(ROWS.get(0)), 1));
        assertSame(again, engine.learn(request("s", 2), name, tutor -> tutor.crossEntropy(ROWS, 1)));
        assertEquals(loss, get(again));
        assertNotEquals(loss, step(name, "s", 4, ROWS.get(0)));
    }

    @Test
    void aLearnerGoesOnFromWhatItSaved() {
        String name = learner("s", 1);
        step(name, "s", 2, ROWS.get(0));
        Path saved = get(engine.learn(request("s", 4), name, tutor -> tutor.save(folder.resolve("saved"))));
        step(name, "s", 5, ROWS.get(1));
        List<float[]> expected = scores(name, "s", 7);
        String restored = get(engine.restore(request("t", 1), saved));
        step(restored, "t", 2, ROWS.get(1));
        List<float[]> found = scores(restored, "t", 4);
        for (int row = 0; row < 2; row++) {
            assertArrayEquals(expected.get(row), found.get(row));
        }
        // A sampler of the saved weights stands beside.
        assertEquals(
                sample(saved.toString(), 5).tokens(),
                sample(saved.toString(), 5).tokens());
    }

    @Test
    void samplesAreThoseOfTheSampler() {
        Completion found = sample(model.toString(), 17);
        Torch.start();
        try (var decoder = ModelTexts.open(model.toString())
                        .build(org.reft4j.tensor.DType.F32, Place.host(org.reft4j.tensor.DType.F32));
                var tokenizer = ModelTexts.open(model.toString()).tokenizer()) {
            Completion expected = new Sampler(decoder, org.reft4j.model.chat.ChatTemplate.ends(tokenizer), 1)
                    .sample(List.of(new Sampler.Draw(Tokens.of(5, 6, 7), 17)), SamplingConfig.sampling(1, 0, 1, 40))
                    .getFirst();
            assertEquals(expected.tokens(), found.tokens());
        }
    }

    @Test
    void theModelThatWasUnusedLongestMakesRoom() {
        long one = SharedModel.bytes(ModelTexts.read(ModelTexts.open(model.toString())), SETTINGS);
        engine.close();
        engine = new Engine(new EngineSettings(2 * one + one / 2, 1 << 24, 8, "f32"));
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            names.add(TinyModel.write(folder.resolve("m" + i), i).toString());
        }
        sample(names.get(0), 1);
        sample(names.get(1), 1);
        sample(names.get(0), 1);
        sample(names.get(2), 1);
        assertEquals(List.of(names.get(0), names.get(2)), get(engine.loaded()));
        engine.close();
        engine = new Engine(new EngineSettings(one - 1, 1 << 24, 8, "f32"));
        assertEquals(
                400, assertThrows(ApiError.class, () -> sample(names.get(0), 1)).status());
    }

    @Test
    void aLearnerWithoutRoomIsRefusedWithTheSizes() {
        long one = SharedModel.bytes(ModelTexts.read(ModelTexts.open(model.toString())), SETTINGS);
        engine.close();
        engine = new Engine(new EngineSettings(one + 500_000, 1 << 24, 8, "f32"));
        NewAdapter large = new NewAdapter(new LoraConfig(64, 64, false, "all-linear", null), 1, 1024);
        ApiError refused =
                assertThrows(ApiError.class, () -> get(engine.create(request("s", 1), model.toString(), large)));
        assertEquals(503, refused.status());
        assertTrue(String.valueOf(refused.getMessage()).contains("MiB"), refused::getMessage);
        // What fits is taken, and the refused one left nothing behind.
        NewAdapter small = new NewAdapter(new LoraConfig(1, 2, false, "all-linear", null), 1, 1024);
        String name = get(engine.create(request("s", 2), model.toString(), small));
        assertEquals(List.of(name), get(engine.loaded()));
    }

    /** A run that keeps nothing. */
    private record NoRun(Path folder) implements Run {
        @Override
        public Optional<Checkpoint> latest() {
            return Optional.empty();
        }

        @Override
        public Optional<Checkpoint> best() {
            return Optional.empty();
        }

        @Override
        public void emit(RunEvent event) {}

        @Override
        public boolean stopRequested() {
            return false;
        }

        @Override
        public Checkpoint checkpoint(int step, double score, Contents contents) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void theEnginesVerbsHaveTheDigitsOfTheRecipe() throws IOException {
        String yaml = String.join(
                "\n",
                "recipe: sft",
                "seed: 7",
                "model: {path: " + model + ", compute: f32}",
                "lora: {rank: 2}",
                "data: {dataset: wordproblems, cot: n, options: {annotated: 6, answers: 0, steps-max: 2, validation: 2, test: 2}}",
                "batch: 3",
                "epochs: 2",
                "max-tokens: 220",
                "micro-batch-tokens: 1024",
                "activation-checkpointing: false",
                "evaluate: {every: 0}",
                "optimizer: {learning-rate: 0.01, schedule: constant, warmup: 0}",
                "");
        Job job = Job.of(yaml, folder.resolve("run"));
        ConfigFile.Resolved resolved = job.prepare();
        SftRecipe.Settings config = (SftRecipe.Settings) resolved.config();
        Path checkpoint;
        try (var running = job.start()) {
            checkpoint = running.await().checkpoint().orElseThrow().folder();
        }
        List<Row> rows;
        try (Setup setup = Setup.open(config, new NoRun(folder), GraderTools.plain(Cot.PROSE))) {
            rows = SftRecipe.rows(setup, config);
        }
        assertEquals(6, rows.size());
        NewAdapter adapter = new NewAdapter(Objects.requireNonNull(config.lora()), config.seed(), 1024);
        String name = get(engine.create(request("r", 1), model.toString(), adapter));
        EpochBatches batches = new EpochBatches(rows.size(), config.batch(), config.epochs());
        for (int step = 1; step <= batches.steps(); step++) {
            List<Row> some = new ArrayList<>();
            for (int item : batches.items(step, new Seeds(config.seed()))) {
                some.add(rows.get(item));
            }
            double rate = config.optimizer().rate(step, batches.steps());
            double _ = get(engine.learn(request("r", 10L * step), name, tutor -> tutor.crossEntropy(some, 1)));
            double _ = get(engine.learn(
                    request("r", 10L * step + 1), name, tutor -> tutor.optimStep(rate, config.optimizer())));
        }
        Path saved = get(engine.learn(request("r", 99), name, tutor -> tutor.save(folder.resolve("saved"))));
        String weights = "adapter_model.safetensors";
        assertEquals(-1, Files.mismatch(checkpoint.resolve(weights), saved.resolve(weights)));
        assertEquals(
                -1,
                Files.mismatch(
                        checkpoint.resolve("trainer/state.safetensors"), saved.resolve("trainer/state.safetensors")));
    }
}
