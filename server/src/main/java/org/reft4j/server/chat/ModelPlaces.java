package org.reft4j.server.chat;

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
}
