package org.reft4j.train.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes run folders of {@link StoryRecipe} and their report in the folder named by the first argument, to look at while working on the
 * page.
 */
final class SampleReport {
    static final String RESULTS = """
            {"warmup": {"accuracy": 0.385, "correct": 231, "total": 600, "low": 0.347, "high": 0.4245},
             "sft": {"accuracy": 0.4117, "correct": 247, "total": 600, "low": 0.373, "high": 0.4515},
             "reft": {"accuracy": 0.5867, "correct": 352, "total": 600, "low": 0.547, "high": 0.6255},
             "gain": {"value": 0.175, "low": 0.131, "high": 0.218, "p": 1.3e-13},
             "seed": 42, "seconds": {"warmup": 41.2, "sft": 62.0, "reft": 131.5, "test": 22.1}}""";

    private SampleReport() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Files.createDirectories(folder);
        Path reft = story(folder.resolve("reft"), new StoryRecipe(42, 160, 10, 8));
        Path other = story(folder.resolve("reft-2"), new StoryRecipe(43, 120, 10, 8));
        Report.Labelled first = new Report.Labelled("svamp-reft", RunReader.of(reft));
        Report.Labelled second = new Report.Labelled("svamp-reft, seed 43", RunReader.of(other));
        Report.write(List.of(first), folder.resolve("one.html"), Optional.empty());
        Report.write(List.of(first, second), folder.resolve("two.html"), Optional.of(RESULTS));
    }

    /** Runs {@code recipe} in a new folder. */
    static Path story(Path folder, StoryRecipe recipe) {
        String config = """
                recipe: reft
                name: svamp-reft
                seed: %d
                model:
                  path: models/smollm2
                  compute: auto
                steps: %d
                rollout:
                  questions: 8
                  samples: 2
                  temperature: 1.0
                ppo:
                  epochs: 2
                  clip: 0.2
                  kl: 0.05
                  lambda: 0.95
                """.formatted(recipe.seed(), recipe.steps());
        try (RunFolder run =
                RunFolder.open(folder, config, Map.of("java", "25.0.3", "processors", "2"), true, List.of())) {
            recipe.run(run);
        }
        return folder;
    }
}
