package org.reft4j.model.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.TinyLlama;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

class SamplerTest {
    private static final int END = 2;
    private static final SamplingConfig PLAIN = SamplingConfig.sampling(1, 0, 1, 40);
    private static final List<Tokens> PROMPTS =
            List.of(Tokens.of(5, 6, 7), Tokens.of(9), Tokens.of(11, 12, 13, 14, 15, 16, 17), Tokens.of(20, 21));

    private Decoder decoder;

    SamplerTest() {
        Torch.start();
        decoder = TinyLlama.create();
    }

    @BeforeEach
    void start() {
        Torch.start();
    }

    @AfterEach
    void close() {
        decoder.close();
    }

    private static List<Sampler.Draw> draws(int samples) {
        List<Sampler.Draw> draws = new ArrayList<>();
        for (int i = 0; i < PROMPTS.size(); i++) {
            for (int s = 0; s < samples; s++) {
                draws.add(new Sampler.Draw(PROMPTS.get(i), 100L * i + s));
            }
        }
        return draws;
    }

    private static List<Tokens> tokens(List<Completion> completions) {
        return completions.stream().map(Completion::tokens).toList();
    }

    @Test
    void batchLayoutDoesNotMatter() {
        List<Sampler.Draw> draws = draws(6);
        List<Completion> together = new Sampler(decoder, END, 64).sample(draws, PLAIN);
        assertEquals(tokens(together), tokens(new Sampler(decoder, END, 5).sample(draws, PLAIN)));
        List<Tokens> alone = draws.stream()
                .map(draw -> new Sampler(decoder, END, 1)
                        .sample(List.of(draw), PLAIN)
                        .getFirst()
                        .tokens())
                .toList();
        assertEquals(tokens(together), alone);
        List<Completion> backwards = new Sampler(decoder, END, 7).sample(draws.reversed(), PLAIN);
        assertEquals(tokens(together), tokens(backwards.reversed()));
        assertTrue(tokens(together).stream().distinct().count() > draws.size() / 2, "draws differ");
    }

    @Test
    void everyReasonToStopIsSeen() {
        List<Completion> completions = new Sampler(decoder, END, 64).sample(draws(20), PLAIN);
        List<Sampler.Draw> draws = draws(20);
        for (int i = 0; i < completions.size(); i++) {
            Tokens tokens = completions.get(i).tokens();
            int total = tokens.size() + draws.get(i).prompt().size();
            boolean ended = tokens.get(tokens.size() - 1) == END;
            assertEquals(
                    ended ? StopReason.END_OF_TEXT : StopReason.LENGTH,
                    completions.get(i).stop());
            assertTrue(ended ? total <= 40 : total == 40);
            assertTrue(
                    Arrays.stream(tokens.slice(0, tokens.size() - 1).toArray()).noneMatch(id -> id == END));
        }
        assertTrue(completions.stream().anyMatch(c -> c.stop() == StopReason.END_OF_TEXT));
        assertTrue(completions.stream().anyMatch(c -> c.stop() == StopReason.LENGTH));
    }

    @Test
    void anyOfSeveralTokensEndsACompletion() {
        List<Sampler.Draw> draws = draws(20);
        List<Completion> plain = new Sampler(decoder, -1, 64).sample(draws, PLAIN);
        List<Completion> ended = new Sampler(decoder, new EndTokens(7, Set.of(3, 7)), 64).sample(draws, PLAIN);
        boolean[] seen = new boolean[8];
        for (int i = 0; i < draws.size(); i++) {
            int[] tokens = plain.get(i).tokens().toArray();
            int end = 0;
            while (end < tokens.length && tokens[end] != 3 && tokens[end] != 7) {
                end++;
            }
            assertEquals(
                    end == tokens.length ? StopReason.LENGTH : StopReason.END_OF_TEXT,
                    ended.get(i).stop());
            assertEquals(
                    Tokens.of(Arrays.copyOf(tokens, Math.min(tokens.length, end + 1))),
                    ended.get(i).tokens());
            if (end < tokens.length) {
                seen[tokens[end]] = true;
            }
        }
        assertTrue(seen[3] && seen[7], "both ended something");
    }

