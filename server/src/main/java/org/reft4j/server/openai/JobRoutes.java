package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.Job;
import org.reft4j.server.store.JobEvent;
import org.reft4j.server.store.JobEvent.Draft;
import org.reft4j.server.store.JobEvents;
import org.reft4j.server.store.JobModel;
import org.reft4j.server.store.JobModels;
import org.reft4j.server.store.Jobs;
import org.reft4j.server.store.Page;
import org.reft4j.server.store.StoredFile;
import org.reft4j.server.store.StoredFiles;

/** The routes of fine-tuning jobs. */
public final class JobRoutes {
    private static final int JOBS = 20;
    private static final int MOST = 100;
    private static final Pattern METADATA = Pattern.compile("metadata\\[(.*)]");

    private final Tables tables;
    private final StoredFiles files;
    private final NamedModels models;
    private final GraderForms forms;
    private final GraderRuns graders;
    private final Runnable nudge;

    /** The tables of jobs. */
    public record Tables(Jobs jobs, JobEvents events, JobModels models) {}

    /** @param nudge called when there may be something to do */
    public JobRoutes(
            Tables tables,
            StoredFiles files,
            NamedModels models,
            GraderForms forms,
            GraderRuns graders,
            Runnable nudge) {
        this.tables = tables;
        this.files = files;
        this.models = models;
        this.forms = forms;
        this.graders = graders;
        this.nudge = nudge;
    }

    public Map<String, Endpoint> handlers() {
        Map<String, Endpoint> handlers = new HashMap<>();
        handlers.put("createFineTuningJob", this::create);
        handlers.put("listFineTuningJobs", this::list);
        handlers.put("retrieveFineTuningJob", call -> Reply.json(json(asked(call))));
        handlers.put("cancelFineTuningJob", call -> change(call, tables.jobs()::cancel, "cancelled"));
        handlers.put("pauseFineTuningJob", call -> change(call, tables.jobs()::pause, "paused"));
        handlers.put("resumeFineTuningJob", call -> change(call, tables.jobs()::resume, "resumed"));
        handlers.put("listFineTuningEvents", this::events);
        handlers.put("listFineTuningJobCheckpoints", this::checkpoints);
        return handlers;
    }

    private ObjectNode json(Job job) {
        return JobView.job(
                job,
                tables.jobs().metadata(List.of(job.id())).getOrDefault(job.id(), Map.of()),
                tables.jobs().place(job).orElse(null));
    }

    private Reply create(Call call) {
        ObjectNode body = call.body();
        JobRequest request = JobRequest.of(body);
        String project = call.caller().project();
        OwnSettings.check(request.own(), request.method());
        if (models.place(project, request.model()).isEmpty()) {
            throw models.missing(project, request.model());
        }
        StoredFile training = file(project, request.trainingFile(), "training_file");
        String other = request.validationFile();
        StoredFile validation = other == null ? null : file(project, other, "validation_file");
        // Amazon's service asks for none; its callers have the last step's model.
        boolean amazons = request.grader().path("type").asText().equals("lambda");
        if (request.method().equals(JobRequest.REINFORCEMENT) && validation == null && !amazons) {
            throw ApiError.invalid(
                    "validation_file",
                    "Reinforcement fine-tuning needs a validation file: the best checkpoints are chosen by it.");
        }
        int seed = request.seed().orElseGet(() -> (int) (Secrets.number() >>> 33));
        JsonNode grader = request.grader();
        if (request.method().equals(JobRequest.REINFORCEMENT)) {
            grader = forms.ready(grader, "method.reinforcement.grader");
            graders.check(grader, "method.reinforcement.grader");
        }
        // As if all were of usual size: refuses settings that no file makes good, before the job is there.
        RunDocuments.check(JobTranslation.of(
                request, seed, RunDocuments.usual(files.path(training)), grader, forms.judges(grader)));
        String id = Jobs.newId();
        Job job = tables.jobs()
                .create(
                        new Jobs.Draft(
                                id,
                                project,
                                body,
                                request.method(),
                                request.model(),
                                request.trainingFile(),
                                other,
                                seed,
                                request.hyperparameters().values(),
                                request.metadata()),
                        List.of(
                                Draft.info("Created fine-tuning job: " + id),
                                Draft.info("Validating training file: " + request.trainingFile()
                                        + (other == null ? "" : " and validation file: " + other))));
        nudge.run();
        return Reply.json(json(job));
    }

