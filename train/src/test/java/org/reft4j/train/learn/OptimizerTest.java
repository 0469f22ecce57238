package org.reft4j.train.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.algorithm.GrpoSettings;
import org.reft4j.train.algorithm.ReftSettings;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.RecipeConfig;

/** Rates of learning, worked out by hand, and updates that are not made. */
class OptimizerTest {
    private static final OptimizerConfig SFT = OptimizerConfig.SFT.withRate(0.5);

    @BeforeAll
    static void start() {
        Torch.start();
    }

    /** As shares of the highest. */
    private static double[] rates(OptimizerConfig config, int steps) {
        return IntStream.rangeClosed(1, steps)
                .mapToDouble(step -> config.rate(step, steps) / config.learningRate())
                .toArray();
    }

    /** A tenth of a step is none: one step of eight questions learns, and of fifteen steps one is given to the rise. */
    @Test
    void theRiseTakesWholeSteps() {
        assertArrayEquals(new double[] {1}, rates(SFT, 1));
        assertArrayEquals(new double[] {1, .75, .5, .25}, rates(SFT, 4));
        double[] fifteen = rates(SFT, 15);
        assertEquals(0, fifteen[0]);
        assertEquals(1, fifteen[1], "the peak is the rate itself");
        assertEquals(13 / 14.0, fifteen[2], 1e-12);
        double[] thirty = rates(SFT, 30);
        assertArrayEquals(new double[] {0, 1 / 3.0, 2 / 3.0, 1}, java.util.Arrays.copyOf(thirty, 4), 1e-12);
        for (int steps = 1; steps < 60; steps++) {
            for (double share : new double[] {0, 0.05, 0.1, 0.5, 0.99}) {
                OptimizerConfig config =
                        new OptimizerConfig(0.5, OptimizerConfig.Schedule.CONSTANT, share, 0.9, 0.999, 1e-8, 0, 1);
                assertEquals(1, rates(config, steps)[steps - 1], "steps " + steps + ", share " + share);
            }
        }
    }

    /** Three steps of sixty. The papers' presets say 0. */
    @Test
    void reinforcementRisesInAFewSteps() {
        for (String recipe : List.of("reft", "grpo")) {
            RecipeConfig config = ConfigFile.of(
                            recipe, Map.of("model.path", ".", "steps", "60", "rollout.samples", "8"))
                    .config();
            OptimizerConfig optimizer =
                    config instanceof ReftSettings reft ? reft.optimizer() : ((GrpoSettings) config).optimizer();
            assertArrayEquals(
                    new double[] {0, 1 / 3.0, 2 / 3.0, 1}, java.util.Arrays.copyOf(rates(optimizer, 60), 4), 1e-12);
        }
    }

    /** Behind a real update the first moment is not 0: with a gradient of 0 it would move the weight again. */
    @Test
    void withoutAnyGradientNothingMoves() {
        try (var scope = NativeScope.open();
                Parameter weight = new Parameter(
                        "weight", scope.keep(Tensors.floats(Place.HOST, new float[] {1, 2, 3, 4}, 2, 2)), DType.F32);
                AdamW optimizer = new AdamW(
                        List.of(weight),
                        List.of(),
                        1,
                        new OptimizerConfig(0.1, OptimizerConfig.Schedule.CONSTANT, 0, 0.9, 0.999, 1e-8, 0.1, 1))) {
            weight.value().grad().fill_(Tensors.scalar(0.5));
            assertEquals(1, optimizer.clipAndStep(0.1), 1e-6);
            float[] moved = Tensors.toFloats(weight.value());
            assertNotEquals(1, moved[0]);
            float[] first = Tensors.toFloats(optimizer.moments().getFirst());
            assertTrue(first[0] != 0);

            optimizer.zeroGradients();
            assertEquals(0, optimizer.clipAndStep(0.1));
            assertArrayEquals(moved, Tensors.toFloats(weight.value()));
            assertArrayEquals(first, Tensors.toFloats(optimizer.moments().getFirst()));
            assertEquals(new AdamW.Updates(1, 1), optimizer.updates());
        }
    }
}
