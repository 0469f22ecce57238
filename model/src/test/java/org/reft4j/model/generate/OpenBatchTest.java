package org.reft4j.model.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.TinyLlama;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

class OpenBatchTest {
    private static final int END = 2;
    private static final SamplingConfig GREEDY = SamplingConfig.greedy(30);
    private static final Tokens PROMPT = Tokens.of(5, 6, 7);
    /** Sums in another order differ by rounding. */
    private static final double ROUNDING = 1e-4;

    private Decoder decoder;
    private OpenBatch batch;

    OpenBatchTest() {
        Torch.start();
        decoder = TinyLlama.create();
        batch = open(8, Long.MAX_VALUE);
    }

    private OpenBatch open(int rows, long cells) {
        return new OpenBatch(decoder, null, EndTokens.of(END), new OpenBatch.Limits(rows, 1, 4, cells));
    }

    @BeforeEach
    void start() {
        Torch.start();
    }

    @AfterEach
    void close() {
        batch.close();
        decoder.close();
    }

    /** Keeps all that it is told. */
    private static final class Ear implements Follower {
        private final List<Scored> told = new ArrayList<>();
        private List<Scored> prompt = List.of();
        private @Nullable Completion completion;
        private int patience = Integer.MAX_VALUE;

        @Override
        public boolean waits() {
            return told.size() < patience;
        }

        @Override
        public void read(List<Scored> scores) {
            prompt = scores;
        }

        @Override
        public void sampled(Scored token) {
            told.add(token);
        }

        @Override
        public void finished(Completion done) {
            completion = done;
        }

        Completion completion() {
            if (completion == null) {
                throw new AssertionError("not finished");
            }
            return completion;
        }

        List<Integer> ids() {
            return told.stream().map(Scored::token).toList();
        }
    }

    private void finish() {
        while (!batch.isIdle()) {
            batch.advance();
        }
    }

    private Ear ask(DrawOptions options) {
        Ear ear = new Ear();
        batch.add(new Sampler.Draw(PROMPT, 1, options), GREEDY, ear);
        finish();
        return ear;
    }

    @Test
    void whoJoinsLaterSaysWhatItSaysAlone() {
        List<SamplingConfig> configs = List.of(
                SamplingConfig.sampling(1, 0, 1, 40),
                SamplingConfig.sampling(0.7, 5, 0.9, 25),
                GREEDY,
                SamplingConfig.sampling(1.3, 0, 0.8, 33).withSupports(),
                SamplingConfig.sampling(1, 0, 1, 40).withMaxTokens(3));
        BiFunction<Integer, Integer, Sampler.Draw> draws =
                (i, s) -> new Sampler.Draw(Tokens.of(5 + i, 6, 7 + s), i + 9L);
        List<Ear> ears = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Ear ear = new Ear();
            ears.add(ear);
            batch.add(draws.apply(i, i % 3), configs.get(i % configs.size()), ear);
            batch.advance();
            batch.advance();
        }
        finish();
        for (int i = 0; i < 20; i++) {
            Completion alone = new Sampler(decoder, END, 1)
                    .sample(List.of(draws.apply(i, i % 3)), configs.get(i % configs.size()))
                    .getFirst();
            Completion joined = ears.get(i).completion();
            assertEquals(alone.tokens(), joined.tokens());
            assertEquals(alone.stop(), joined.stop());
            assertEquals(alone.supports(), joined.supports());
            assertEquals(Tokens.of(ears.get(i).ids().stream().mapToInt(id -> id).toArray()), joined.tokens());
        }
    }

    @Test
    void aLongRowDoesNotTakeMoreThanTheCacheMayHold() {
        batch.close();
        batch = open(8, 20); // 3 tokens and 4 columns in advance: 2 rows are 14, 3 were 21
        List<Ear> ears = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Ear ear = new Ear();
            ears.add(ear);
            batch.add(new Sampler.Draw(Tokens.of(5, 6, 7 + i), i), SamplingConfig.sampling(1, 0, 1, 40), ear);
        }
        batch.advance();
        assertEquals(5, batch.size());
        assertEquals(2, ears.stream().filter(ear -> !ear.told.isEmpty()).count());
        finish();
        ears.forEach(ear -> assertTrue(ear.completion().tokens().size() > 0));
    }

    @Test
    void whoNoLongerWaitsLeaves() {
        Ear patient = new Ear();
        Ear hasty = new Ear();
        hasty.patience = 3;
        SamplingConfig config = SamplingConfig.greedy(30);
        batch.add(new Sampler.Draw(PROMPT, 1), config, patient);
        batch.add(new Sampler.Draw(Tokens.of(9), 2), config, hasty);
        finish();
        assertEquals(3, hasty.told.size());
        assertTrue(hasty.completion == null);
        assertTrue(patient.completion().tokens().size() > 0);
        assertEquals(0, batch.size());
    }

    @Test
    void biasAndPenaltiesChangeWhatIsDrawn() {
        List<Integer> forced = ask(new DrawOptions(0, 0, Map.of(17, 100.0), 0, false, Set.of()))
                .ids();
        assertEquals(Set.of(17), new HashSet<>(forced));
        // The bias of 100 falls below that of the others once the token was drawn.
        List<Integer> once = ask(new DrawOptions(0, 200, Map.of(17, 100.0), 0, false, Set.of()))
                .ids();
        assertEquals(17, once.getFirst());
        assertFalse(once.subList(1, once.size()).contains(17));
        // 100, 60, 20, -20 are left of it: three times.
        List<Integer> thrice = ask(new DrawOptions(40, 0, Map.of(17, 100.0), 0, false, Set.of()))
                .ids();
        assertEquals(List.of(17, 17, 17), thrice.subList(0, 3));
        assertFalse(thrice.subList(3, thrice.size()).contains(17));
        assertEquals(
                List.of(17),
                ask(new DrawOptions(0, 0, Map.of(17, 100.0), 0, false, Set.of(17)))
                        .ids());
    }

    @Test
    void alternativesAreTheLikeliestTokens() {
        Ear plain = ask(DrawOptions.NONE);
        Ear ear = ask(DrawOptions.NONE.withAlternatives(3));
        assertEquals(plain.ids(), ear.ids());
        for (Follower.Scored token : ear.told) {
            assertEquals(3, token.alternatives().size());
            assertEquals(token.token(), token.alternatives().getFirst().token());
            assertEquals(token.logprob(), token.alternatives().getFirst().logprob());
            assertTrue(token.alternatives().get(1).logprob()
                    >= token.alternatives().get(2).logprob());
        }
    }

    @Test
    void promptScoresAreTheModels() {
        Ear ear = ask(DrawOptions.NONE.withPromptScores().withAlternatives(2));
        float[] expected;
        try (var _ = NativeScope.open()) {
            Rows rows = Rows.of(Place.HOST, List.of(new Rows.Row(PROMPT.slice(0, 1), PROMPT.slice(1, 3))));
            expected = Tensors.toFloats(PolicyModel.of(decoder).score(rows).logprobs());
        }
        assertEquals(2, ear.prompt.size());
        for (int i = 0; i < 2; i++) {
            assertEquals(PROMPT.get(i + 1), ear.prompt.get(i).token());
            assertEquals(expected[i], ear.prompt.get(i).logprob(), ROUNDING);
            assertEquals(2, ear.prompt.get(i).alternatives().size());
        }
    }
}
