package org.reft4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of an experiment that takes seconds: a warm-up too small to learn, and two steps from it. */
final class TinyGrid {
    private static final String DATA = """
            data:
              dataset: wordproblems
              cot: n
              options: {annotated: 8, answers: 8, validation: 4, test: 6, steps-max: 1}
            """;

    static final String GRID = """
            name: tiny
            about: Only to see that everything works.
            seeds: [1, 2]
            baseline: warmup
            compare: [[chance, reft]]
            rungs:
              - {name: warmup, recipe: warmup.yaml}
              - {name: reft, recipe: reft.yaml, from: warmup, vote: 2}
              - {name: chance, recipe: reft.yaml, from: warmup, set: {control: random}, control: true}
            """;

    private TinyGrid() {}

    /** Writes the recipes and the experiment's file, whose place it returns. */
    static Path write(Path folder, String grid) throws IOException {
        Files.writeString(folder.resolve("warmup.yaml"), """
                recipe: sft
                model:
                  compute: f32
                  new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}
                batch: 4
                epochs: 1
                evaluate: {every: 1, max-total-tokens: 200}
                """ + DATA);
        Files.writeString(folder.resolve("reft.yaml"), """
                recipe: reft
                steps: 2
                model: {path: nowhere, compute: f32}
                rollout: {questions: 2, samples: 2, max-prompt-tokens: 180, max-total-tokens: 200}
                ppo: {minibatch: 4}
                checkpoint-every: 1
                evaluate: {every: 1, max-total-tokens: 200}
                """ + DATA);
        Files.writeString(folder.resolve("regression.yaml"), """
                recipe: weighted-regression
                model: {path: nowhere, compute: f32}
                samples: {path: nowhere}
                evaluate: {every: 1, max-total-tokens: 200}
                """ + DATA);
        Files.writeString(folder.resolve("offline.yaml"), """
                recipe: offline-self-training
                model: {path: nowhere, compute: f32}
                base: {path: no/such/model}
                rollout: {questions: 2, samples: 2, max-prompt-tokens: 180, max-total-tokens: 200}
                evaluate: {max-total-tokens: 200}
                """ + DATA);
        Files.writeString(folder.resolve("judge.yaml"), """
                recipe: reward-model
                model: {path: nowhere, compute: f32}
                samples: {path: nowhere}
                """ + DATA);
        return Files.writeString(folder.resolve("grid.yaml"), grid);
    }
}
