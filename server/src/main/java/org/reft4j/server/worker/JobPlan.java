package org.reft4j.server.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.reft4j.ground.files.Json;
import org.reft4j.server.store.Job;
import org.reft4j.server.store.JobModel;

/**
 * All about a job that does not change while it trains.
 *
 * @param reinforcement true if a grader pays for what it samples
 * @param interval steps between two measurements, and so between two checkpoints that are kept
 * @param grader the description of its grader; missing without one
 * @param model the name of the model that will come out
 */
record JobPlan(String id, String project, boolean reinforcement, int interval, JsonNode grader, String model) {
    /** Letters of a job's id that make its models' names unlike those of other jobs. */
    private static final int DISTINCT = 8;

    static JobPlan of(Job job) {
        ObjectNode settings = job.settings().orElseThrow();
        String suffix = job.body().path("suffix").asText("");
        return new JobPlan(
                job.id(),
                job.project(),
                job.method().equals("reinforcement"),
                settings.path("evaluate.every").asInt(),
                settings.path("grader"),
                name(job.model(), job.project(), suffix, job.id()));
    }

    /** The name of a tuned model: {@code ft:BASE:PROJECT:SUFFIX:ID}. */
    private static String name(String model, String project, String suffix, String job) {
        String base = model.startsWith("ft:") ? model.substring("ft:".length()).split(":", 2)[0] : model;
        String id = job.substring(job.indexOf('-') + 1);
        return "ft:" + base + ":" + project + ":" + suffix + ":"
                + id.substring(0, Math.min(DISTINCT, id.length())).toLowerCase(Locale.ROOT);
    }

    String checkpoint(int step) {
        return model + ":ckpt-step-" + step;
    }

    /** True if the model is measured and kept at the end of a step. */
    boolean measures(int step, int steps) {
        return step > 0 && (step == steps || (interval > 0 && step % interval == 0));
    }

    /** Figures of a checkpoint: those of its step, under the names of both of the API's descriptions. */
    ObjectNode metrics(ObjectNode step) {
        ObjectNode metrics = Json.PLAIN.createObjectNode();
        step.properties().stream()
                .filter(entry -> entry.getValue().isNumber() || entry.getValue().isNull())
                .forEach(entry -> metrics.set(entry.getKey(), entry.getValue()));
        return metrics;
    }

    /** Better by score; among equals the later one, which has learned more. */
    static int worse(JobModel one, JobModel other) {
        int byScore = Double.compare(
                one.score().orElse(Double.NEGATIVE_INFINITY), other.score().orElse(Double.NEGATIVE_INFINITY));
        return byScore != 0 ? byScore : Integer.compare(one.step(), other.step());
    }
}
