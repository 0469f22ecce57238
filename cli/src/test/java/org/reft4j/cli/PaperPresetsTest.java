package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.train.algorithm.OfflineSelfTrainingSettings;
import org.reft4j.train.algorithm.OnlineSelfTrainingSettings;
import org.reft4j.train.algorithm.ReftSettings;
import org.reft4j.train.algorithm.SftRecipe;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;
import org.reft4j.train.settings.SelfTrainingRollout;

/**
 * The files of {@code recipes/paper} have the paper's settings, where the file and the recipe's defaults are put together. The settings are
 * those of the launch scripts of lqtrung1998/mwp_ReFT at commit bdc844e, typed in here.
 */
class PaperPresetsTest {
    private static final Path PAPER = RecipeFilesTest.RECIPES.resolve("paper");

    /** Training questions that are held out to choose the model by; the paper had no validation split. */
    private static final int HELD_OUT = 300;

    private static final Map<String, String> BIG =
            Map.of("galactica-6.7b", "facebook/galactica-6.7b", "codellama-7b", "codellama/CodeLlama-7b-hf");
    private static final Map<String, String> SMALL = Map.of(
            "galactica-125m", "facebook/galactica-125m",
            "codeparrot-small", "codeparrot/codeparrot-small",
            "codegen-350m", "Salesforce/codegen-350M-mono");

    /**
     * A training file of the paper, and what its scripts have for it.
     *
     * @param size questions in it
     * @param warmup epochs before the models of 7 billion parameters sample
     * @param kl their KL coefficient
     * @param offlineEvery steps between evaluations of offline self-training
     * @param smallWarmup epochs before the small models sample; 0 where they have no experiment
     * @param smallEpochs epochs of the small models' supervised training
     */
    private record Data(
            String name, Cot cot, int size, int warmup, double kl, int offlineEvery, int smallWarmup, int smallEpochs) {
        String stem(String model) {
            return model + "-" + name + "-" + cot.letter() + "cot-";
        }

        int batches(int batch) {
            return Math.ceilDiv(size - HELD_OUT, batch);
        }
    }

    private static final List<Data> DATA = List.of(
            new Data("gsm8k", Cot.PROSE, 7465, 2, 0.05, 175, 0, 0),
            new Data("gsm8k", Cot.PROGRAM, 7356, 2, 0.01, 175, 10, 40),
            new Data("svamp", Cot.PROSE, 3076, 2, 0.05, 90, 0, 0),
            new Data("svamp", Cot.PROGRAM, 3043, 2, 0.01, 90, 10, 40),
            new Data("mathqa", Cot.PROSE, 14862, 5, 0.05, 350, 0, 0),
            new Data("mathqa", Cot.PROGRAM, 15250, 2, 0.01, 350, 40, 100),
            new Data("mathqa-numeric", Cot.PROSE, 8955, 10, 0.01, 175, 0, 0));

    /** A file and what it is about. */
    private record Preset(String model, boolean big, String hub, Data data, String algorithm) {
        String name() {
            return data.stem(model) + algorithm;
        }

        int warmup() {
            return big ? data.warmup : data.smallWarmup;
        }

        RecipeConfig config() {
            return ConfigFile.explain(PAPER.resolve(name() + ".yaml"), List.of())
                    .config();
        }

        @Override
        public String toString() {
            return name();
        }
    }

    static List<Preset> all() {
        List<Preset> presets = new ArrayList<>();
        for (Data data : DATA) {
            BIG.forEach((model, hub) -> List.of("sft", "reft", "offline-st", "online-st")
                    .forEach(algorithm -> presets.add(new Preset(model, true, hub, data, algorithm))));
            if (data.smallWarmup > 0) {
                SMALL.forEach((model, hub) -> List.of("sft", "reft")
                        .forEach(algorithm -> presets.add(new Preset(model, false, hub, data, algorithm))));
            }
        }
        return presets;
    }

