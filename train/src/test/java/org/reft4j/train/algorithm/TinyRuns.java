package org.reft4j.train.algorithm;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.run.Run;

/** Whole runs of a tiny model, measured at their end alone. */
final class TinyRuns {
    private TinyRuns() {}

    /** Settings that all of them have, by any recipe, but for their data. */
    static Map<String, String> settings(Path model) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("seed", "7");
        settings.put("model.compute", "f32");
        settings.put("model.path", model.toString());
        settings.put("data.cot", "n");
        settings.put("micro-batch-tokens", "500");
        settings.put("evaluate.every", "0");
        settings.put("evaluate.questions", "2");
        settings.put("optimizer.learning-rate", "0.01");
        return settings;
    }

    /**
     * Adds two steps of 16 completions each.
     *
     * @param tokens most tokens of prompt and completion
     */
    static void sample(Map<String, String> settings, int tokens) {
        settings.put("steps", "2");
        settings.put("rollout.questions", "4");
        settings.put("rollout.samples", "4");
        settings.put("rollout.max-prompt-tokens", "160");
        settings.put("rollout.max-total-tokens", Integer.toString(tokens));
    }

    /** Adds one update a step, and no guard of a model that is as random as at first. */
    static void unguarded(Map<String, String> settings, String recipe) {
        if (recipe.equals("reft") || recipe.equals("grpo")) {
            settings.put("guards.entropy-warn", "0");
            settings.put("guards.entropy-stop", "0");
        }
        if (recipe.equals("reft")) {
            settings.put("ppo.minibatch", "16");
            settings.put("ppo.epochs", "1");
        }
    }

    /**
     * Trains on word problems.
     *
     * @param stopBehind the step after which it is stopped; 0 for none
     * @param words a recipe, followed by its settings, separated by spaces
     * @param more keys and values over all others
     */
    static KeptRun train(
            Path folder,
            int stopBehind,
            Optional<Run.Checkpoint> from,
            String words,
            Map<String, String> settings,
            String... more) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put("data.dataset", "wordproblems");
        all.put("data.options", "{steps-max: 2, annotated: 8, answers: 24, validation: 4, test: 4}");
        String[] parts = words.split(" ", -1);
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            all.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
        }
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        KeptRun run = new KeptRun(folder, stopBehind, from);
        ConfigFile.of(parts[0], all).run(run, GraderTools.plain(Cot.PROSE));
        return run;
    }
}
