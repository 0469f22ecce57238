package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;

/**
 * Runs at a temperature of 0.5 are runs at 1 of a model whose logits are twice as large. Such a model has a final norm with twice the
 * weights: doubling is exact, so that what both say is the same to the last bit.
 */
class SamplingTemperatureTest {
    private static final ModelSource TINY =
            new ModelSource(null, new ModelSource.NewModel(2, 32, 2, 1, 64, 256, 0.2), "f32", "cpu");

    @TempDir
    Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.start(1);
    }

    /** A small model with its last hidden states, and so its logits, that many times as large. */
    static Path model(Path folder, double factor) {
        Path path = folder.resolve("times-" + factor);
        ModelSources.Source source = ModelSources.open(TINY, 7);
        try (Tokenizer tokenizer = source.tokenizer();
                Decoder decoder = source.build(DType.F32, Place.HOST);
                var _ = NativeScope.open()) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            decoder.parameters()
                    .forEach(parameter -> weights.put(
                            parameter.name(),
                            parameter.name().equals("model.norm.weight")
                                    ? parameter.value().mul(Tensors.scalar(factor))
                                    : parameter.value()));
            ModelFolder.write(path, decoder.config(), weights, tokenizer, DType.F32);
        }
        return path;
    }

    private Map<String, String> settings(double factor, double temperature) {
        Map<String, String> settings = GrpoRecipeTest.settings(
                "model.path",
                model(folder, factor).toString(),
                "steps",
                "1",
                "rollout.temperature",
                String.valueOf(temperature),
                "micro-batch-tokens",
                "1000");
        List.of("model.new", "rollout.keep-traces").forEach(settings::remove);
        return settings;
    }

    /** The figures of the one step, but those of the weights and of the values, which follow the norm. */
    private Map<String, Double> step(String recipe, double factor, double temperature) {
        Map<String, String> settings = settings(factor, temperature);
        if (recipe.equals("reft")) {
            settings.put("value-head", "zero");
            settings.put("ppo.minibatch", "16");
            settings.put("ppo.epochs", "1");
        }
        KeptRun run = new KeptRun(folder.resolve(recipe + factor + temperature));
        ConfigFile.of(recipe, settings).run(run, GraderTools.plain(Cot.PROSE));
        Map<String, Double> metrics = new LinkedHashMap<>(run.steps().getFirst().metrics());
        List.of("gradient-norm", "parameter-norm", "loss-value", "loss-total").forEach(metrics::remove);
        return metrics;
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpo", "reft"})
    void whatIsTrainedIsWhatWasSampled(String recipe) {
        Map<String, Double> tempered = step(recipe, 1, 0.5);
        assertEquals(step(recipe, 2, 1), tempered);
        assertNotEquals(step(recipe, 1, 1).get("entropy"), tempered.get("entropy"), "temperature matters");
        double kl = tempered.getOrDefault("kl-sequence", Double.NaN);
        assertEquals(0, kl, 1e-4, "the reference has the temperature too");
        assertTrue(tempered.getOrDefault("logprob-gap-max", 1.0) < 1e-4, tempered::toString);
    }

    /** The filtered likelihood of self-training is not made of the sampling distribution, so that cutting off is allowed. */
    @Test
    void selfTrainingMayCutOff() {
        Map<String, String> settings = settings(1, 1);
        settings.remove("grader");
        settings.put("rollout.top-k", "20");
        assertEquals(
                20,
                ((OnlineSelfTrainingSettings)
                                ConfigFile.of("online-self-training", settings).config())
                        .rollout()
                        .topK());
    }
}
