package org.reft4j.train.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

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
        assertEquals(round, SelfTrainingRound.of(round.save(TrainerState.empty())));
    }

    @Test
    void aCheckpointKeepsIt() {
        SelfTrainingRound round = SelfTrainingRound.FIRST.next(9).measured(12, 0.125);
        assertEquals(round, SelfTrainingRound.of(round.save(TrainerState.empty())));
        assertEquals(SelfTrainingRound.FIRST, SelfTrainingRound.of(SelfTrainingRound.FIRST.save(TrainerState.empty())));
    }
}
