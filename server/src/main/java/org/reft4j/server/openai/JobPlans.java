package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.Jobs;
import org.reft4j.server.worker.EngineJvm;
import org.reft4j.server.worker.JobFolder;
import org.reft4j.server.worker.PlanMain;
import org.reft4j.server.worker.RunSettings;
import org.reft4j.train.ConfigException;

/** Plans of jobs that are not created: memory, time and lengths, or the reason of a refusal, in the words of {@code reft train --explain}. */
public final class JobPlans {
    /** A model of some billions is loaded and measured within it. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path data;
    private final JobPreparation preparation;
    private final List<String> java;
    /** One at a time: each loads a model. */
    private final Semaphore turn = new Semaphore(1);

    /**
     * @param data the service's data folder
     * @param java options of the JVM, as workers have them
     */
    public JobPlans(Path data, JobPreparation preparation, List<String> java) {
        this.data = data;
        this.preparation = preparation;
        this.java = List.copyOf(java);
    }

    public Map<String, Endpoint> handlers() {
        return Map.of("planJob", this::plan);
    }

    private Reply plan(Call call) {
        ObjectNode body = call.body();
        JobRequest request = JobRequest.of(body);
        OwnSettings.check(request.own(), request.method());
        if (!turn.tryAcquire()) {
            throw new ApiError(
                    429,
                    "requests",
                    null,
                    "plan_under_way",
                    "Another plan is being worked out; ask again in a minute.");
        }
        JobFolder folder = new JobFolder(data, "plan-" + Jobs.newId());
        try {
            JobTranslation translation = preparation.planned(call.caller().project(), request, folder);
            ObjectNode plan = measured(folder, translation);
            plan.set("hyperparameters", translation.hyperparameters());
            translation.remarks().forEach(plan.withArray("warnings")::add);
            return Reply.json(plan);
        } catch (ConfigException e) {
            return Reply.json(Json.PLAIN.createObjectNode().put("refused", e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot plan a job", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while planning a job", e);
        } finally {
            turn.release();
            drop(folder.folder());
        }
    }

    private ObjectNode measured(JobFolder folder, JobTranslation translation) throws IOException, InterruptedException {
        Path settings = folder.folder().resolve("settings.yaml");
        Path found = folder.folder().resolve("plan.json");
        Files.writeString(settings, RunSettings.document(translation.settings()));
        Process process = EngineJvm.of(
                        PlanMain.class,
                        java,
                        List.of(settings.toString(), folder.run().toString(), found.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.log().toFile())
                .start();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return Json.PLAIN
                        .createObjectNode()
                        .put(
                                "unknown",
                                "Memory and time could not be worked out within " + PATIENCE.toMinutes()
                                        + " minutes: this machine is busy, or the model is large for it.");
            }
        } finally {
            process.destroyForcibly();
        }
        if (!Files.exists(found)) {
            return Json.PLAIN
                    .createObjectNode()
                    .put(
                            "unknown",
                            "Memory and time could not be worked out: the process that loaded the model ended by itself,"
                                    + " perhaps for want of memory.");
        }
        JsonNode plan = Json.PLAIN.readTree(found.toFile());
        return (ObjectNode) plan;
    }

    private static void drop(Path folder) {
        try {
            DurableFiles.deleteTree(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