    @Test
    void lengthsAreRespected() {
        List<Sampler.Draw> draws = draws(1);
        Sampler sampler = new Sampler(decoder, -1, 8);
        List<Completion> few = sampler.sample(draws, PLAIN.withMaxTokens(3));
        assertTrue(few.stream().allMatch(c -> c.tokens().size() == 3 && c.stop() == StopReason.LENGTH));
        List<Completion> context = sampler.sample(draws, SamplingConfig.greedy(1000));
        for (int i = 0; i < draws.size(); i++) {
            assertEquals(64, context.get(i).tokens().size() + PROMPTS.get(i).size());
        }
        List<Completion> tight = sampler.sample(draws, SamplingConfig.greedy(3));
        assertEquals(
                List.of(0, 2, 0, 1), tight.stream().map(c -> c.tokens().size()).toList());
        assertEquals(StopReason.PROMPT_TOO_LONG, tight.getFirst().stop());
        assertEquals(StopReason.LENGTH, tight.get(1).stop());
        assertThrows(IllegalArgumentException.class, () -> new Sampler.Draw(Tokens.of(), 0));
    }

    @Test
    void greedyTakesTheLikeliest() {
        Completion completion = new Sampler(decoder, -1, 1)
                .sample(List.of(new Sampler.Draw(PROMPTS.getFirst(), 1)), SamplingConfig.greedy(12))
                .getFirst();
        try (var _ = NativeScope.open()) {
            int[] row = PROMPTS.getFirst().concat(completion.tokens()).toArray();
            Tensor ids =
                    Tensors.longs(Place.HOST, Arrays.stream(row).asLongStream().toArray(), 1, row.length);
            Tensor logprobs = decoder.logits(decoder.hidden(ids, (Tensor) null)).log_softmax(-1);
            long[] best = Tensors.toLongs(logprobs.argmax(new org.bytedeco.pytorch.LongOptional(2), false));
            float[] all = Tensors.toFloats(logprobs);
            for (int i = 0; i < completion.tokens().size(); i++) {
                int at = PROMPTS.getFirst().size() + i - 1;
                assertEquals(best[at], completion.tokens().get(i));
                assertEquals(
                        all[at * 50 + completion.tokens().get(i)], completion.logprobs()[i], 1e-5);
            }
        }
    }

    @Test
    void logprobsAreOfThePlainModel() {
        List<Sampler.Draw> draws = draws(3);
        List<Completion> completions =
                new Sampler(decoder, END, 64).sample(draws, SamplingConfig.sampling(1.3, 20, 0.95, 40));
        for (int i = 0; i < draws.size(); i++) {
            try (var _ = NativeScope.open()) {
                Tokens whole = draws.get(i).prompt().concat(completions.get(i).tokens());
                Tensor ids = Tensors.longs(
                        Place.HOST,
                        Arrays.stream(whole.toArray()).asLongStream().toArray(),
                        1,
                        whole.size());
                Tensor logits = decoder.logits(decoder.hidden(ids, (Tensor) null));
                float[] all = Tensors.toFloats(logits.log_softmax(-1));
                float[] sampled = completions.get(i).logprobs();
                for (int t = 0; t < sampled.length; t++) {
                    int at = draws.get(i).prompt().size() + t - 1;
                    int entry = at * 50 + completions.get(i).tokens().get(t);
                    assertEquals(all[entry], sampled[t], 1e-4);
                }
            }
        }
    }

    /** Over rows that come and go in the batch, at a temperature, with supports of other sizes at each place or none. */
    @ParameterizedTest
    @CsvSource({"0, 1", "20, 0.95", "20, 1", "0, 0.7"})
    void drawnLogprobsAreWhatTheTrainerComputes(int topK, double topP) {
        List<Sampler.Draw> draws = draws(3);
        SamplingConfig config = SamplingConfig.sampling(1.3, topK, topP, 40).withSupports();
        List<Completion> completions = new Sampler(decoder, END, 5).sample(draws, config);
        assertTrue(completions.stream().anyMatch(c -> c.stop() == StopReason.END_OF_TEXT), "an end of text");
        List<Rows.Row> rows = new ArrayList<>();
        for (int i = 0; i < draws.size(); i++) {
            Completion completion = completions.get(i);
            rows.add(new Rows.Row(draws.get(i).prompt(), completion.tokens(), completion.supports()));
        }
        PolicyModel policy = PolicyModel.of(decoder);
        policy.temperature(1.3);
        try (var _ = NativeScope.open()) {
            float[] trained =
                    Tensors.toFloats(policy.score(Rows.of(Place.HOST, rows)).logprobs());
            int at = 0;
            for (Completion completion : completions) {
                for (float drawn : completion.drawnLogprobs()) {
                    assertEquals(drawn, trained[at++], 1e-4);
                }
            }
            assertEquals(trained.length, at);
        }
    }

