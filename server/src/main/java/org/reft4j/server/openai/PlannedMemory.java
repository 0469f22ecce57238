package org.reft4j.server.openai;

import java.util.List;
import java.util.Locale;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.plan.TrainingPlan;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.RecipeConfig;

/** The memory that a job's worker is planned to take, as {@code reft train --explain} tells it. */
final class PlannedMemory {
    private static final String AUTO = "AUTO";

    private PlannedMemory() {}

    /**
     * An upper value for the process.
     *
     * @param most bytes that a job may ever have; 0 if that is for others to say
     * @throws org.reft4j.train.ConfigException if it needs more, whatever else runs
     */
    static long bytes(RecipeConfig config, long most) {
        ModelSizes sizes = ModelSources.sizes(config.model());
        String compute = config.model().compute().toUpperCase(Locale.ROOT);
        // Its worker measures which type of products is faster; the larger plan covers both. A device's own memory is
        // its worker's to look at.
        List<DType> types = compute.equals(AUTO) ? List.of(DType.F32, DType.BF16) : List.of(DType.valueOf(compute));
        List<MemoryPlan> plans = types.stream()
                .map(type -> MemoryPlan.of(config, sizes, Place.host(type)))
                .toList();
        if (most > 0 && List.of("auto", "cpu").contains(config.model().device())) {
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
