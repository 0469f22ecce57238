package org.reft4j.experiment.quickstart;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.task.dataset.Cot;
import org.reft4j.train.config.ConfigFile;

/**
 * The settings of {@code reft quickstart}: a small new model, few annotated questions, and many with answers only. They
 * were chosen on the validation split; see docs/results/quickstart.md.
 *
 * @param cot prose or programs
 * @param seed seed of data, weights and sampling
 * @param sameQuestions true if reinforced fine-tuning uses the annotated questions only, as in the paper
 * @param small true for a few steps of a tiny model, as a quick test
 */
public record Quickstart(Cot cot, long seed, boolean sameQuestions, boolean small) {
    /** The name of its folder. */
    public String name() {
        return "quickstart"
                + (cot == Cot.PROSE ? "-prose" : "")
                + (sameQuestions ? "-same-questions" : "")
                + (small ? "-small" : "")
                + (seed == 1 ? "" : "-seed" + seed);
    }

    /** Supervised training on the annotated questions: what both branches start from. */
    ConfigFile.Resolved warmup() {
        return ConfigFile.of("sft", warmupValues());
    }

    public Map<String, String> warmupValues() {
        Map<String, String> values = common("warmup");
        values.put("model.new.layers", small ? "1" : "3");
        values.put("model.new.width", small ? "32" : "96");
        values.put("model.new.heads", small ? "2" : "3");
        values.put("model.new.key-value-heads", small ? "2" : "3");
        values.put("model.new.feed-forward", small ? "64" : "256");
        values.put("model.new.context-length", "512");
        values.put("model.new.initializer-range", "0");
        values.put("epochs", small ? "2" : "30");
        supervised(values, "3e-3");
        values.put("evaluate.every", "0");
        return values;
    }

    /** The same, continued: the paper's baseline. Its best validation epoch counts. */
    private ConfigFile.Resolved sft(Path warmup) {
        Map<String, String> values = common("sft");
        values.put("model.path", warmup.toString());
        values.put("epochs", small ? "2" : "12");
        supervised(values, "1e-3");
        values.put("evaluate.every", small ? "4" : "76");
        return ConfigFile.of("sft", values);
    }

    /** Reinforced fine-tuning on all questions, of which most have only an answer. */
    public Map<String, String> reftValues(Path warmup) {
        Map<String, String> values = common("reft");
        values.put("model.path", warmup.toString());
        values.put("steps", small ? "3" : "90");
        values.put("rollout.questions", small ? "4" : "64");
        values.put("rollout.samples", small ? "2" : "8");
        values.put("rollout.mixed-only", "true");
        values.put("rollout.max-prompt-tokens", "160");
        values.put("rollout.max-total-tokens", "220");
        values.put("rollout.batch", "512");
        values.put("ppo.epochs", "2");
        values.put("ppo.minibatch", small ? "8" : "128");
        values.put("ppo.kl", "0.02");
        values.put("ppo.value-weight", "1");
        values.put("optimizer.learning-rate", "4e-4");
        values.put("optimizer.schedule", "linear");
        values.put("optimizer.warmup", "0");
        values.put("optimizer.clip", "1");
        values.put("value-head", "zero");
        values.put("critic-warmup", small ? "1" : "0");
        values.put("guards.logprob-gap", "0.01");
        values.put("evaluate.every", small ? "1" : "10");
        if (sameQuestions) {
            values.put("data.options.answers", "0");
        }
        return values;
    }

    private Map<String, String> common(String name) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", name);
        values.put("seed", Long.toString(seed));
        values.put("data.dataset", "wordproblems");
        values.put("data.seed", Long.toString(seed));
        values.put("data.cot", cot.letter());
        values.put("data.options.steps-max", "2");
        values.put("data.options.variety", "0.5");
        values.put("data.options.annotated", "300");
        if (small) {
            values.put("data.options.annotated", "32");
            values.put("data.options.answers", "32");
            values.put("data.options.validation", "16");
            values.put("data.options.test", "16");
        }
        values.put("model.compute", "f32");
        values.put("micro-batch-tokens", "8192");
        values.put("evaluate.max-total-tokens", "300");
        values.put("evaluate.batch", "256");
        return values;
    }

    private static void supervised(Map<String, String> values, String learningRate) {
        values.put("batch", "8");
        values.put("max-tokens", "320");
        values.put("optimizer.learning-rate", learningRate);
        values.put("optimizer.weight-decay", "1");
    }

    /** A phase that starts from the warm-up. */
    ConfigFile.Resolved after(Path warmup, String phase) {
        return phase.equals("sft") ? sft(warmup) : ConfigFile.of("reft", reftValues(warmup));
    }

    /** The phases in order. */
    static List<String> phases() {
        return List.of("warmup", "sft", "reft");
    }
}