    @Test
    void stopStringsEndACompletion() {
        Sampler sampler = new Sampler(decoder, END, 64);
        List<Completion> free = sampler.sample(draws(4), PLAIN);
        assertThrows(IllegalArgumentException.class, () -> sampler.sample(draws(4), PLAIN.withStop(List.of("x"))));
        List<Completion> stopped = sampler.with(new Letters()).sample(draws(4), PLAIN.withStop(List.of("k", "zz")));
        int hits = 0;
        for (int i = 0; i < free.size(); i++) {
            String text = new Letters().decode(free.get(i).tokens());
            int at = text.indexOf('k');
            int other = text.indexOf("zz");
            int end = Math.min(at < 0 ? text.length() : at + 1, other < 0 ? text.length() : other + 2);
            if (at >= 0 || other >= 0) {
                hits++;
                assertEquals(StopReason.STOP_STRING, stopped.get(i).stop());
                assertEquals(free.get(i).tokens().slice(0, end), stopped.get(i).tokens());
            } else {
                assertEquals(free.get(i).tokens(), stopped.get(i).tokens());
                assertEquals(free.get(i).stop(), stopped.get(i).stop());
            }
        }
        assertTrue(hits > 2 && hits < free.size(), hits + " of " + free.size());
    }

    @Test
    void samplesOfAPromptDiffer() {
        List<Completion> completions = new Sampler(decoder, END, 64).sample(draws(2), PLAIN);
        assertNotEquals(completions.get(0).tokens(), completions.get(1).tokens());
    }

    @Test
    void progressCountsTokens() {
        List<Long> told = new ArrayList<>();
        List<Completion> completions = new Sampler(decoder, END, 5).sample(draws(3), PLAIN, told::add);
        long total = completions.stream().mapToLong(c -> c.tokens().size()).sum();
        assertEquals(total, told.getLast());
        assertArrayEquals(told.stream().sorted().toArray(), told.toArray());
    }

    @Test
    void weightsThatAreNoNumbersAreNamed() {
        decoder.parameters().getFirst().value().fill_(new Scalar(Float.NaN));
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> new Sampler(decoder, END, 64).sample(draws(1), PLAIN));
        assertTrue(String.valueOf(e.getMessage()).contains("not numbers"), e::toString);
    }

    @Test
    void nothingNativeIsLeftBehind() {
        Sampler sampler = new Sampler(decoder, -1, 16);
        sampler.sample(draws(4), SamplingConfig.sampling(1, 0, 1, 64));
        long before = Pointer.totalCount();
        for (int i = 0; i < 4; i++) {
            sampler.sample(draws(4), SamplingConfig.sampling(1, 0, 1, 64)); // more than 57 steps each
        }
        assertTrue(Pointer.totalCount() <= before, Pointer.totalCount() - before + " more native objects");
        try (var _ = NativeScope.open()) {
            Tensors.longs(Place.HOST, new long[1], 1);
            assertTrue(Pointer.totalCount() > before, "the count would have shown one object");
        }
    }

    /** Ids as letters: id 11 is "k", 26 and more are "z". */
    private record Letters() implements Tokenizer {
        @Override
        public Tokens encode(String text) {
            return Tokens.of(text.chars().map(c -> c - 'a' + 1).toArray());
        }

        @Override
        public String decode(Tokens tokens) {
            return Arrays.stream(tokens.toArray()).mapToObj(this::piece).collect(Collectors.joining());
        }

        @Override
        public String piece(int id) {
            return String.valueOf((char) ('a' - 1 + Math.clamp(id, 1, 26)));
        }

        @Override
        public int vocabularySize() {
            return 50;
        }

        @Override
        public OptionalInt endOfText() {
            return OptionalInt.of(END);
        }

        @Override
        public OptionalInt padding() {
            return OptionalInt.empty();
        }

        @Override
        public void save(Path folder) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
