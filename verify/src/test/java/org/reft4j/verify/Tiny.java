package org.reft4j.verify;

import java.util.LinkedHashMap;
import java.util.Map;

/** Settings of runs that take seconds: a model of two layers, few and short stories. */
final class Tiny {
    private Tiny() {}

    /**
     * Supervised training of a new model.
     *
     * @param cot {@code p} or {@code n}
     * @param steps number of steps, of 8 rows each
     */
    static Map<String, String> sft(String cot, int steps) {
        Map<String, String> settings = common("sft", cot);
        settings.put("data.options.annotated", String.valueOf(8 * steps));
        settings.put("data.options.answers", "0");
        settings.put("batch", "8");
        settings.put("epochs", "1");
        settings.put("max-tokens", "220");
        settings.put("optimizer.learning-rate", "0.003");
        newModel(settings);
        return settings;
    }

    /**
     * Reinforced training of a new model, or of one that {@code model.path} then names.
     *
     * @param steps number of steps, of 4 questions with 2 samples each
     */
    static Map<String, String> reft(String cot, int steps) {
        Map<String, String> settings = common("reft", cot);
        settings.put("data.options.annotated", "8");
        settings.put("data.options.answers", "56");
        settings.put("steps", String.valueOf(steps));
        settings.put("rollout.questions", "4");
        settings.put("rollout.samples", "2");
        settings.put("rollout.max-prompt-tokens", "160");
        settings.put("rollout.max-total-tokens", "200");
        settings.put("rollout.keep-traces", "0.5");
        settings.put("ppo.minibatch", "4");
        settings.put("optimizer.learning-rate", "0.001");
        newModel(settings);
        return settings;
    }

    /**
     * Offline self-training of a new model on what the model of {@code model.path} writes: four parts of two questions, four samples each.
     * Being short is right, which a model that can do nothing is now and then.
     */
    static Map<String, String> offline(String cot) {
        Map<String, String> settings = common("offline-self-training", cot);
        settings.put("data.options.annotated", "4");
        settings.put("data.options.answers", "4");
        settings.put("rollout.questions", "2");
        settings.put("rollout.samples", "4");
        settings.put("rollout.max-prompt-tokens", "160");
        settings.put("rollout.max-total-tokens", "200");
        settings.put("keep", "2");
        settings.put("batch", "4");
        settings.put("epochs", "3");
        settings.put("max-tokens", "220");
        settings.put("optimizer.learning-rate", "0.003");
        newModel(settings, "base");
        shortIsRight(settings);
        return settings;
    }

    /**
     * Online self-training of the model of {@code model.path}; being short is right.
     *
     * @param steps number of steps, of 4 questions with 2 samples each
     */
    static Map<String, String> online(String cot, int steps) {
        Map<String, String> settings = common("online-self-training", cot);
        settings.put("data.options.annotated", "8");
        settings.put("data.options.answers", "8");
        settings.put("steps", String.valueOf(steps));
        settings.put("rollout.questions", "4");
        settings.put("rollout.samples", "2");
        settings.put("rollout.max-prompt-tokens", "160");
        settings.put("rollout.max-total-tokens", "200");
        settings.put("max-tokens", "220");
        settings.put("optimizer.learning-rate", "0.001");
        shortIsRight(settings);
        return settings;
    }

    /**
     * Group-relative policy optimisation of the model of {@code model.path}, with questions refilled; being short is right.
     *
     * @param steps number of steps, of 4 questions with 2 samples each
     */
    static Map<String, String> grpo(String cot, int steps) {
        Map<String, String> settings = reft(cot, steps);
        settings.remove("ppo.minibatch");
        settings.put("name", "grpo");
        settings.put("rollout.mixed-only", "true");
        settings.put("refill", "2");
        settings.put("loss.epochs", "2");
        settings.put("loss.minibatch", "4");
        shortIsRight(settings);
        return settings;
    }

