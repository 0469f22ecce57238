package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.server.store.Job;
import org.reft4j.server.store.JobEvent;
import org.reft4j.server.store.JobModel;
import org.reft4j.server.store.JobStatus;
import org.reft4j.server.store.Page;

/** Jobs, events and checkpoints as callers see them. */
final class JobView {
    private static final String METHOD = "method";
    private static final String HYPERPARAMETERS = "hyperparameters";

    private JobView() {}

    /**
     * A job.
     *
     * @param metadata none if empty
     * @param place in the queue; {@code null} if it does not wait
     */
    static ObjectNode job(Job job, Map<String, String> metadata, @Nullable Integer place) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.put("id", job.id()).put("object", "fine_tuning.job").put("created_at", seconds(job.createdMs()));
        json.put("model", job.model()).put("status", job.shown().word());
        json.put("fine_tuned_model", job.fineTunedModel().orElse(null));
        time(json, "finished_at", job.finishedMs());
        json.set("error", job.failure().<JsonNode>map(JobView::error).orElse(Json.PLAIN.nullNode()));
        json.set(HYPERPARAMETERS, outdated(job.hyperparameters()));
        json.set(METHOD, method(job));
        json.put("training_file", job.trainingFile());
        json.put("validation_file", job.validationFile().orElse(null));
        ArrayNode results = json.putArray("result_files");
        job.resultFile().ifPresent(results::add);
        if (job.trainedTokens() > 0) {
            json.put("trained_tokens", job.trainedTokens());
        } else {
            json.putNull("trained_tokens");
        }
        json.put("organization_id", job.project()).put("seed", job.seed());
        time(json, "estimated_finish", estimated(job));
        json.set("integrations", echoed(job.body(), "integrations"));
        if (metadata.isEmpty()) {
            json.putNull("metadata");
        } else {
            metadata.forEach(json.putObject("metadata")::put);
        }
        json.set("user_provided_suffix", echoed(job.body(), "suffix"));
        ObjectNode usage = json.putObject("usage_metrics");
        usage.put("training_seconds", job.trainedSeconds()).put("trained_tokens", job.trainedTokens());
        json.put("shared_with_openai", false);
        if (job.method().equals(JobRequest.REINFORCEMENT)) {
            json.put("eval_id", EvalRoutes.evalId(job.id()));
        }
        ObjectNode own = json.putObject("reft4j");
        own.put("step", job.step()).put("steps", job.steps()).put("attempt", job.attempt());
        own.put("queue_place", place);
        own.set("settings", shown(job));
        return json;
    }

    /** The settings of the run, without places on the server. */
    private static JsonNode shown(Job job) {
        if (job.settings().isEmpty()) {
            return Json.PLAIN.nullNode();
        }
        ObjectNode settings = job.settings().get().deepCopy();
        for (String key :
                new String[] {"model.path", "data.path", "data.validation", "samples.path", "models", "grader"}) {
            settings.remove(key);
        }
        return settings;
    }

    /** The three of supervised training, which strict clients expect of every job. */
    private static ObjectNode outdated(ObjectNode hyperparameters) {
        ObjectNode three = Json.PLAIN.createObjectNode();
        for (String name : new String[] {"batch_size", "learning_rate_multiplier", "n_epochs"}) {
            three.set(name, hyperparameters.path(name));
        }
        return three;
    }

    private static ObjectNode method(Job job) {
        ObjectNode method = Json.PLAIN.createObjectNode().put("type", job.method());
        ObjectNode described = method.putObject(job.method());
        JsonNode sent = job.body().path(METHOD).path(job.method());
        sent.properties().forEach(entry -> described.set(entry.getKey(), entry.getValue()));
        if (job.method().equals(JobRequest.REINFORCEMENT) && !described.has("response_format")) {
            described.putNull("response_format");
        }
        described.set(HYPERPARAMETERS, job.hyperparameters());
        return method;
    }

    private static ObjectNode error(Job.Failure failure) {
        return Json.PLAIN
                .createObjectNode()
                .put("code", failure.code())
                .put("message", failure.message())
                .put("param", failure.param());
    }

    private static long estimated(Job job) {
        boolean known = job.status() == JobStatus.RUNNING && job.step() > 0 && job.steps() > job.step();
        return known
                ? System.currentTimeMillis()
                        + (long) (1000 * job.trainedSeconds() / job.step() * (job.steps() - job.step()))
                : 0;
    }

    private static JsonNode echoed(ObjectNode body, String field) {
        return body.has(field) ? body.path(field) : Json.PLAIN.nullNode();
    }

    private static void time(ObjectNode json, String name, long ms) {
        if (ms > 0) {
            json.put(name, seconds(ms));
        } else {
            json.putNull(name);
        }
    }

    static long seconds(long ms) {
        return ms / 1000;
    }

    static ObjectNode event(JobEvent event) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.put("id", event.id()).put("object", "fine_tuning.job.event");
        json.put("created_at", seconds(event.createdMs()));
        json.put("level", event.level().word()).put("message", event.message()).put("type", event.type());
        json.set("data", event.data() == null ? Json.PLAIN.nullNode() : event.data());
        return json;
    }

    static ObjectNode checkpoint(JobModel model) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.put("id", model.id()).put("object", "fine_tuning.job.checkpoint");
        json.put("created_at", seconds(model.createdMs()));
        json.put("fine_tuned_model_checkpoint", model.name()).put("fine_tuning_job_id", model.job());
        json.put("step_number", model.step());
        json.set("metrics", model.metrics());
        return json;
    }

    /** A list with {@code has_more}, and with the ids at its ends where the API has them. */
    static <T> ObjectNode list(Page<T> page, Function<T, ObjectNode> each, boolean ends) {
        ObjectNode json = Json.PLAIN.createObjectNode().put("object", "list");
        ArrayNode data = json.putArray("data");
        page.items().forEach(item -> data.add(each.apply(item)));
        if (ends) {
            json.set(
                    "first_id",
                    data.isEmpty() ? Json.PLAIN.nullNode() : data.get(0).path("id"));
            json.set(
                    "last_id",
                    data.isEmpty()
                            ? Json.PLAIN.nullNode()
                            : data.get(data.size() - 1).path("id"));
        }
        return json.put("has_more", page.more());
    }
}
