package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Torch;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** Every recipe on a device that is not the processor: what it samples, measures and learns is what the processor's run does. */
@ResourceLock("engine")
class DeviceRecipesTest {
    /** float32 sums in another order, through a few updates. */
    private static final double ROUNDING = 1e-5;

    private static final String DEVICE = "fake:0";

    @TempDir
    static Path folder;

    private static String warmup = "";
    private static String samples = "";
    private static int runs;

    /** Runs on the processor: several of the device are compared with the same one. */
    private static final Map<Trial, Told> HOST = new HashMap<>();

    /** A recipe, with adapters or without. */
    record Trial(String recipe, boolean adapters) {}

    @BeforeAll
    static void trainedModelAndSamples() throws IOException {
        FakeDevice.require();
        Torch.start(1);
        Map<String, String> small = Tiny.sft("n", 12);
        small.put("model.new.layers", "1"); // DeviceModelsTest has more
        Path first = run("sft", small);
        warmup = Left.checkpointFolders(first).getLast().toString();
        Map<String, String> sampling = Tiny.from(Tiny.offline("n"), warmup);
        sampling.put("base.new.layers", "1");
        sampling.put("rollout.samples", "8");
        sampling.put("grader.soft", "120"); // so that some samples of most questions are wrong
        sampling.put("grader.hard", "240");
        samples = run("offline-self-training", sampling).toString();
    }

    private static Path run(String recipe, Map<String, String> settings) throws IOException {
        Path config = Files.writeString(folder.resolve(recipe + ".yaml"), Tiny.yaml(recipe, settings));
        Reft.run(folder, "train", config.toString(), "--runs", "runs", "--set", "model.device=cpu")
                .orThrow();
        return folder.resolve("runs").resolve(recipe);
    }

    static List<Trial> trials() {
        List<Trial> trials = new ArrayList<>();
        for (String recipe : List.of(
                "sft",
                "reft",
                "reft, critic apart",
                "reft, constrained",
                "grpo",
                "online-self-training",
                "offline-self-training",
                "dpo",
                "kto",
                "weighted-regression",
                "reward-model")) {
            trials.add(new Trial(recipe, false));
            // A reward model and a critic apart have none.
            if (!recipe.equals("reward-model") && !recipe.contains(",")) {
                trials.add(new Trial(recipe, true));
            }
        }
        return trials;
    }

    @ParameterizedTest
    @MethodSource("trials")
    void itIsTheSameOnADevice(Trial trial) {
        Told expected = HOST.computeIfAbsent(trial, _ -> told(trial, "cpu", false));
        assertTrue(expected.steps.size() >= 2, () -> expected.steps.size() + " steps");
        for (boolean checkpointing : new boolean[] {false, true}) {
            compare(expected, told(trial, DEVICE, checkpointing));
        }
    }

    private static Told told(Trial trial, String device, boolean checkpointing) {
        Told run = new Told(folder.resolve("told-" + runs++), Integer.MAX_VALUE, Optional.empty());
        Map<String, String> settings = settings(trial);
        settings.put("model.device", device);
        settings.put("activation-checkpointing", String.valueOf(checkpointing));
        train(trial, settings, run);
        return run;
    }

    private static void train(Trial trial, Map<String, String> settings, Run run) {
        ConfigFile.of(recipe(trial), settings).run(run, GraderTools.plain(Cot.PROSE));
    }

    private static String recipe(Trial trial) {
        return trial.recipe.replaceFirst(",.*", "");
    }

    private static Map<String, String> settings(Trial trial) {
        Map<String, String> settings = Tiny.from(
                switch (recipe(trial)) {
                    case "sft" -> Tiny.sft("n", 3);
                    case "reft" -> Tiny.reft("n", 2);
                    case "grpo" -> Tiny.grpo("n", 2);
                    case "online-self-training" -> Tiny.online("n", 2);
                    case "offline-self-training" -> Tiny.offline("n");
                    default -> Tiny.stored(trial.recipe, samples);
                },
                warmup);
        if (trial.recipe.endsWith("constrained")) {
            settings.put("prompt.response-format", """
                    {"type": "json_schema", "name": "answer", "strict": true, "schema": {"type": "object",
                      "additionalProperties": false, "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}},
                      "required": ["n"]}}""".replaceAll("\\s+", " "));
        }
        if (trial.recipe.endsWith("apart")) {
            settings.put("critic", "separate");
        }
        if (settings.containsKey("steps")) {
            settings.put("rollout.questions", "2");
        }
        if (settings.containsKey("evaluate.questions")) {
            settings.put("evaluate.questions", "2");
            // Measuring is sampling: once is enough for the test's time.
            settings.put("evaluate.every", trial.recipe.equals("sft") ? "2" : "0");
            settings.put("evaluate.max-total-tokens", "170");
        }
        if (settings.containsKey("rollout.max-total-tokens")) {
            settings.put("rollout.max-total-tokens", "170");
        }
        if (settings.keySet().removeIf(key -> key.startsWith("base.new."))) {
            settings.put("base.path", warmup);
        }
        if (trial.adapters) {
            settings.put("lora.rank", "3");
        }
        return settings;
    }