    @Test
    void theSetOfFilesIsExact() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        all().forEach(preset -> names.add(preset.name() + ".yaml"));
        assertEquals(74, names.size());
        for (String model : BIG.keySet()) {
            names.add(model + "-gsm8k-ncot-rerank.yaml");
            names.add(model + "-gsm8k-pcot-rerank.yaml");
        }
        assertEquals(
                names,
                new TreeSet<>(RecipeFilesTest.files(PAPER).stream()
                        .map(file -> file.getFileName().toString())
                        .toList()));
    }

    /** Not a step that only {@code evaluate.keep-all} would leave there. */
    @Test
    void rewardModelsBeginWithWhatSupervisedTrainingHandsOn() throws IOException {
        for (Path file : RecipeFilesTest.files(PAPER)) {
            String stem = file.getFileName().toString().replace("-rerank.yaml", "");
            if (!stem.endsWith(".yaml")) {
                RecipeConfig config = ConfigFile.explain(file, List.of()).config();
                assertEquals("runs/" + stem + "-sft", config.model().path());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void hasThePapersSettings(Preset preset) {
        RecipeConfig config = preset.config();
        assertEquals(preset.name(), config.name());
        assertEquals(42, config.seed());
        assertEquals(preset.data.name, config.data().dataset());
        assertEquals(preset.data.cot, config.data().cot());
        assertEquals(HELD_OUT, config.data().validation());
        switch (config) {
            case SftRecipe.Settings sft -> check(sft, preset);
            case ReftSettings reft -> check(reft, preset);
            case OfflineSelfTrainingSettings offline -> check(offline, preset);
            case OnlineSelfTrainingSettings online -> check(online, preset);
            default -> throw new AssertionError(preset + " is of another recipe");
        }
    }

    private static void check(SftRecipe.Settings sft, Preset preset) {
        assertEquals("sft", preset.algorithm);
        assertEquals(preset.hub, sft.model().path());
        assertEquals(48, sft.batch());
        assertEquals(preset.big ? 40 : preset.data.smallEpochs, sft.epochs());
        assertEquals(1024, sft.maxTokens());
        assertEquals(adamW(preset.big ? 1e-5 : 2e-5, OptimizerConfig.Schedule.LINEAR, 0.1), sft.optimizer());
        assertEquals(preset.data.batches(48), sft.evaluate().every());
        assertEquals(1024, sft.evaluate().maxTotalTokens());
    }

    private static void check(ReftSettings reft, Preset preset) {
        int batch = preset.big ? 32 : 256;
        assertEquals("reft", preset.algorithm);
        assertWarmup(reft.model().path(), preset);
        assertEquals((preset.big ? 300 : 700) * preset.data.batches(batch), reft.steps());
        RolloutConfig rollout = reft.rollout();
        assertEquals(
                new RolloutConfig(batch, 1, false, 1, 0, 1, 300, 700, rollout.batch(), rollout.keepTraces()), rollout);
        double kl = preset.big ? preset.data.kl : 0.01;
        assertEquals(new PpoConfig(2, batch, 0.2, 0.2, 5, 1, 0.95, kl, true), reft.ppo());
        assertEquals(adamW(preset.big ? 3e-7 : 3e-6, OptimizerConfig.Schedule.CONSTANT, 0), reft.optimizer());
        assertEquals(preset.data.batches(batch), reft.evaluate().every());
        assertEquals(700, reft.evaluate().maxTotalTokens());
        assertEquals(ReftSettings.ValueHead.RANDOM, reft.valueHead());
        assertEquals(0, reft.criticWarmup());
    }

    private static void check(OfflineSelfTrainingSettings offline, Preset preset) {
        assertEquals("offline-st", preset.algorithm);
        assertWarmup(offline.model().path(), preset);
        assertEquals(preset.hub, offline.base().path());
        assertEquals(1, offline.iterate());
        assertEquals(100, offline.rollout().samples());
        assertSampling(offline.rollout(), 50, 1024);
        assertEquals(10, offline.keep());
        assertEquals(48, offline.batch());
        assertEquals(20, offline.epochs());
        assertEquals(1024, offline.maxTokens());
        assertEquals(adamW(1e-5, OptimizerConfig.Schedule.LINEAR, 0.1), offline.optimizer());
        assertEquals(preset.data.offlineEvery, offline.evaluate().every());
        assertEquals(1024, offline.evaluate().maxTotalTokens());
    }

    private static void check(OnlineSelfTrainingSettings online, Preset preset) {
        assertEquals("online-st", preset.algorithm);
        assertWarmup(online.model().path(), preset);
        assertEquals(300 * preset.data.batches(32), online.steps());
        assertEquals(32, online.rollout().questions());
        assertEquals(1, online.rollout().samples());
        assertEquals(300, online.rollout().maxPromptTokens());
        assertSampling(online.rollout(), 0, 700);
        assertEquals(2, online.passes());
        assertEquals(adamW(3e-7, OptimizerConfig.Schedule.CONSTANT, 0), online.optimizer());
        assertEquals(preset.data.batches(32), online.evaluate().every());
        assertEquals(700, online.evaluate().maxTotalTokens());
    }

    private static void assertSampling(SelfTrainingRollout rollout, int topK, int maxTotalTokens) {
        assertEquals(1, rollout.temperature());
        assertEquals(topK, rollout.topK());
        assertEquals(1, rollout.topP());
        assertEquals(maxTotalTokens, rollout.maxTotalTokens());
    }

    /** The last step of a run of as many epochs of supervised training; of SVAMP, where what is held out is no round number, what the run hands on. */
    private static void assertWarmup(@Nullable String path, Preset preset) {
        if (preset.data.name.equals("svamp")) {
            assertEquals("runs/" + preset.data.stem(preset.model) + "warmup", path);
            return;
        }
        String step = String.format(Locale.ROOT, "step-%06d", preset.warmup() * preset.data.batches(48));
        assertEquals("runs/" + preset.data.stem(preset.model) + "warmup/checkpoints/" + step, path);
    }

    private static OptimizerConfig adamW(double rate, OptimizerConfig.Schedule schedule, double warmup) {
        return new OptimizerConfig(rate, schedule, warmup, 0.9, 0.999, 1e-8, 0, 1);
    }

    /** With a file of as many questions as the paper's, the steps come out as whole epochs. */
    @Test
    void stepsAreThePapersEpochs(@TempDir Path folder) throws IOException {
        String rows = IntStream.range(0, 7356)
                .mapToObj(i -> "{\"item_id\": \"gsm8k_" + i + "\", \"question\": \"Word" + i
                        + "?\", \"answer_cot\": \"def solution():\\n    return " + i + "\", \"answer_value\": \"" + i
                        + "\"}")
                .collect(Collectors.joining(",\n", "[", "]"));
        Files.writeString(folder.resolve("gsm8k_python_sdp.json"), rows);
        Files.writeString(
                folder.resolve("gsm8k_test_set.json"),
                "[{\"item_id\": \"gsm8k_x\", \"question\": \"None?\", \"answer_value\": \"1\"}]");
        String reft = explained("codellama-7b-gsm8k-pcot-reft.yaml", folder);
        assertTrue(reft.contains("7056 training questions / 32 a step = 221 steps an epoch"), reft);
        assertTrue(reft.contains("66300 steps = 2121600 rollouts, 132600 updates, 300.00 epochs"), reft);
        assertTrue(reft.contains("Memory: not worked out"), reft);
        String sft = explained("codellama-7b-gsm8k-pcot-sft.yaml", folder);
        assertTrue(sft.contains("147 steps an epoch x 40 epochs = 5880 steps"), sft);
    }

    private static String explained(String file, Path data) {
        return Cli.run("train", PAPER.resolve(file), "--explain", "--set", "data.path=" + data)
                .out();
    }

    /** The commands are taken by the program as far as the first thing that is not there. */
    @Test
    void votingCommandsAreOnes() throws IOException {
        List<String> commands = Files.readAllLines(PAPER.resolve("README.md")).stream()
                .filter(line -> line.startsWith("./reft sample") || line.startsWith("./reft vote"))
                .toList();
        assertEquals(16, commands.size());
        for (String command : commands) {
            Cli run = Cli.run((Object[]) command.substring("./reft ".length()).split(" ", -1));
            assertTrue(!run.err().contains("Unknown option") && !run.err().contains("Usage:"), run.err());
            assertTrue(
                    run.err().contains("does not exist") || run.err().contains("has no samples.json"),
                    () -> command + "\n" + run.err());
            if (command.startsWith("./reft sample")) {
                assertTrue(
                        command.contains("--samples 100 --temperature 1 --top-k 50 --max-total-tokens 1024"), command);
            }
        }
    }
}
