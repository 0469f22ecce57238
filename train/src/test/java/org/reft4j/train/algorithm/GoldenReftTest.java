package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.Weights;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.PythonNumber;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.AnswerGrader;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Learners;
import org.reft4j.train.learn.MicroBatches;
import org.reft4j.train.learn.Scorer;
import org.reft4j.train.learn.UpdateLosses;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.TokenScores;
import org.reft4j.train.settings.OptimizerConfig;

/**
 * Puts rollout batches with fixed completions through the updates of {@link ReftRecipe} and compares every figure with what the
 * reference code computed (mwp_ReFT, {@code rollout} and {@code train_one_epoch}; the folder's README says how).
 */
class GoldenReftTest {
    /** float32 sums of about ten terms of order 1. */
    private static final double ARRAYS = 1e-5;
    /** Losses and norms pass through a whole model. */
    private static final double RELATIVE = 1e-4;
    /** The reference itself moves by 2.3e-6 between two attention kernels. */
    private static final double WEIGHTS = 1e-5;

    private static final ObjectMapper JSON = new ObjectMapper();

    static Path folder() {
        String given = System.getProperty("reft4j.golden", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        Path root = Path.of(System.getProperty("reft4j.root", "."));
        Path beside = root.resolve("../shared/golden").normalize();
        return Files.isDirectory(beside) ? beside : root.resolve("verify/src/test/golden");
    }

    @BeforeAll
    static void start() {
        Torch.start();
    }

    static List<Path> cases() throws IOException {
        Path reft = folder().resolve("reft");
        Assumptions.assumeTrue(Files.isDirectory(reft), "skipped: no folder " + reft);
        try (Stream<Path> files = Files.list(reft)) {
            List<Path> cases =
                    files.filter(f -> f.toString().endsWith(".json")).sorted().toList();
            assertFalse(cases.isEmpty(), "no case in " + reft);
            return cases;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyFigureEqualsTheReference(Path file) throws IOException {
        replay(file, 1.0);
    }

    @Test
    void aWrongKlWeightIsSeen() throws IOException {
        Path file = cases().getFirst();
        assertThrows(AssertionError.class, () -> replay(file, 1.1));
    }

    private static void replay(Path file, double klFactor) throws IOException {
        JsonNode golden = JSON.readTree(file.toFile());
        JsonNode args = golden.path("args");
        ModelFolder folder = ModelFolder.open(
                folder().resolve("models").resolve(golden.path("model").asText()));
        int minibatch = args.path("mini_batch_size").asInt();
        PpoConfig ppo = new PpoConfig(
                args.path("ppo_epochs").asInt(),
                minibatch,
                0.2,
                0.2,
                args.path("vf_coef").asDouble(),
                args.path("gamma").asDouble(),
                args.path("lam").asDouble(),
                args.path("kl_coef").asDouble() * klFactor,
                true);
        OptimizerConfig adam = new OptimizerConfig(
                golden.path("lr").asDouble(),
                OptimizerConfig.Schedule.CONSTANT,
                0,
                .9,
                .999,
                1e-8,
                0,
                args.path("clip_grad_norm").asDouble());
        Path tensors = file.resolveSibling(file.getFileName().toString().replace(".json", ".safetensors"));
        try (var scope = NativeScope.open();
                SafetensorsFile values = SafetensorsFile.open(tensors);
                Weights forPolicy = folder.weights();
                Weights forReference = folder.weights()) {
            PolicyModel policy = PolicyModel.withValueHead(
                    ModelFamilies.of(folder.config()).build(folder.config(), forPolicy, DType.F32, Place.HOST),
                    scope.keep(values.read("init.v_head.weight")),
                    scope.keep(values.read("init.v_head.bias")));
            PolicyModel reference = PolicyModel.of(
                    ModelFamilies.of(folder.config()).build(folder.config(), forReference, DType.F32, Place.HOST));
            // Cut into parts, so that the sum of parts is tested too.
            MicroBatches memory = Learners.memory(24);
            int update = 0;
            try (Learner learner = new Learner(policy, new AdamW(policy.parameters(), List.of(), 1, adam), memory);
                    Scorer frozen = new Scorer(reference, memory)) {
                for (int batch = 0; values.has("batch" + batch + ".ids"); batch++) {
                    Batch fixed = Batch.read(values, "batch" + batch + ".", golden, batch);
                    List<TokenScores> scores = learner.forward(fixed.rows());
                    Experience experience = Experience.of(
                            fixed.rows(),
                            fixed.rewards(),
                            scores,
                            frozen.forward(fixed.rows()),
                            scores.stream().map(TokenScores::values).toList(),
                            ppo);
                    fixed.compare(experience);
                    int first = update;
                    for (int epoch = 0; epoch < ppo.epochs(); epoch++) {
                        for (int from = 0; from < fixed.rows().size(); from += minibatch) {
                            int to = Math.min(from + minibatch, fixed.rows().size());
                            int[] rows = IntStream.range(from, to).toArray();
                            UpdateLosses losses = PpoLosses.forwardBackward(
                                    learner, learner, experience, rows, ppo, false, update == first);
                            relative(golden.path("losses").path(update).asDouble(), losses.total(), "loss " + update);
                            relative(
                                    golden.at("/grad_norms_before_clipping/" + update)
                                            .asDouble(),
                                    learner.optimStep(adam.learningRate()),
                                    "gradient norm " + update);
                            update++;
                        }
                    }
                }
                compareWeights(policy, values);
            }
            assertEquals(golden.path("losses").size(), update, "updates");
        }
    }

    private static void compareWeights(PolicyModel policy, SafetensorsFile values) {
        for (Parameter parameter : policy.parameters()) {
            near(
                    Tensors.toFloats(values.read("final." + parameter.name())),
                    Tensors.toFloats(parameter.value()),
                    WEIGHTS,
                    parameter.name());
        }
    }

    private static void relative(double expected, double actual, String what) {
        assertEquals(expected, actual, RELATIVE * Math.abs(expected), what);
    }

    private static void near(float[] expected, float[] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], tolerance, what + "[" + i + "]");
        }
    }

