package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.http.ApiError;

/**
 * A learner of a client, by what outlives it: {@code run.json} in its folder.
 *
 * @param id its model id too
 * @param base name of the base model, as the client said it
 * @param metadata of the client, or {@code null}
 */
record Run(
        String id,
        String project,
        String session,
        String base,
        int rank,
        boolean attention,
        boolean mlp,
        long createdMs,
        @Nullable JsonNode metadata) {

    /** The engine's name of the learner. */
    String learner() {
        return "learner/" + id;
    }

    /**
     * A checkpoint of a run, by {@code saved.json} in its folder.
     *
     * @param kind {@code weights}, with the optimiser's state, or {@code sampler_weights}
     * @param expiresMs 0 for never
     */
    record Saved(
            String run,
            String kind,
            String name,
            long createdMs,
            long expiresMs,
            long bytes,
            @Nullable JsonNode metadata) {
        Address address() {
            return new Address(run, kind, name);
        }
    }

    /** A checkpoint's place, {@code tinker://RUN/weights/NAME}. Its parts are harmless as names of folders. */
    record Address(String run, String kind, String name) {
        static final String TRAINING = "weights";
        static final String SAMPLER = "sampler_weights";
        private static final Pattern RUN = Pattern.compile("(?:run|ses)-[0-9A-Za-z]{1,64}(?::train:[0-9]{1,10})?");
        private static final Pattern NAME = Pattern.compile("[0-9A-Za-z_-][0-9A-Za-z._-]{0,127}");
        private static final Pattern PATH = Pattern.compile("tinker://([^/]+)/(weights|sampler_weights)/([^/]+)");

        Address {
            if (!RUN.matcher(run).matches()) {
                throw ApiError.missing("model_id", "model_not_found", "There is no training run of this name.");
            }
            if (!NAME.matcher(name).matches()) {
                throw ApiError.invalid(
                        "path",
                        "A checkpoint's name has up to 128 letters, digits, dots, hyphens and underscores, and does not begin with a"
                                + " dot.");
            }
        }

        /** @throws ApiError if the text is no such path */
        static Address of(String path) {
            Matcher matcher = PATH.matcher(path);
            if (!matcher.matches()) {
                throw ApiError.invalid(
                        "path", "Expected a path like tinker://RUN/weights/NAME; save_weights gives one.");
            }
            return new Address(matcher.group(1), matcher.group(2), matcher.group(3));
        }

        /** @param checkpoint such as {@code weights/NAME} */
        static Address of(String run, String checkpoint) {
            return of("tinker://" + run + "/" + checkpoint);
        }

        @Override
        public String toString() {
            return "tinker://" + run + "/" + kind + "/" + name;
        }
    }
}
