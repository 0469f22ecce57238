package org.reft4j.experiment.grid;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.reft4j.train.config.Setting;

/**
 * Models and samples that a run gets from other runs of its experiment, those of other rungs with the same seed.
 *
 * @param model the model that it starts from; empty: as its recipe says
 * @param samples the run whose samples it trains on; empty: as its recipe says
 */
record Links(Optional<Link> model, Optional<Link> samples) {
    /** The key of what a rung with {@code from} gets. */
    static final String MODEL = "model.path";
    /** The key of what a rung with {@code samples} gets. */
    static final String SAMPLES = "samples.path";

    /** One thing that a run gets from another. */
    sealed interface Link {
        Path path();
    }

    /** It is there, at this path. */
    record Made(Path path) implements Link {}

    /** The run that makes it, in this folder, has still to end. */
    record ToCome(Path path) implements Link {}

    /** The links of a run before any other run has ended. */
    static Links toCome(Grid grid, Grid.Cell cell, Path folder) {
        Function<Grid.Cell, Link> link = other -> new ToCome(folder.resolve(other.path()));
        return new Links(grid.origin(cell).map(link), grid.sampled(cell).map(link));
    }

    /** The settings that a run takes them by. */
    List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        model.ifPresent(link -> {
            settings.add(new Setting("model.new", "null"));
            settings.add(setting(MODEL, link));
        });
        samples.ifPresent(link -> settings.add(setting(SAMPLES, link)));
        return settings;
    }

    private static Setting setting(String key, Link link) {
        return new Setting(key, link.path().toAbsolutePath().normalize().toString());
    }

    /** The keys of what is not there yet. */
    Set<String> toCome() {
        return Stream.of(
                        model.filter(ToCome.class::isInstance).map(_ -> MODEL),
                        samples.filter(ToCome.class::isInstance).map(_ -> SAMPLES))
                .flatMap(Optional::stream)
                .collect(Collectors.toSet());
    }
}
