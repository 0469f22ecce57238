package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.learn.Guards;
import org.reft4j.train.learn.ToldRun;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.loss.GrpoLossConfig;
import org.reft4j.train.loss.ImportanceRatio;
import org.reft4j.train.loss.LossAverage;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;
import org.reft4j.train.loss.Surrogate;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.GroupExperience;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.OptimizerConfig;

/** Two passes over the same weights that differ by rounding: what clipping would make of it, and does not. */
class RoundingTest {
    /** GSPO's range. */
    private static final GrpoLossConfig GSPO = new GrpoLossConfig(
            1, 2, ImportanceRatio.SEQUENCE, Surrogate.CLIPPED, 3e-4, 4e-4, LossAverage.COMPLETION, 0, false, 0);

    private static final float[] MEASURED = {-1, -1, -2, -2};
    /** The first completion came out higher by a thousandth on average, the second lower; both are in the way of what they are paid. */
    private static final float[] NOW = {-0.998f, -1, -2.002f, -2};

    private static final float[] ADVANTAGES = {1, 1, -1, -1};

    @BeforeAll
    static void start() {
        Torch.start();
    }

    private static Tensor floats(float... values) {
        return Tensors.floats(Place.HOST, values, values.length);
    }

    private static GrpoLoss.Old old() {
        return new GrpoLoss.Old(
                floats(MEASURED),
                null,
                floats(ADVANTAGES),
                floats(.25f, .25f, .25f, .25f),
                Tensors.longs(Place.HOST, new long[] {0, 0, 1, 1}, 4),
                floats(2, 2));
    }

    /** By GSPO's range rounding would take every gradient; the first update of a step has ratios of 1 and loses none. */
    @Test
    void isNoticedAndCutsNothing() {
        try (var _ = NativeScope.open()) {
            Tensor now = floats(NOW);
            GroupLosses first = group(true);
            GrpoLoss loss = GrpoLoss.of(now, first.old(now, old()), GSPO);
            first.add(loss);
            assertArrayEquals(new float[] {1, 1, 1, 1}, Tensors.toFloats(loss.ratio()));
            assertEquals(1, first.figures().rounding());
            assertEquals(0, first.figures().values().get("clip-fraction"));
            assertEquals(1, first.figures().values().get("clip-fraction-first"));

            GroupLosses later = group(false);
            later.add(GrpoLoss.of(now, later.old(now, old()), GSPO));
            assertEquals(1, later.figures().values().get("clip-fraction"));
            assertTrue(!later.figures().values().containsKey("clip-fraction-first"));
        }
    }

    private static GroupLosses group(boolean unmoved) {
        return new GroupLosses(GroupExperience.of(List.of(), null, null), new int[0], GSPO, unmoved);
    }

    @Test
    void ofPpoToo() {
        try (var _ = NativeScope.open()) {
            PpoConfig narrow = new PpoConfig(1, 2, 1e-3, 0.2, 5, 1, 0.95, 0.05, true);
            PpoLoss.Old old = new PpoLoss.Old(
                    floats(MEASURED), floats(0, 0, 0, 0), floats(ADVANTAGES), floats(0, 0, 0, 0), floats(1, 1, 1, 1));
            Experience none = Experience.of(List.of(), List.of(), List.of(), List.of(), List.of(), narrow);
            PpoLosses first = new PpoLosses(none, new int[0], narrow, false, true);
            PpoLoss loss = PpoLoss.policyOnly(floats(NOW), first.old(floats(NOW), old), narrow);
            assertArrayEquals(new float[] {1, 1, 1, 1}, Tensors.toFloats(loss.ratio()));
            assertEquals(0.5, first.figures().rounding(), "two tokens are off by two thousandths");
        }
    }

    @Test
    void isWarnedOfOnce() {
        try (var scope = NativeScope.open();
                Parameter weight = new Parameter("weight", scope.keep(floats(1)), DType.F32);
                AdamW optimizer = new AdamW(List.of(weight), List.of(), 1, OptimizerConfig.REFT)) {
            Guards guards = new Guards(optimizer);
            ToldRun run = new ToldRun();
            guards.rounding(0.01, "loss.clip-low and clip-high", run, 1);
            assertEquals(List.of(), run.events());
            guards.rounding(0.84, "loss.clip-low and clip-high", run, 2);
            guards.rounding(0.9, "loss.clip-low and clip-high", run, 3);
            assertEquals(1, run.events().size());
            RunEvent.Warned warned = (RunEvent.Warned) run.events().getFirst();
            assertEquals(2, warned.step());
            assertTrue(
                    warned.message().contains("84.0 %")
                            && warned.message().contains("loss.clip-low")
                            && warned.message().contains("model.compute: f32"),
                    warned.message());
        }
    }
}
