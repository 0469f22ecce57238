package org.reft4j.experiment.hacking;

import java.nio.file.Path;
import java.util.Map;
import org.reft4j.experiment.quickstart.Quickstart;
import org.reft4j.task.dataset.Cot;
import org.reft4j.train.config.ConfigFile;

/**
 * The settings of {@code reft experiment hacking}: those of the quickstart, on the multiple-choice form of its questions, in prose. The
 * trained models differ only in the reward.
 *
 * @param seed seed of data, weights and sampling
 * @param small true for a few steps of a tiny model, as a quick test
 */
public record Hacking(long seed, boolean small) {
    /** The rule by which a completion is rewarded. */
    enum Reward {
        /** The letter, as the paper does: 1, or 0.1 for a wrong one. */
        LETTER("letter", ""),
        /** The letter only as far as the chain leads to it and its sums are right. */
        COMPOSITE(
                "composite",
                "{type: multi, graders: {answer: {type: answer}, chain: {type: chain_consistency}, sums: {type:"
                        + " arithmetic_check, none: 0}}, calculate_output: answer * (0.2 + 0.5 * chain + 0.3 * sums)}");

        private final String phase;
        private final String grader;

        Reward(String phase, String grader) {
            this.phase = phase;
            this.grader = grader;
        }

        /** The name of its run. */
        String phase() {
            return phase;
        }
    }

    ConfigFile.Resolved warmup() {
        Map<String, String> values = quickstart().warmupValues();
        choice(values);
        return ConfigFile.of("sft", values);
    }

    ConfigFile.Resolved reft(Path warmup, Reward reward) {
        Map<String, String> values = quickstart().reftValues(warmup);
        choice(values);
        values.put("name", reward.phase());
        values.put("rollout.max-prompt-tokens", "200");
        values.put("rollout.max-total-tokens", "280");
        if (!reward.grader.isEmpty()) {
            values.put("grader", reward.grader);
        }
        return ConfigFile.of("reft", values);
    }

    private Quickstart quickstart() {
        return new Quickstart(Cot.PROSE, seed, false, small);
    }

    private static void choice(Map<String, String> values) {
        values.put("data.options.form", "choice");
        // Questions from elsewhere, with numbers and words that the small tokenizer spells out, take more room.
        values.put("evaluate.max-total-tokens", "500");
    }
}