    private StoredFile file(String project, String id, String param) {
        StoredFile file = files.find(project, id)
                .orElseThrow(() -> ApiError.invalid(param, "'" + param + "': no such File object: " + id + "."));
        if (!file.purpose().equals("fine-tune")) {
            throw ApiError.invalid(
                    param,
                    "'" + param + "': the file " + id + " has the purpose " + file.purpose()
                            + "; upload it with the purpose fine-tune.");
        }
        return file;
    }

    private Job asked(Call call) {
        String id = call.path("fine_tuning_job_id");
        return tables.jobs().find(call.caller().project(), id).orElseThrow(() -> missing("fine_tune_id", id));
    }

    static ApiError missing(String param, String id) {
        return ApiError.missing(param, "fine_tune_not_found", "Could not find fine tune: " + id);
    }

    private Reply change(Call call, BiFunction<String, String, Optional<Job>> change, String word) {
        Job before = asked(call);
        Optional<Job> changed = change.apply(call.caller().project(), before.id());
        if (changed.isEmpty()) {
            // Not 409, which every client sends again.
            throw ApiError.invalid(
                    "fine_tune_id",
                    "Job " + before.id() + " is " + asked(call).shown().word() + " and cannot be " + word + ".");
        }
        nudge.run();
        return Reply.json(json(changed.get()));
    }

    private Reply list(Call call) {
        String project = call.caller().project();
        Job after = call.query("after")
                .map(id -> tables.jobs().find(project, id).orElseThrow(() -> missing("after", id)))
                .orElse(null);
        Page<Job> page = tables.jobs().list(project, filter(call.query()), after, limit(call, JOBS));
        Map<String, Map<String, String>> metadata =
                tables.jobs().metadata(page.items().stream().map(Job::id).toList());
        return Reply.json(JobView.list(
                page,
                job -> JobView.job(
                        job,
                        metadata.getOrDefault(job.id(), Map.of()),
                        tables.jobs().place(job).orElse(null)),
                false));
    }

    private static Jobs.Filter filter(Map<String, List<String>> query) {
        Map<String, String> metadata = new HashMap<>();
        query.forEach((name, values) -> {
            Matcher matcher = METADATA.matcher(name);
            if (matcher.matches()) {
                metadata.put(matcher.group(1), values.getFirst());
            }
        });
        boolean none = query.getOrDefault("metadata", List.of()).contains("null");
        if (none && !metadata.isEmpty()) {
            throw ApiError.invalid("metadata", "Give metadata=null or metadata[name]=value, not both.");
        }
        return new Jobs.Filter(metadata, none);
    }

    private Reply events(Call call) {
        Job job = asked(call);
        JobEvent after = call.query("after")
                .map(id -> tables.events().find(job.id(), id).orElseThrow(() -> noSuch("event", id)))
                .orElse(null);
        return Reply.json(
                JobView.list(tables.events().list(job.id(), after, limit(call, JOBS)), JobView::event, false));
    }

    private Reply checkpoints(Call call) {
        Job job = asked(call);
        JobModel after = call.query("after")
                .map(id -> tables.models().checkpoint(job.id(), id).orElseThrow(() -> noSuch("checkpoint", id)))
                .orElse(null);
        return Reply.json(JobView.list(
                tables.models().checkpoints(job.id(), after, limit(call, JOBS / 2)), JobView::checkpoint, true));
    }

    private static ApiError noSuch(String what, String id) {
        return ApiError.missing("after", null, "The job has no " + what + " " + id + ".");
    }

    static int limit(Call call, int byDefault) {
        return FileFields.number(call.query("limit").orElse(null), "limit", 1, MOST, byDefault);
    }
}
