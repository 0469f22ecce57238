package org.reft4j.train.learn;

import java.util.LinkedHashMap;
import java.util.Map;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.judge.ChatModel.Usage;

/**
 * Tokens that models which judge have read and written since somebody last asked. They are no figures that a repeated run has again: a service
 * may count otherwise the next time.
 */
final class JudgeTokens {
    /** Begins the names of these figures; the model's name and what is counted follow, parted by slashes. */
    static final String NAME = "judge-tokens/";

    private final ModelMap models;
    private Map<String, Usage> told = Map.of();

    JudgeTokens(ModelMap models) {
        this.models = models;
    }

    /** The tokens since the last call, such as {@code judge-tokens/NAME/prompt}; nothing of models that were not asked. */
    Map<String, Double> take() {
        Map<String, Double> since = new LinkedHashMap<>();
        Map<String, Usage> now = models.usage();
        now.forEach((model, usage) -> {
            Usage before = told.getOrDefault(model, Usage.NONE);
            if (!usage.equals(before)) {
                String name = NAME + model;
                since.put(name + "/prompt", (double) (usage.prompt() - before.prompt()));
                since.put(name + "/completion", (double) (usage.completion() - before.completion()));
                since.put(name + "/cached", (double) (usage.cached() - before.cached()));
            }
        });
        told = now;
        return since;
    }
}
