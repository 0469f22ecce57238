package org.reft4j.server.chat;

import java.util.Map;
import java.util.Optional;

/** Finds the model that a client means by a name. */
@FunctionalInterface
public interface ModelPlaces {
    /**
     * The folder, file or name on the hub of a model.
     *
     * @param project whose models are looked at
     * @param name such as a base of the settings, {@code ft:…} or a checkpoint {@code ft:…:ckpt-step-N}
     */
    Optional<String> find(String project, String name);

    /** Bases by the names that the settings give them. */
    static ModelPlaces of(Map<String, String> bases) {
        return (_, name) -> Optional.ofNullable(bases.get(name));
    }

    /** These, and where they know nothing the others. */
    default ModelPlaces or(ModelPlaces others) {
        return (project, name) -> find(project, name).or(() -> others.find(project, name));
    }
}
