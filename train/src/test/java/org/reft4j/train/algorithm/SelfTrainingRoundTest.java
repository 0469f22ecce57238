package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.reft4j.train.learn.TrainerState;

final class SelfTrainingRoundTest {
    @Test
    void theFirstOfTheBestSamplesForTheNextRound() {
        SelfTrainingRound round = SelfTrainingRound.FIRST
                .measured(4, 0.25)
                .measured(6, 0.5)
                .measured(8, 0.5)
                .measured(10, 0);
        assertEquals(6, round.best());
        assertEquals(new SelfTrainingRound(2, 12, 6, 0, Double.NEGATIVE_INFINITY), round.next(11));
    }

    @Test
    void aScoreOfNothingIsAScore() {
        assertEquals(4, SelfTrainingRound.FIRST.measured(4, 0).measured(6, 0).best());
    }

    @Test
    void withoutMeasurementsTheLastSamples() {
        SelfTrainingRound round =
                SelfTrainingRound.FIRST.measured(4, Double.NaN).measured(6, Double.NaN);
        assertEquals(6, round.best());
        assertEquals(round, kept(round));
    }

    @Test
    void aCheckpointKeepsIt() {
        SelfTrainingRound round = SelfTrainingRound.FIRST.next(9).measured(12, 0.125);
        assertEquals(round, kept(round));
        assertEquals(SelfTrainingRound.FIRST, kept(SelfTrainingRound.FIRST));
    }

    /** As it comes out of a checkpoint. */
    private static SelfTrainingRound kept(SelfTrainingRound round) {
        SelfTrainingRound.Current current = new SelfTrainingRound.Current();
        current.set(round);
        ObjectNode state = TrainerState.empty();
        current.save(state);
        SelfTrainingRound.Current resumed = new SelfTrainingRound.Current();
        resumed.restore(state);
        return resumed.round();
    }
}
