package org.reft4j.server.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.reft4j.ground.files.Json;

/** The jobs of the service, as the dashboard asks for them. A run that the command line made is not among them. */
public interface JobTable {
    /** A service without jobs, such as one that only shows runs. */
    JobTable NONE = new JobTable() {
        @Override
        public List<Entry> list(String project) {
            return List.of();
        }

        @Override
        public Optional<Entry> find(String project, String id) {
            return Optional.empty();
        }

        @Override
        public List<Happening> events(String job, int limit) {
            return List.of();
        }

        @Override
        public Map<String, String> checkpoints(String job) {
            return Map.of();
        }
    };

    /**
     * A job.
     *
     * @param status in the words of the API, such as {@code queued}
     * @param method such as {@code reinforcement}
     * @param model the name of the model that training begins from
     * @param place in the queue, from 1
     * @param attempts number of workers that it has had
     * @param result the name of the trained model
     * @param chosen the step that it is of
     * @param folder of its run, once it has one
     * @param request as it was sent, in JSON
     */
    record Entry(
            String id,
            String status,
            String method,
            String model,
            Optional<String> suffix,
            Instant created,
            Optional<Instant> started,
            Optional<Instant> finished,
            OptionalInt place,
            int attempts,
            Optional<String> error,
            Optional<String> result,
            OptionalInt chosen,
            Optional<Path> folder,
            String request) {
        /** The request as a value. */
        JsonNode asked() {
            try {
                return Json.PLAIN.readTree(request);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("the request of job " + id + " is not JSON", e);
            }
        }
    }

    /**
     * Something that happened to a job.
     *
     * @param level {@code info}, {@code warn} or {@code error}
     */
    record Happening(Instant at, String level, String message) {}

    /** The jobs of a project, newest first. */
    List<Entry> list(String project);

    Optional<Entry> find(String project, String id);

    /** The newest events of a job, newest first. */
    List<Happening> events(String job, int limit);

    /** The names of the models that a job's checkpoints are, by their step. */
    Map<String, String> checkpoints(String job);
}