    /**
     * One rollout batch of the file.
     *
     * @param starts column of each row's first active position in the padded layout
     */
    private record Batch(List<Row> rows, Grid values, List<Integer> starts, List<Double> paid) {
        /** The grade's reward on the last token. */
        List<float[]> rewards() {
            List<float[]> rewards = new ArrayList<>();
            for (int r = 0; r < rows.size(); r++) {
                float[] row = new float[rows.get(r).completion().size()];
                row[row.length - 1] = paid.get(r).floatValue();
                rewards.add(row);
            }
            return rewards;
        }

        static Batch read(SafetensorsFile file, String prefix, JsonNode golden, int number) {
            long pad = golden.path("pad").asLong();
            long end = golden.path("eos").asLong();
            Grid grid = new Grid(file, prefix);
            int count = (int) file.shape(prefix + "ids")[0];
            int width = (int) file.shape(prefix + "ids")[1];
            int promptWidth = (int) file.shape(prefix + "prompts")[1];
            long[] ids = Tensors.toLongs(file.read(prefix + "ids"));
            List<Row> rows = new ArrayList<>();
            List<Integer> starts = new ArrayList<>();
            List<Double> paid = new ArrayList<>();
            AnswerGrader grader = new AnswerGrader(Cot.PROSE, ProgramRunner.NONE);
            for (int r = 0; r < count; r++) {
                int from = r * width;
                int first = 0;
                while (ids[from + first] == pad) {
                    first++;
                }
                int last = promptWidth;
                while (last < width && ids[from + last] != end) {
                    last++;
                }
                boolean ended = last < width;
                if (!ended) {
                    while (ids[from + last - 1] == pad) {
                        last--;
                    }
                }
                rows.add(new Row(
                        tokens(ids, from + first, from + promptWidth),
                        tokens(ids, from + promptWidth, from + last + (ended ? 1 : 0))));
                starts.add(promptWidth - 1);
                String target = golden.path("answers").path(number).path(r).asText();
                String text = golden.path("texts").path(number).path(r).asText();
                Question question = new Question(
                        "svamp_1",
                        "q",
                        new Answer.Numeric(target, PythonNumber.parse(target).orElseThrow()),
                        null);
                Grade grade = grader.grade(question, text);
                paid.add(RewardRule.REFT.of(grade));
            }
            return new Batch(rows, grid, starts, paid);
        }

        private static Tokens tokens(long[] ids, int from, int to) {
            return Tokens.of(
                    Arrays.stream(ids, from, to).mapToInt(Math::toIntExact).toArray());
        }

        void compare(Experience experience) {
            for (int r = 0; r < rows.size(); r++) {
                Experience.Entry entry = experience.entries().get(r);
                int size = entry.logprobs().length;
                for (int t = 0; t < values.width("mask"); t++) {
                    boolean active = t >= starts.get(r) && t < starts.get(r) + size;
                    assertEquals(active ? 1 : 0, values.at("mask", r, t), "mask of row " + r + " at " + t);
                }
                check("logprobs", r, entry.logprobs());
                check("ref_logprobs", r, entry.reference());
                check("values", r, entry.values());
                check("reward", r, entry.rewards());
                check("advantages", r, entry.advantages());
                check("whitened_advantages", r, entry.whitened());
                check("returns", r, entry.returns());
                float[] klReward = new float[size];
                for (int t = 0; t < size; t++) {
                    klReward[t] = entry.reference()[t] - entry.logprobs()[t];
                }
                check("kl_reward", r, klReward);
                assertEquals(paid.get(r), values.at("correctness", r, 0), ARRAYS, "score of row " + r);
            }
        }

        private void check(String name, int row, float[] actual) {
            for (int t = 0; t < actual.length; t++) {
                assertEquals(
                        values.at(name, row, starts.get(row) + t),
                        actual[t],
                        ARRAYS,
                        name + " of row " + row + " at " + t);
            }
        }
    }

    /** The padded arrays of one batch, read once each. */
    private static final class Grid {
        private final SafetensorsFile file;
        private final String prefix;
        private final java.util.Map<String, float[]> arrays = new java.util.HashMap<>();

        private Grid(SafetensorsFile file, String prefix) {
            this.file = file;
            this.prefix = prefix;
        }

        int width(String name) {
            long[] shape = file.shape(prefix + name);
            return shape.length == 1 ? 1 : (int) shape[1];
        }

        double at(String name, int row, int column) {
            float[] array = arrays.computeIfAbsent(name, n -> {
                Tensor tensor = file.read(prefix + n);
                return Tensors.toFloats(tensor);
            });
            return array[row * width(name) + column];
        }
    }
}
