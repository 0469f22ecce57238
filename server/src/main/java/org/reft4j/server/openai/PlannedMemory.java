package org.reft4j.server.openai;

import java.util.List;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.plan.TrainingPlan;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.RecipeConfig;

/** The memory that a job's worker is planned to take, as {@code reft train --explain} tells it. */
final class PlannedMemory {
    private static final String AUTO = "auto";

    private PlannedMemory() {}

    /**
     * An upper value for the process.
     *
     * @param most bytes that a job may ever have; 0 if that is for others to say
     * @throws org.reft4j.train.ConfigException if it needs more, whatever else runs
     */
    static long bytes(RecipeConfig config, long most) {
        ModelSizes sizes = ModelSources.sizes(config.model());
        // Its worker measures which type of products is faster; the larger plan covers both.
        String type = config.model().compute();
        List<MemoryPlan> plans = (type.equals(AUTO) ? List.of("f32", "bf16") : List.of(type))
                .stream()
                        .map(each -> ModelSources.place(config.model().device(), each, sizes))
                        .map(place -> MemoryPlan.of(config, sizes, place))
                        .toList();
        if (most > 0) {
            plans.stream()
                    .min((one, other) -> Long.compare(one.totalBytes(), other.totalBytes()))
                    .orElseThrow()
                    .requireRoom(config, most, Long.MAX_VALUE);
        }
        return plans.stream()
                .mapToLong(plan -> TrainingPlan.processBytes(plan) + plan.heap())
                .max()
                .orElseThrow();
    }
}
