package org.reft4j.server.openai;

import java.util.List;
import java.util.Optional;

/** The names of the models that jobs made: final ones and checkpoints. */
public interface ModelNames {
    /** No model was tuned yet. */
    ModelNames NONE = new ModelNames() {
        @Override
        public List<TunedModel> list(String project) {
            return List.of();
        }

        @Override
        public Optional<TunedModel> find(String project, String name) {
            return Optional.empty();
        }

        @Override
        public boolean delete(String project, String name) {
            return false;
        }
    };

    /**
     * A model that a job made.
     *
     * @param name such as {@code ft:o4-mini:org::1a2b3c4d}
     */
    record TunedModel(String name, long createdMs) {}

    /** Those of a project, the newest first. */
    List<TunedModel> list(String project);

    Optional<TunedModel> find(String project, String name);

    /** Deletes one for good; false if the project has none of that name. */
    boolean delete(String project, String name);
}