    /**
     * Learning of the model of {@code model.path} from what an offline self-training run of {@link #offline} drew.
     *
     * @param recipe one of those that learn from stored samples
     * @param samples the run
     */
    static Map<String, String> stored(String recipe, String samples) {
        Map<String, String> settings = common(recipe, "n");
        settings.put("data.options.annotated", "4");
        settings.put("data.options.answers", "4");
        settings.put("samples.path", samples);
        if (recipe.equals("reward-model")) {
            settings.keySet().removeIf(key -> key.startsWith("evaluate.")); // it writes nothing that could be graded
            settings.put("samples.held-out", "0.3");
        } else {
            settings.put("samples.mismatch", "accept"); // of graders: validation answers are graded as usual
        }
        settings.put("batch", "2");
        settings.put("epochs", "3");
        settings.put("max-tokens", "220");
        settings.put("optimizer.learning-rate", "0.001");
        return settings;
    }

    private static void shortIsRight(Map<String, String> settings) {
        settings.put("grader.type", "length");
        settings.put("grader.unit", "characters");
        settings.put("grader.soft", "250");
        settings.put("grader.hard", "1000");
    }

    /** Takes the model from a folder instead of making a new one. */
    static Map<String, String> from(Map<String, String> settings, String folder) {
        Map<String, String> changed = new LinkedHashMap<>(settings);
        changed.keySet().removeIf(key -> key.startsWith("model.new."));
        changed.put("model.path", folder);
        return changed;
    }

    private static Map<String, String> common(String name, String cot) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("name", name);
        settings.put("seed", "7");
        settings.put("model.compute", "f32");
        settings.put("data.dataset", "wordproblems");
        settings.put("data.cot", cot);
        settings.put("data.options.steps-max", "2");
        settings.put("data.options.validation", "12");
        settings.put("data.options.test", "8");
        settings.put("evaluate.max-total-tokens", "200");
        settings.put("evaluate.questions", "4");
        return settings;
    }

    private static void newModel(Map<String, String> settings) {
        newModel(settings, "model");
    }

    private static void newModel(Map<String, String> settings, String key) {
        settings.put(key + ".new.layers", "2");
        settings.put(key + ".new.width", "32");
        settings.put(key + ".new.heads", "2");
        settings.put(key + ".new.key-value-heads", "1");
        settings.put(key + ".new.feed-forward", "64");
        settings.put(key + ".new.context-length", "256");
        settings.put(key + ".new.initializer-range", "0.02");
    }

    /** The settings as a configuration file. */
    static String yaml(String recipe, Map<String, String> settings) {
        StringBuilder text = new StringBuilder("recipe: " + recipe + "\n");
        String[] open = new String[0];
        for (Map.Entry<String, String> setting : sorted(settings).entrySet()) {
            String[] path = setting.getKey().split("\\.");
            int same = 0;
            while (same < Math.min(open.length, path.length - 1) && open[same].equals(path[same])) {
                same++;
            }
            for (int depth = same; depth < path.length - 1; depth++) {
                text.append("  ".repeat(depth)).append(path[depth]).append(":\n");
            }
            text.append("  ".repeat(path.length - 1))
                    .append(path[path.length - 1])
                    .append(": ")
                    .append(setting.getValue())
                    .append('\n');
            open = java.util.Arrays.copyOf(path, path.length - 1);
        }
        return text.toString();
    }

    /** By path, the values of a mapping before the mappings within it. */
    private static Map<String, String> sorted(Map<String, String> settings) {
        Map<String, String> sorted = new LinkedHashMap<>();
        settings.keySet().stream()
                .sorted((a, b) -> order(a).compareTo(order(b)))
                .forEach(key -> sorted.put(key, settings.get(key)));
        return sorted;
    }

    private static String order(String key) {
        int last = key.lastIndexOf('.');
        return key.substring(0, last + 1) + '!' + key.substring(last + 1);
    }
}