    private static void compare(Told expected, Told found) {
        assertEquals(expected.completions, found.completions);
        assertEquals(expected.evaluations, found.evaluations);
        assertEquals(expected.steps.size(), found.steps.size());
        for (int step = 0; step < expected.steps.size(); step++) {
            Map<String, Double> there = expected.steps.get(step);
            Map<String, Double> here = found.steps.get(step);
            assertEquals(there.keySet(), here.keySet());
            // Log-ratios are differences of log-probabilities of whole completions, and rounded as these are.
            double sums = there.keySet().stream()
                    .filter(metric -> metric.matches("logprob-(chosen|rejected|right|wrong)"))
                    .mapToDouble(metric -> Math.abs(figure(there, metric)))
                    .max()
                    .orElse(1);
            for (Map.Entry<String, Double> metric : there.entrySet()) {
                double scale = Math.max(Math.max(1, sums), Math.abs(metric.getValue()));
                assertEquals(
                        metric.getValue(),
                        figure(here, metric.getKey()),
                        ROUNDING * scale,
                        metric.getKey() + " of step " + (step + 1));
            }
        }
    }

    private static double figure(Map<String, Double> figures, String name) {
        return figures.getOrDefault(name, Double.NaN);
    }

    /** A run that was stopped goes on as if it had not been; one that began on the processor goes on on the device. */
    @Test
    void itIsResumed() {
        Trial trial = new Trial("reft", false);
        Map<String, String> settings = settings(trial);
        settings.put("steps", "4");
        settings.put("checkpoint-every", "1");
        settings.put("model.device", DEVICE);
        Told whole = new Told(folder.resolve("whole"), Integer.MAX_VALUE, Optional.empty());
        train(trial, settings, whole);
        Told half = new Told(folder.resolve("half"), 2, Optional.empty());
        train(trial, settings, half);
        Told rest = new Told(folder.resolve("half"), Integer.MAX_VALUE, half.latest());
        train(trial, settings, rest);
        assertEquals(whole.steps.subList(2, 4), rest.steps, "on the same device nothing differs");
        Told first = new Told(folder.resolve("first"), 2, Optional.empty());
        Map<String, String> host = new LinkedHashMap<>(settings);
        host.put("model.device", "cpu");
        train(trial, host, first);
        Told moved = new Told(folder.resolve("first"), Integer.MAX_VALUE, first.latest());
        train(trial, settings, moved);
        assertEquals(2, moved.steps.size());
        for (int step = 0; step < 2; step++) {
            Map<String, Double> there = whole.steps.get(2 + step);
            moved.steps
                    .get(step)
                    .forEach((metric, value) -> assertEquals(
                            figure(there, metric), value, ROUNDING * Math.max(1, Math.abs(value)), metric));
        }
    }

    @Test
    void itAnswersTheSame() {
        List<String> expected = answers("cpu");
        assertEquals(3, expected.size());
        assertEquals(expected, answers(DEVICE));
    }

    private static List<String> answers(String device) {
        try (LoadedModel model = LoadedModel.open(Path.of(warmup), device, "f32", HubProgress.NONE)) {
            assertEquals(device, model.decoder().place().device());
            var questions = List.of("Ann has 2 apples.", "Ben has 3 pears and buys 4.", "How many?").stream()
                    .map(LoadedModel::question)
                    .toList();
            var form = model.form();
            return model.write(
                    questions,
                    new org.reft4j.task.dataset.ReftTemplate(Cot.PROSE),
                    form,
                    org.reft4j.model.generate.SamplingConfig.sampling(0.5, 0, 1, 120),
                    7);
        }
    }

    /** A run that keeps what it is told, and its newest checkpoint. */
    private static final class Told implements Run {
        private final Path folder;
        private final int last;
        private final List<Map<String, Double>> steps = new ArrayList<>();
        private final List<List<String>> completions = new ArrayList<>();
        private final List<String> evaluations = new ArrayList<>();
        private Optional<Checkpoint> newest;

        /** @param last the step after which it asks to stop */
        Told(Path folder, int last, Optional<Checkpoint> newest) {
            this.folder = folder;
            this.last = last;
            this.newest = newest;
        }

        @Override
        public Optional<Checkpoint> latest() {
            return newest;
        }

        @Override
        public Optional<Checkpoint> best() {
            return newest;
        }

        @Override
        public void emit(RunEvent event) {
            switch (event) {
                case RunEvent.Stepped stepped -> steps.add(stepped.metrics());
                case RunEvent.RolledOut rolled ->
                    completions.add(rolled.rollouts().stream()
                            .map(KeptRollout::completion)
                            .toList());
                case RunEvent.Evaluated evaluated ->
                    evaluations.add(evaluated.evaluation().accuracy() + " "
                            + evaluated.evaluation().reward());
                default -> {}
            }
        }

        @Override
        public boolean stopRequested() {
            return steps.size() >= last;
        }

        @Override
        public Checkpoint checkpoint(int step, double score, Contents contents) {
            Checkpoint checkpoint = new Checkpoint(step, folder.resolve("step-" + step), score);
            try {
                Files.createDirectories(checkpoint.folder());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            contents.write(checkpoint.folder());
            newest = Optional.of(checkpoint);
            return checkpoint;
        }

        @Override
        public Path folder() {
            return folder;
        }
    }
}
