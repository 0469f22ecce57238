package org.reft4j.model.generate;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/** Log-probabilities of a prompt's own tokens. */
final class PromptScores {
    /** Positions whose logits are held at once. */
    private static final int CHUNK = 128;

    private PromptScores() {}

    /**
     * Scores of the tokens from the second on.
     *
     * @param hidden of the prompt, float32 [P, E]
     * @param alternatives told with each
     */
    static List<Follower.Scored> of(Decoder decoder, Tensor hidden, Tokens prompt, int alternatives) {
        List<Follower.Scored> scores = new ArrayList<>();
        for (int from = 0; from + 1 < prompt.size(); from += CHUNK) {
            int to = Math.min(prompt.size() - 1, from + CHUNK);
            try (var _ = NativeScope.open()) {
                Tensor plain =
                        decoder.logits(hidden.narrow(0, from, (long) to - from)).log_softmax(-1); // [to - from, V]
                long[] targets = new long[to - from];
                for (int i = 0; i < targets.length; i++) {
                    targets[i] = prompt.get(from + i + 1);
                }
                float[] logprobs =
                        Tensors.toFloats(plain.gather(1, Tensors.longs(decoder.place(), targets, targets.length, 1))
                                .view(-1));
                List<List<Follower.Scored>> likeliest =
                        alternatives == 0 ? List.of() : TokenPicker.likeliest(plain, alternatives);
                for (int i = 0; i < targets.length; i++) {
                    scores.add(new Follower.Scored(
                            (int) targets[i], logprobs[i], likeliest.isEmpty() ? List.of() : likeliest.get(i)));
                }
            }
        }
        return scores;
    }
}
