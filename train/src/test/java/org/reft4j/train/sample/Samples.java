package org.reft4j.train.sample;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.SampledQuestion;

/** Samples as a model might have written them. */
public final class Samples {
    private Samples() {}

    /** Two samples of each question, two questions together. */
    static SampleSettings settings(int questions, String model, double temperature) {
        return new SampleSettings(
                new SampleSettings.Model("models/" + model, "print-of-" + model, "f32"),
                new SampleSettings.Data("wordproblems", "test", "n", questions, "print-of-questions"),
                JsonNodeFactory.instance.textNode("answer"),
                2,
                temperature,
                50,
                1,
                200,
                4,
                42);
    }

    /**
     * A question whose right answer is 7.
     *
     * @param answers the greedy one, then the samples; a dash where none could be read
     */
    public static SampledQuestion question(String id, String... answers) {
        List<KeptRollout> samples = new ArrayList<>();
        for (String answer : answers) {
            boolean none = answer.equals("-");
            boolean right = answer.equals("7.0");
            samples.add(Kept.line(
                    id,
                    "7",
                    samples.size() - 1,
                    "ü so it is " + answer,
                    none ? Optional.empty() : Optional.of(answer),
                    none ? "no-answer" : right ? "correct" : "wrong",
                    right,
                    none ? 0 : right ? 1 : 0.1,
                    -1.5,
                    Tokens.of(samples.size(), 0)));
        }
        return new SampledQuestion(samples.getFirst(), samples.subList(1, samples.size()));
    }
}
